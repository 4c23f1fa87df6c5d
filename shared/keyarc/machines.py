"""The machines of a person: CI jobs and servers that read some of their vaults by a token.

A machine's keys are made here, and it is added to each vault's history by its owner: whoever reads
that history sees which machines read the vault, and since when.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from .account_keys import Identity
from .answers import field, items, text
from .client import REBASES, Client
from .commits import Add, Commit, How, Op, Remove, Role, State, apply, write
from .encoding import Broken, b64, parse_id
from .errors import Conflict, Failure, NotFound, Unreachable
from .http import Answer, refuse
from .keyring import Keyring
from .machine_entrance import KEYSET, by_token
from .machine_keys import MachineToken
from .moments import moment, moment_or_none
from .opened import Opened
from .roster_changes import Plan, RosterEdit, change_roster, keys_in_use, pause
from .sync import VaultView

PATH = "/api/account/machine-tokens"
KEEPERS = {Role.OWNER, Role.ADMIN}
FIRST = 1  # revision of a machine's keyring


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine token as the server lists it; times as the server writes them (RFC 3339)."""

    machine_id: UUID
    name: str
    vaults: tuple[UUID, ...]
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None
    expired: bool

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read one of ``GET /api/account/machine-tokens``."""
        expired = field(media, "expired")
        if not isinstance(expired, bool):
            raise Broken
        return cls(
            machine_id=parse_id(field(media, "machine_id")),
            name=text(media, "name"),
            vaults=tuple(items(media, "vaults", parse_id)),
            created_at=moment(media, "created_at"),
            expires_at=moment_or_none(media, "expires_at"),
            last_used_at=moment_or_none(media, "last_used_at"),
            revoked_at=moment_or_none(media, "revoked_at"),
            expired=expired,
        )

    @property
    def state(self) -> str:
        """Give ``active``, ``expired`` or ``revoked``."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expired else "active"


def log_in(server: str, token: str, *, plain_http: bool = False) -> Client:
    """Give the client of the machine whose *token* it is; it can read, and keeps nothing."""
    entered = by_token(server, token, plain_http=plain_http)
    with entered.transport.closed_on_failure():
        return Client(Opened.of(entered))


def machines(client: Client) -> list[Machine]:
    """Give every machine token of this account, the revoked ones too."""
    return items(client.opened.connection.get(PATH), "items", Machine.of)


def create(
    client: Client, name: str, vault_ids: Sequence[UUID], expires_at: datetime | None = None
) -> str:
    """Make a machine that reads these vaults; takes a fresh proof (proofs.py). Give its token.

    The token is nowhere else: who loses it makes another.
    """
    token = MachineToken.make()
    identity = Identity.make(token.machine_id)
    added = Add(identity.idcert(), Role.VIEWER, How.MACHINE)
    client.vaults()  # brings the certificates that their histories are verified by
    for attempt in range(REBASES):
        changes = [_Change.of(client, client.sync(one), added) for one in vault_ids]
        body = {
            "machine_id": str(token.machine_id),
            "name": name,
            "auth": b64(token.auth),
            "identity": b64(identity.seal(token.user_key, KEYSET)),
            "idcert": b64(added.idcert.raw),
            "keyring": b64(_keyring(changes).seal(token.user_key, token.machine_id, FIRST)),
            "expires_at": None if expires_at is None else expires_at.isoformat(),
            "commits": [change.body for change in changes],
        }
        if _send(client, body, token.machine_id):
            for change in changes:
                change.keep(client)
            return token.show()
        pause(attempt)
    raise Conflict("others keep changing these vaults: try again")


def find(client: Client, name: str) -> Machine:
    """Give the machine of that name, or that id, which is not wholly gone yet."""
    named = [one for one in machines(client) if name in {one.name, str(one.machine_id)}]
    found = [one for one in named if one.state != "revoked" or one.vaults]
    if not found:
        over = " that still works" if named else ""
        raise NotFound(f"there is no machine token {name}{over}")
    return found[-1]


def revoke(client: Client, machine: Machine) -> list[UUID]:
    """End a machine's token at once, then take it out of its vaults, which get new keys.

    Give the vaults that it could not be taken out of: there the token opens nothing either.
    """
    client.opened.connection.post(f"{PATH}/{machine.machine_id}", None, method="DELETE", status=204)
    client.vaults()
    left = []
    for vault_id in machine.vaults:
        try:
            change_roster(client, vault_id, _without(machine.machine_id))
        except Failure:
            left.append(vault_id)
    return left


def _without(machine_id: UUID) -> Plan:
    """Plan its removal; who copied its keys opens nothing that is written from then on."""

    def plan(view: VaultView) -> RosterEdit | None:
        if machine_id not in view.state.roster:
            return None
        return RosterEdit((Remove(machine_id),), rotates=True)

    return plan


@dataclass(frozen=True, slots=True)
class _Change:
    """A commit on a vault's head, and what follows from it."""

    commit: Commit
    after: State
    keys: dict[int, bytes]

    @classmethod
    def of(cls, client: Client, view: VaultView, op: Op) -> Self:
        """Sign *op* on the vault as it stands."""
        author = client.opened.keys
        member = view.state.roster.get(author.user_id)
        if member is None or member.role not in KEEPERS:
            raise Failure(f"what machines read {view.vault_id} is up to its owners and admins")
        commit = write(view.state, author.identity, time.time_ns() // 1_000_000, [op])
        after = view.state.draft([op])
        apply(after, commit)
        return cls(commit, after, keys_in_use(view))

    @property
    def body(self) -> dict[str, str]:
        """The commit as it is sent."""
        return {
            "vault_id": str(self.commit.vault_id),
            "commit": b64(self.commit.raw),
            "signature": b64(self.commit.signature),
        }

    def keep(self, client: Client) -> None:
        """Pin what the server has taken."""
        passed = {self.commit.seq: self.commit.hash}
        client.opened.keyring.raise_pin(self.after, passed)


def _keyring(changes: Sequence[_Change]) -> Keyring:
    """Return the machine's first keyring: keys in use, and pins at which it is a member."""
    keyring = Keyring()
    for change in changes:
        for epoch, key in change.keys.items():
            keyring.add_vault_key(change.after.vault_id, epoch, key)
        keyring.pin(change.after)
    return keyring


def _send(client: Client, body: dict[str, Any], machine_id: UUID) -> bool:
    """Make the machine; False where somebody else changed a vault first."""
    try:
        answer = client.opened.connection.ask("POST", PATH, body)
    except Unreachable:
        if _is_made(client, machine_id):
            return True
        raise
    if answer.status == 201 or (answer.status != 409 and _is_made(client, machine_id)):
        return True
    if answer.problem == "stale-head":
        return False
    raise _refused(answer, str(body["name"]))


def _is_made(client: Client, machine_id: UUID) -> bool:
    """Tell whether it was the answer that was lost, and not the request."""
    return any(one.machine_id == machine_id for one in machines(client))


def _refused(answer: Answer, name: str) -> Failure:
    if answer.problem == "name-taken":
        return Conflict(f"there is a machine token {name} already: revoke it, or take another name")
    if answer.problem == "invalid":
        return Failure("the server takes no such name (at most 100 characters) or time of expiry")
    return refuse(answer)
