"""Who is of a vault, and changes of that, by people whose identity was made sure of.

Who they are, with which role and keys, is what the vault's signed history says. Addresses of
people whom the keyring does not know, and when they came, are only what the server says.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from uuid import UUID

from .answers import field as take
from .answers import items, raw
from .client import Client
from .commits import Add, How, Op, Remove, Role, SetRole
from .encoding import Broken, parse_id
from .errors import Conflict, Failure, NotFound
from .history import read_log
from .identity import IdCert, parse_idcert
from .memories import Known
from .moments import moment
from .noticed import learn
from .roster_changes import Plan, RosterEdit, change_roster
from .sync import VaultView
from .words import words_of_idcert

OTHERS_KEYS = (
    "the server shows other keys for {} than those that were verified here: nothing was sent."
    " Ask them whether they made new keys, and compare the seven words with them"
)


@dataclass(frozen=True)
class Member:
    """Somebody of a vault. *verified* is ``self``, ``link``, ``words`` or None.

    *said* tells that *email* is only the server's word; *machine* and *joined_at* always are.
    """

    user_id: UUID
    role: Role
    email: str
    said: bool
    verified: str | None
    machine: bool
    joined_at: str
    idcert: IdCert = field(repr=False)

    @property
    def words(self) -> list[str]:
        """The seven words that their own devices show."""
        return words_of_idcert(self.idcert)


def members(client: Client, vault_id: UUID) -> list[Member]:
    """Give everyone of a vault, in the order of the server's list."""
    view = client.sync(vault_id)
    said = _said(client, vault_id)
    order = sorted(view.state.roster, key=lambda one: said[one].joined_at if one in said else "")
    return [_member(client, view, user_id, said.get(user_id)) for user_id in order]


def find(client: Client, vault_id: UUID, name: str) -> Member:
    """Give the member of that address or id; an address that was verified here counts first."""
    everyone = members(client, vault_id)
    wanted = name.strip().lower()
    found = [one for one in everyone if str(one.user_id) == wanted]
    found = found or [one for one in everyone if one.email.lower() == wanted and not one.said]
    found = found or [one for one in everyone if one.email.lower() == wanted]
    if not found:
        raise NotFound(f"there is no member {name} in this vault")
    if len(found) > 1:
        raise Conflict(f"{name} means several members: give an id of `keyarc members`")
    return found[0]


def look_up(client: Client, email: str) -> tuple[IdCert, Known | None]:
    """Give the keys that the server names for an address, and whom the keyring knows by it.

    Keys of somebody unknown count for nothing until their words were compared, and so do those of
    somebody who is known by another address: the server might have swapped the two.
    """
    keyring = client.opened.keyring.keyring
    wanted = email.strip().lower()
    try:
        found = client.opened.connection.get(f"/api/account/people?email={quote(wanted)}")
    except NotFound as ex:
        raise NotFound(f"nobody has an account as {wanted}: invite them by link") from ex
    idcert = parse_idcert(raw(found, "idcert"))
    if idcert.user_id != parse_id(take(found, "user_id")):
        raise Broken
    by_email = [one for one in keyring.people.values() if one.email.lower() == wanted]
    if len(by_email) != 1:  # who calls themselves by another's address is neither
        return idcert, None
    if idcert.user_id != by_email[0].idcert.user_id:
        raise Failure(OTHERS_KEYS.format(wanted))
    try:
        learn(keyring, (), idcert, "link", "")
    except Broken:
        raise Failure(OTHERS_KEYS.format(wanted)) from None
    return idcert, keyring.people[idcert.user_id]


def add(client: Client, vault_id: UUID, person: Known, role: Role) -> None:
    """Add somebody who was verified, now or before; they have to say yes themselves."""
    how = How.WORDS if person.verified == "words" else How.LINK

    def plan(view: VaultView) -> RosterEdit:
        if person.idcert.user_id in view.state.roster:
            raise Conflict(f"{person.email} is a member of this vault already")
        return RosterEdit((Add(person.idcert, role, how),), newcomer=person)

    change_roster(client, vault_id, plan)


def set_role(client: Client, vault_id: UUID, user_id: UUID, role: Role) -> None:
    """Give a member another role."""
    change_roster(client, vault_id, _on_member(user_id, SetRole(user_id, role)))


def hand_over(client: Client, vault_id: UUID, user_id: UUID) -> None:
    """Make a member the owner, and oneself an admin, in one change."""
    own = client.opened.keys.user_id
    ops = (SetRole(user_id, Role.OWNER), SetRole(own, Role.ADMIN))
    change_roster(client, vault_id, _on_member(user_id, *ops))


def remove(client: Client, vault_id: UUID, user_id: UUID) -> None:
    """Take somebody out with the machines they added, and change the key in the same commit."""

    def plan(view: VaultView) -> RosterEdit:
        found = [one for one in _machines_of(client, vault_id, user_id) if one in view.state.roster]
        ops = [Remove(one) for one in (user_id, *found)]
        return _edit(view, user_id, *ops, rotates=True)

    change_roster(client, vault_id, plan)


def _machines_of(client: Client, vault_id: UUID, user_id: UUID) -> set[UUID]:
    """Give the machines that somebody added: whoever made one has its keys."""
    commits = read_log(client, vault_id).commits
    ops = [op for commit in commits if commit.author_id == user_id for op in commit.ops]
    return {op.idcert.user_id for op in ops if isinstance(op, Add) and op.how is How.MACHINE}


def leave(client: Client, vault_id: UUID) -> None:
    """Take oneself out; the last owner cannot."""
    own = client.opened.keys.user_id
    change_roster(client, vault_id, _on_member(own, Remove(own)))


def rotate(client: Client, vault_id: UUID) -> None:
    """Change the vault's key: what is written from now on is sealed with the new one."""
    change_roster(client, vault_id, lambda _: RosterEdit(rotates=True))


def _on_member(user_id: UUID, *ops: Op) -> Plan:
    return lambda view: _edit(view, user_id, *ops)


def _edit(view: VaultView, user_id: UUID, *ops: Op, rotates: bool = False) -> RosterEdit:
    if user_id not in view.state.roster:
        raise NotFound("they are not a member of this vault any more")
    return RosterEdit(ops, rotates=rotates)


@dataclass(frozen=True, slots=True)
class _Said:
    """What the server says of a member."""

    email: str
    machine: bool
    joined_at: str


def _said(client: Client, vault_id: UUID) -> dict[UUID, _Said]:
    with client.guard(vault_id):
        media = client.opened.connection.get(f"/api/account/vaults/{vault_id}/members")
        return dict(items(media, "items", _one_said))


def _one_said(media: Any) -> tuple[UUID, _Said]:
    email, machine = take(media, "email"), take(media, "machine")
    if not isinstance(machine, bool) or not (email is None or isinstance(email, str)):
        raise Broken
    return parse_id(take(media, "user_id")), _Said(email or "", machine, moment(media, "joined_at"))


def _member(client: Client, view: VaultView, user_id: UUID, said: _Said | None) -> Member:
    opened, entry = client.opened, view.state.roster[user_id]
    idcert = entry.idcert or client.views.certificates.find(entry.idcert_hash)
    if idcert is None:
        raise Broken
    known = opened.keyring.keyring.people.get(user_id)
    email, verified = "", None
    if user_id == opened.keys.user_id:
        email, verified = opened.keyring.account.email, "self"
    elif known is not None and known.idcert.raw == idcert.raw:
        email, verified = known.email, str(known.verified)
    said = said or _Said("", machine=False, joined_at="")
    return Member(
        user_id=user_id,
        role=entry.role,
        email=email or said.email,
        said=not email,
        verified=verified,
        machine=said.machine,
        joined_at=said.joined_at,
        idcert=idcert,
    )
