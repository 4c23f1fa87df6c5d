"""People with real keys, and vaults whose history they really sign, for the tests of services."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from shared import vault_log
from shared.caller import Actor
from shared.db import Connection
from shared.keyarc.account_keys import Identity
from shared.keyarc.commits import (
    Add,
    Commit,
    Delete,
    Genesis,
    Member,
    Op,
    Profile,
    Put,
    Rekey,
    Remove,
    Role,
    State,
    apply,
    bucket_of,
    build,
    parse,
    write,
)
from shared.keyarc.commits.state import bucket_hash
from shared.keyarc.encoding import ObjectType, b64, sha256
from shared.keyarc.identity import IdCert
from shared.vault_contents_sql import Content
from tests.clients import Client

OVERVIEW = ObjectType.SECRET_OVERVIEW
DETAILS = ObjectType.SECRET_DETAILS


def blob(kind: ObjectType, inside: int = 128) -> bytes:
    """Return what no key opens, but what looks like a sealed object to a server."""
    return b"KA" + bytes([1, kind]) + os.urandom(64 + inside + 16)


@dataclass
class Person:
    """Someone with an account and a session."""

    email: str
    identity: Identity = field(default_factory=lambda: Identity.make(uuid4()))
    session_id: UUID = field(default_factory=uuid4)
    keyring: bytes = field(default_factory=lambda: blob(ObjectType.KEYRING))

    @property
    def user_id(self) -> UUID:
        return self.identity.user_id

    @property
    def idcert(self) -> IdCert:
        return self.identity.idcert()

    @property
    def actor(self) -> Actor:
        return Actor(self.user_id, self.session_id, "192.0.2.7")


def person(conn: Connection, email: str | None = None) -> Person:
    """Return someone new whom the database knows."""
    made = Person(email or f"{uuid4().hex}@example.com")
    conn.execute(
        "INSERT INTO users (user_id, email, suite, salt) VALUES (%s, %s, 1, %s)",
        (made.user_id, made.email, os.urandom(16)),
    )
    conn.execute(
        "INSERT INTO identities (user_id, idcert) VALUES (%s, %s)",
        (made.user_id, made.idcert.raw),
    )
    conn.execute(
        "INSERT INTO keyrings (user_id, blob) VALUES (%s, %s)", (made.user_id, made.keyring)
    )
    conn.execute(
        """INSERT INTO sessions (session_id, user_id, device, browser, address, expires_at,
                                 ends_at)
           VALUES (%s, %s, 'a laptop', false, '192.0.2.7', now() + interval '1 hour',
                   now() + interval '1 hour')""",
        (made.session_id, made.user_id),
    )
    return made


@dataclass
class Vault:
    """A vault as the client of its owner knows it; *state* moves with `accept`."""

    owner: Person
    id: UUID = field(default_factory=uuid4)
    profile: bytes = field(default_factory=lambda: blob(ObjectType.VAULT_PROFILE))

    def __post_init__(self) -> None:
        self.state = State(self.id)
        self.url = f"/api/keys/vaults/{self.id}"

    def genesis(self) -> Commit:
        ops = (Genesis(self.owner.idcert, os.urandom(32)), Profile(1, sha256(self.profile)))
        return self.commit(ops)

    def commit(self, ops: Sequence[Op], author: Person | None = None) -> Commit:
        """Return the signed commit of *ops* on the head."""
        return write(self.state, (author or self.owner).identity, now_ms(), ops)

    def accept(self, commit: Commit) -> None:
        """Take over what the server has taken."""
        apply(self.state, commit)

    def send(
        self,
        keys: Client,
        ops: Sequence[Op],
        contents: Sequence[Content] = (),
        author: Person | None = None,
    ) -> Commit:
        """Append a commit by asking the keys service."""
        commit = self.commit(ops, author)
        sender = keys.as_(author or self.owner)
        response = sender.post(f"{self.url}/commits", json=body(commit, contents))
        assert response.status_code == 201, response.text
        self.accept(commit)
        return commit

    def fill(self, keys: Client, number: int, *, inside: int = 128) -> list[Content]:
        """Put *number* new secrets in one commit."""
        pairs = [self.put(uuid4(), inside=inside) for _ in range(number)]
        contents = [content for _, content in pairs]
        self.send(keys, [put for put, _ in pairs], contents)
        return contents

    def change(self, keys: Client, secret_id: UUID) -> Content:
        """Put another version of a secret."""
        put, content = self.put(secret_id)
        self.send(keys, [put], [content])
        return content

    def forge(self, ops: Sequence[Op], author: Person | None = None, **fields: Any) -> Commit:
        """Return what no client of ours would sign; *fields* replace those of an honest commit."""
        raw = self.raw(ops, author, **fields)
        return parse(raw, (author or self.owner).identity.sign(raw))

    def raw(self, ops: Sequence[Op], author: Person | None = None, **fields: Any) -> bytes:
        """Return the bytes of a commit that need not be allowed, nor even be one."""
        identity = (author or self.owner).identity
        honest: dict[str, Any] = {
            "vault_id": self.id,
            "seq": self.state.seq + 1,
            "prev": self.state.head,
            "time_ms": now_ms(),
            "author_id": identity.user_id,
            "author_key_epoch": identity.key_epoch,
            "state": self._outcome(ops).hash(),
            "ops": ops,
        }
        return build(**honest | fields)

    def _outcome(self, ops: Sequence[Op]) -> State:
        """Return the state after *ops*, asking nobody whether they are allowed."""
        draft = self.state.draft(ops)
        assert draft.buckets is not None
        for op in ops:
            match op:
                case Put() | Delete():
                    secrets = draft.secrets[bucket_of(op.secret_id)]
                    secrets.pop(op.secret_id, None)
                    secrets |= {op.secret_id: op} if isinstance(op, Put) else {}
                    draft.buckets[bucket_of(op.secret_id)] = bucket_hash(secrets.values())
                case Remove():
                    draft.roster.pop(op.user_id, None)
                case Add() | Rekey():
                    known = draft.roster.get(op.idcert.user_id)
                    role = op.role if isinstance(op, Add) else known.role if known else Role.VIEWER
                    draft.roster[op.idcert.user_id] = Member(role, op.idcert.hash, op.idcert)
        return draft

    def put(self, secret_id: UUID, *, inside: int = 128) -> tuple[Put, Content]:
        """Return the next version of a secret."""
        content = Content(secret_id, blob(OVERVIEW, inside), blob(DETAILS, inside))
        return self.name(content), content

    def name(self, content: Content) -> Put:
        """Return the op that puts *content*."""
        return Put(
            content.secret_id,
            self.state.next_version(content.secret_id),
            self.state.epoch,
            sha256(content.overview),
            sha256(content.details),
        )

    def delete(self, secret_id: UUID) -> Delete:
        return Delete(secret_id, self.state.next_version(secret_id))

    def admit(self, conn: Connection, newcomer: Person, role: Role) -> None:
        """Make someone a member, as an op of the account service would."""
        conn.execute(
            "INSERT INTO vault_members (vault_id, user_id, role, idcert) VALUES (%s, %s, %s, %s)",
            (self.id, newcomer.user_id, role.value, newcomer.idcert.raw),
        )
        self.state.roster[newcomer.user_id] = Member(role, newcomer.idcert.hash, newcomer.idcert)


def begin(conn: Connection, owner: Person | None = None) -> Vault:
    """Return a new vault that the database knows."""
    vault = Vault(owner or person(conn))
    genesis = vault.genesis()
    vault_log.create(conn, genesis, vault.profile, vault.owner.idcert.raw)
    vault.accept(genesis)
    return vault


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def body(commit: Commit, contents: Sequence[Content] = ()) -> dict[str, Any]:
    """Return a commit as a client posts it."""
    return {
        "commit": b64(commit.raw),
        "signature": b64(commit.signature),
        "blobs": [
            {
                "secret_id": str(content.secret_id),
                "overview": b64(content.overview),
                "details": b64(content.details),
            }
            for content in contents
        ],
    }
