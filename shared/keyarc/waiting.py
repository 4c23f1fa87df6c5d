"""Vaults that somebody added one to: nothing of them is mounted before one has said yes.

Such a vault is read from its genesis on. What is believed hangs on who granted its keys: somebody
whom the keyring knows, or whose seven words were compared now.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from .answers import ListedVault
from .client import REBASES, Client
from .commits import Add, Commit, Genesis, Join, ProfileMark, Rekey, Remove, Role, State, write
from .encoding import Broken, sha256
from .errors import Conflict, Failure, Unsigned
from .following import History
from .granted import open_granted, share_of
from .identity import IdCert
from .memories import Verified
from .roster_changes import pause, post_commit
from .vaults import open_profile
from .words import words_of_idcert


@dataclass(frozen=True)
class Waiting:
    """A vault that waits for a yes; *granter* is whom one believes by that, with today's keys.

    *name* is what the granter calls it, *email* their address as it is known here, or empty.
    *verified* tells how the keyring knows them, or None: then their words have to be compared.
    """

    state: State = field(repr=False)
    role: Role
    granter: IdCert
    verified: Verified | None
    email: str
    name: str
    keys: dict[int, bytes] = field(repr=False)

    @property
    def vault_id(self) -> UUID:
        """The vault's id."""
        return self.state.vault_id

    @property
    def words(self) -> list[str]:
        """The seven words that the granter's own devices show."""
        return words_of_idcert(self.granter)


def waiting(client: Client) -> tuple[list[Waiting], dict[UUID, Broken]]:
    """Give the vaults that wait for a yes, and why others do not open: anybody may send one.

    Those others can be declined, by a client that has not tried to open them.
    """
    client.vaults()
    found, closed = [], dict[UUID, Broken]()
    for vault_id, listed in client.unmounted.items():
        try:
            offer = _waiting(client, listed)
        except Broken as ex:
            closed[vault_id] = ex
        else:
            if offer is not None:
                found.append(offer)
    return found, closed


def accept(client: Client, offer: Waiting, *, compared: bool = False, email: str = "") -> None:
    """Mount a vault; *compared* says that the words of the granter, of that *email*, were."""
    if offer.verified is None and not compared:
        raise Failure("nobody here knows who shared this vault: compare their seven words first")
    saved = client.opened.keyring
    with client.guard(offer.vault_id):
        if compared:
            saved.keyring.meet(offer.granter, email)
        for epoch, vault_key in offer.keys.items():
            saved.keyring.add_vault_key(offer.vault_id, epoch, vault_key)
        saved.pin(offer.state)
        saved.keyring.vaults[offer.vault_id].left = False
        saved.save()


def decline(client: Client, vault_id: UUID) -> None:
    """Take oneself out of a vault that was not accepted."""
    own = client.opened.keys
    for attempt in range(REBASES):
        client.vaults()
        if vault_id not in client.unmounted:
            return
        with client.guard(vault_id):
            state = _replayed(client, client.unmounted[vault_id])[0].state
            if own.user_id not in state.roster:
                return
            now = time.time_ns() // 1_000_000
            commit = write(state, own.identity, now, (Remove(own.user_id),))
            if post_commit(client, f"/api/account/vaults/{vault_id}/commits", commit, {}):
                return
        pause(attempt)
    raise Conflict("others keep changing this vault: try again")


def _waiting(client: Client, listed: ListedVault) -> Waiting | None:
    with client.guard(listed.vault_id):
        history, people = _replayed(client, listed)
        state, own = history.state, client.opened.keys
        member = state.roster.get(own.user_id)
        if member is None:
            return None  # it ended just now
        check_own(state, own.idcert)
        keyring = client.opened.keyring.keyring
        if people.came_by_link(own.user_id):  # with a yes, and was interrupted before the end
            kept = dict(keyring.vaults[state.vault_id].keys)
            name = _name(state, listed, kept)
            return Waiting(state, member.role, own.idcert, "link", "", name, kept)
        sent = share_of(client.opened.connection, state.vault_id)
        keys = open_granted(client.opened, history, sent)
        granter = history.granters[state.epoch]
        known = keyring.people.get(granter.user_id)
        sure = known is not None and people.same(granter, known.idcert)
        verified, email = (known.verified, known.email) if known and sure else (None, "")
        name, today = _name(state, listed, keys), people.latest(granter)
        return Waiting(state, member.role, today, verified, email, name, keys)


def check_own(state: State, own: IdCert) -> None:
    """Refuse a roster that has somebody else's keys in one's own name."""
    if state.roster[own.user_id].idcert_hash != own.hash:
        raise Unsigned


def _replayed(client: Client, listed: ListedVault) -> tuple[History, "_People"]:
    """Verify the whole history of a vault, through one's pin if one was of it before."""
    opened = client.opened
    client.views.certificates.add(listed.idcerts)
    find, own = client.views.certificates.find, opened.keys.user_id
    history = History(opened.connection, State(listed.vault_id), find, own)
    people = _People(history.follow(listed.head))
    before = opened.keyring.keyring.vaults.get(listed.vault_id)
    if before is not None:
        history.check_through(before.pin)
    return history, people


def _name(state: State, listed: ListedVault, keys: dict[int, bytes]) -> str:
    profile = listed.profile
    mark = ProfileMark(profile.epoch, profile.seq, sha256(profile.blob))
    if mark != state.profile or mark.epoch not in keys:
        raise Broken
    return open_profile(state.vault_id, keys[mark.epoch], profile)[0]


class _People:
    """Everyone of a history, in lines of certificates: each is signed by the one before it."""

    def __init__(self, commits: Iterable[Commit]) -> None:
        self._lines: list[list[IdCert]] = []
        self._admitted: dict[UUID, type[object]] = {}
        for commit in commits:
            for op in commit.ops:
                match op:
                    case Genesis() | Add() | Join():
                        self._lines.append([op.idcert])
                        self._admitted[op.idcert.user_id] = type(op)
                    case Rekey():
                        self._line(op.idcert.user_id).append(op.idcert)

    def same(self, one: IdCert, other: IdCert) -> bool:
        """Tell whether both belong to one line of keys."""
        return any(one in line and other in line for line in self._lines)

    def latest(self, idcert: IdCert) -> IdCert:
        """Give the last certificate that an earlier one led to."""
        return next(line[-1] for line in self._lines if idcert in line)

    def came_by_link(self, user_id: UUID) -> bool:
        """Tell whether somebody's last admission was by themselves."""
        return self._admitted.get(user_id) is Join

    def _line(self, user_id: UUID) -> list[IdCert]:
        return next(line for line in reversed(self._lines) if line[0].user_id == user_id)
