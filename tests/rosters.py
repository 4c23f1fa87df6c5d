"""Commits of rosters with all that belongs to them, and the answers of the account service."""

import os
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from falcon.testing import Result

from shared.db import Connection
from shared.keyarc.commits import (
    Add,
    Commit,
    How,
    Invite,
    Join,
    Op,
    Role,
    Rotate,
    State,
    apply,
    join_message,
)
from shared.keyarc.encoding import ObjectType, b64
from shared.vault_roster import Enclosed
from shared.vault_roster_sql import Share
from tests import vaults
from tests.clients import Client
from tests.vaults import Person, Vault

HOUR_MS = 3_600_000


def url(vault: Vault, noun: str = "commits") -> str:
    return f"/api/account/vaults/{vault.id}/{noun}"


def add(person: Person, role: Role = Role.MEMBER) -> Add:
    return Add(person.idcert, role, How.WORDS)


def rotate(vault: Vault) -> Rotate:
    return Rotate(vault.state.epoch + 1, os.urandom(32))


def enclosed(vault: Vault, commit: Commit, profile: bytes | None = None) -> Enclosed:
    """Return what belongs to an honest commit; nobody could open it."""
    after = State(vault.id)
    after.adopt(vault.state.draft(commit.ops))
    apply(after, commit)
    adds = [op for op in commit.ops if isinstance(op, Add)]
    recipients = {op.idcert.user_id for op in adds if op.how is not How.MACHINE}
    if any(isinstance(op, Rotate) for op in commit.ops):
        recipients = after.roster.keys() - {commit.author_id}
    shares = [sealed(commit, recipient_id, after.epoch) for recipient_id in recipients]
    invites = [op.invite_id for op in commit.ops if isinstance(op, Invite)]
    blobs = [(invite_id, vaults.blob(ObjectType.INVITATION)) for invite_id in invites]
    return Enclosed(profile, shares, blobs)


def sealed(commit: Commit, recipient_id: UUID, epoch: int) -> Share:
    return Share(recipient_id, epoch, commit.prev, os.urandom(1176), os.urandom(64))


def body(commit: Commit, sent: Enclosed) -> dict[str, Any]:
    """Return a commit with all that belongs to it, as a client posts it."""
    return signed(commit) | {
        "profile": None if sent.profile is None else b64(sent.profile),
        "shares": [
            {
                "recipient_id": str(share.recipient_id),
                "epoch": str(share.epoch),
                "head": b64(share.head),
                "ciphertext": b64(share.ciphertext),
                "signature": b64(share.signature),
            }
            for share in sent.shares
        ],
        "invitations": [
            {"invite_id": str(invite_id), "blob": b64(blob)} for invite_id, blob in sent.invitations
        ],
    }


def signed(commit: Commit) -> dict[str, Any]:
    return {"commit": b64(commit.raw), "signature": b64(commit.signature)}


def post(
    account: Client, vault: Vault, *ops: Op, author: Person | None = None, **fields: Any
) -> Result:
    """Send an honest commit with what belongs to it, or with other *fields*."""
    commit = vault.commit(ops, author)
    sent = body(commit, enclosed(vault, commit)) | fields
    return account.as_(author or vault.owner).post(url(vault), json=sent)


def change(
    account: Client,
    vault: Vault,
    *ops: Op,
    author: Person | None = None,
    profile: bytes | None = None,
) -> Commit:
    """Append an honest commit by asking the account service."""
    commit = vault.commit(ops, author)
    sent = body(commit, enclosed(vault, commit, profile))
    response = account.as_(author or vault.owner).post(url(vault), json=sent)
    assert response.status_code == 201, response.text
    vault.accept(commit)
    return commit


@dataclass
class Link:
    """An invitation as the holder of its link knows it."""

    role: Role = Role.MEMBER
    expires_ms: int = field(default_factory=lambda: vaults.now_ms() + HOUR_MS)
    invite_id: UUID = field(default_factory=uuid4)
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def op(self) -> Invite:
        public_key = self.key.public_key().public_bytes_raw()
        return Invite(self.invite_id, public_key, self.role, self.expires_ms)

    @property
    def url(self) -> str:
        return f"/api/account/invitations/{self.invite_id}"

    def join(self, vault: Vault, joiner: Person) -> Commit:
        """Return the joiner's signed answer on the head of *vault*."""
        return vault.commit([self.accepted(vault.id, joiner)], joiner)

    def accepted(self, vault_id: UUID, joiner: Person) -> Join:
        message = join_message(vault_id, self.invite_id, joiner.idcert)
        return Join(self.invite_id, joiner.idcert, self.key.sign(message))

    def answer(self, account: Client, vault: Vault, joiner: Person) -> Result:
        """Join by asking the account service."""
        commit = self.join(vault, joiner)
        return account.as_(joiner).post(self.url, json=signed(commit))


def invited(account: Client, vault: Vault, **fields: Any) -> Link:
    """Return a link that the owner has made."""
    link = Link(**fields)
    change(account, vault, link.op)
    return link


def joined(account: Client, vault: Vault, joiner: Person, role: Role = Role.MEMBER) -> Person:
    """Let somebody join by a link."""
    link = invited(account, vault, role=role)
    commit = link.join(vault, joiner)
    response = account.as_(joiner).post(link.url, json=signed(commit))
    assert response.status_code == 201, response.text
    vault.accept(commit)
    return joiner


@dataclass
class Invited:
    """A vault, an admin who has invited somebody, and their link."""

    conn: Connection
    account: Client
    vault: Vault
    inviter: Person
    link: Link

    def change(self, *ops: Op, author: Person | None = None) -> None:
        change(self.account, self.vault, *ops, author=author)

    def use(self) -> None:
        joiner = vaults.person(self.conn)
        assert self.link.answer(self.account, self.vault, joiner).status_code == 201
