"""Changes of who is of a vault: one signed commit, with the shares and invitations it asks for.

Who gets a share is who the signed roster has afterwards, with the certificates that it names; the
server is not asked.
"""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from .answers import field as take
from .client import REBASES, Client
from .commits import Add, Commit, Invite, Op, Profile, Rotate, State, apply, may, write
from .commits.rules import Forbidden
from .encoding import Broken, b64, parse_u64, sha256, unb64
from .errors import Conflict, Failure, KeyMissing, Unreachable
from .http import refuse
from .identity import IdCert
from .invitations import Invitation, InvitationKeys
from .memories import Known, SentInvitation
from .noticed import remember
from .sharing import share
from .sync import VaultView
from .vault_keys import make_vault_key, vk_commit
from .vaults import sealed_profile


@dataclass(frozen=True)
class Link:
    """An invitation to be: its keys, what it gives, and for whom, as far as that is known."""

    keys: InvitationKeys = field(repr=False)
    invite: Invite
    email: str = ""


@dataclass(frozen=True)
class RosterEdit:
    """What is to change; *newcomer* is the person whom one of *ops* adds."""

    ops: tuple[Op, ...] = ()
    rotates: bool = False
    link: Link | None = None
    newcomer: Known | None = None


Plan = Callable[[VaultView], RosterEdit | None]


def keys_in_use(view: VaultView) -> dict[int, bytes]:
    """Give the keys of the epochs that live secrets and the profile use, and the current one."""
    state = view.state
    epochs = {one.put.epoch for one in view.secrets.values()} | {state.epoch}
    if state.profile is not None:
        epochs.add(state.profile.epoch)
    if not epochs <= view.keys.keys():
        raise KeyMissing
    return {epoch: view.keys[epoch] for epoch in sorted(epochs)}


def change_roster(client: Client, vault_id: UUID, plan: Plan) -> VaultView:
    """Make what *plan* wants as one commit; it is asked again on what others wrote in between."""
    sent: set[bytes] = set()
    keyring = client.opened.keyring
    for attempt in range(REBASES):
        view = client.sync(vault_id)
        if sent & set(keyring.seen.get(vault_id, {}).values()):
            return view  # the answer was lost, the commit was not
        edit = plan(view)
        if edit is None:
            return view
        draft = _Draft(client, view, edit)
        sent.add(draft.commit.hash)
        with client.guard(vault_id):
            if draft.send():
                draft.keep()
                return view
        pause(attempt)
    raise Conflict("others keep changing this vault: try again")


def pause(attempt: int) -> None:
    """Wait a moment before the next try, so that writers spread."""
    time.sleep(random.uniform(0, 0.02 * (attempt + 1)))  # noqa: S311 - only spreads writers


def post_commit(client: Client, path: str, commit: Commit, body: Mapping[str, Any]) -> bool:
    """Send a commit with what belongs to it; False where somebody else was first."""
    signed = {"commit": b64(commit.raw), "signature": b64(commit.signature), **body}
    try:
        answer = client.opened.connection.ask("POST", path, signed)
    except Unreachable:
        answer = client.opened.connection.ask("POST", path, signed)  # it is stored only once
    if answer.problem == "stale-head":
        return False
    if answer.status != 201:
        raise refuse(answer)
    said = parse_u64(take(answer.media, "seq")), unb64(take(answer.media, "hash"))
    if said != (commit.seq, commit.hash):
        raise Broken
    return True


class _Draft:
    """The commit of an edit on one view of a vault, and what is sent with it."""

    def __init__(self, client: Client, view: VaultView, edit: RosterEdit) -> None:
        self._client, self._view, self._edit = client, view, edit
        self._own = client.opened.keys.identity
        self._keys = keys_in_use(view)
        self._profile: bytes | None = None
        ops = (*edit.ops, *self._rotation()) if edit.rotates else edit.ops
        self._check(ops)
        now = time.time_ns() // 1_000_000
        try:
            self.commit = write(view.state, self._own, now, ops)
        except Forbidden:
            raise Failure(
                "a vault keeps at least one owner: make somebody else one first"
            ) from None
        self._after: State = view.state.draft(ops)
        apply(self._after, self.commit)

    def send(self) -> bool:
        """Send it; False where somebody else was first. A new key is kept before that."""
        keyring = self._client.opened.keyring
        if self._edit.rotates:
            epoch = self._after.epoch
            keyring.keyring.add_vault_key(self._after.vault_id, epoch, self._keys[epoch])
            keyring.save()
        path = f"/api/account/vaults/{self._after.vault_id}/commits"
        return post_commit(self._client, path, self.commit, self._body())

    def keep(self) -> None:
        """Let the view become what follows, and pin it, with whom and what one has to remember."""
        edit, saved = self._edit, self._client.opened.keyring
        if edit.newcomer is not None:
            remember(saved.keyring, edit.newcomer)
        if edit.link is not None:
            invite = edit.link.invite
            saved.keyring.invitations[invite.invite_id] = SentInvitation(
                self._after.vault_id, invite.role, edit.link.email, invite.expires_ms
            )
        vault = saved.keyring.vaults[self._after.vault_id]
        vault.left = self._own.user_id not in self._after.roster
        self._view.state, self._view.keys = self._after, self._keys | dict(self._view.keys)
        saved.raise_pin(self._after, {self.commit.seq: self.commit.hash})
        self._client.views.keep(self._view)

    def _rotation(self) -> tuple[Op, ...]:
        """Make a new key, and seal the profile with it; whoever joins needs no older one for it."""
        state = self._view.state
        vault = self._client.vault(str(state.vault_id))
        epoch, key = state.epoch + 1, make_vault_key()
        self._profile = sealed_profile(vault, key, epoch, state.seq + 1)
        in_use = {one.put.epoch for one in self._view.secrets.values()}
        self._keys = {one: self._keys[one] for one in sorted(in_use)} | {epoch: key}
        rotate = Rotate(epoch, vk_commit(key, state.vault_id, epoch))
        return (rotate, Profile(epoch, sha256(self._profile)))

    def _check(self, ops: tuple[Op, ...]) -> None:
        state = self._view.state
        member = state.roster.get(self._own.user_id)
        if member is None or not all(may(state, self._own.user_id, op) for op in ops):
            role = "no role" if member is None else f"the role {member.role.name.lower()}"
            raise Failure(f"that takes more than {role}, which you have in this vault")

    def _body(self) -> dict[str, Any]:
        link = self._edit.link
        invitations = [] if link is None else [self._invitation(link)]
        return {
            "profile": None if self._profile is None else b64(self._profile),
            "shares": [self._share(idcert) for idcert in self._recipients()],
            "invitations": invitations,
        }

    def _recipients(self) -> list[IdCert]:
        """Give who must get the keys: after a new one everybody, else who is added."""
        if not self._edit.rotates:
            return [op.idcert for op in self._edit.ops if isinstance(op, Add)]
        find = self._client.views.certificates.find
        others = {
            user_id: member.idcert or find(member.idcert_hash)
            for user_id, member in self._after.roster.items()
            if user_id != self._own.user_id
        }
        if not all(idcert is not None for idcert in others.values()):
            raise Broken
        return [idcert for idcert in others.values() if idcert is not None]

    def _share(self, recipient: IdCert) -> dict[str, str]:
        sent = share(self._own, recipient, self._after.vault_id, self.commit.prev, self._keys)
        return {
            "recipient_id": str(recipient.user_id),
            "epoch": str(sent.epoch),
            "head": b64(sent.head),
            "ciphertext": b64(sent.ciphertext),
            "signature": b64(sent.signature),
        }

    def _invitation(self, link: Link) -> dict[str, str]:
        email, invite = self._client.opened.keyring.account.email, link.invite
        sender = (self._own_idcert(), email, invite.role, invite.expires_ms)
        blob = Invitation(*sender, self._after.public(), self._keys).seal(link.keys)
        return {"invite_id": str(invite.invite_id), "blob": b64(blob)}

    def _own_idcert(self) -> IdCert:
        return self._client.opened.keys.idcert
