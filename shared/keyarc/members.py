"""Who is of a vault, and changes of that, by people whose identity was made sure of.

Who they are, with which role and keys, is what the vault's signed history says. Addresses of
people whom the keyring does not know, and when they came, are only what the server says.
"""

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from .answers import field as take
from .answers import items
from .client import Client
from .commits import Add, How, Op, Remove, Role, SetRole
from .directory import OtherKeys
from .encoding import Broken, parse_id
from .errors import Conflict, NotFound
from .history import read_log
from .identity import IdCert
from .memories import Known
from .moments import moment
from .roster_changes import Plan, RosterEdit, change_roster
from .sync import VaultView
from .words import words_of_idcert


@dataclass(frozen=True)
class Member:
    """Somebody of a vault. *verified* is ``self``, ``link``, ``words`` or None.

    *said* tells that *email* is only the server's word; *machine* and *joined_at* always are.
    *called* is another address by which the server knows them, or empty.
    """

    user_id: UUID
    role: Role
    email: str
    said: bool
    verified: str | None
    machine: bool
    joined_at: str
    called: str
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
    """Give the member of that address or id; an address that was verified here counts first.

    `OtherKeys` where somebody else is known by an address that the server tells of a member.
    """
    everyone = members(client, vault_id)
    wanted = name.strip().lower()
    found = [one for one in everyone if str(one.user_id) == wanted]
    found = found or [one for one in everyone if one.email.lower() == wanted and not one.said]
    found = found or [one for one in everyone if one.email.lower() == wanted]
    if not found:
        raise NotFound(f"there is no member {name} in this vault")
    if len(found) > 1:
        raise Conflict(f"{name} means several members: give the id that --json shows")
    (member,) = found
    people = client.opened.keyring.keyring.people.values()
    others = [one for one in people if one.email.lower() == wanted]
    if member.said and any(one.idcert.user_id != member.user_id for one in others):
        raise OtherKeys(wanted, member.idcert)
    return member


def remember(client: Client, member: Member, *, compared: bool) -> None:
    """Know a member by the address that one said yes to, or *compared* words for."""
    saved = client.opened.keyring
    if compared:
        saved.keyring.meet(member.idcert, member.email)
        saved.save()
    elif member.said and member.verified is not None:
        saved.keyring.know(member.idcert, "link", member.email)
        saved.save()


def add(client: Client, vault_id: UUID, person: Known, role: Role) -> None:
    """Add somebody who was verified, now or before; they have to say yes themselves."""
    how = How.WORDS if person.verified == "words" else How.LINK

    def plan(view: VaultView) -> RosterEdit:
        if person.idcert.user_id in view.state.roster:
            raise Conflict(f"{person.email} is a member of this vault already")
        return RosterEdit((Add(person.idcert, role, how),), newcomer=person)

    change_roster(client, vault_id, plan)


def set_role(client: Client, vault_id: UUID, user_id: UUID, role: Role) -> None:
    """Give a member another role; nothing is signed where they have it."""

    def plan(view: VaultView) -> RosterEdit | None:
        edit = _edit(view, user_id, SetRole(user_id, role))
        return None if view.state.roster[user_id].role is role else edit

    change_roster(client, vault_id, plan)


def hand_over(client: Client, vault_id: UUID, user_id: UUID) -> None:
    """Make a member the owner, and oneself an admin, in one change."""
    own = client.opened.keys.user_id
    ops = (SetRole(user_id, Role.OWNER), SetRole(own, Role.ADMIN))
    change_roster(client, vault_id, _on_member(user_id, *ops))


def remove(client: Client, vault_id: UUID, user_id: UUID) -> None:
    """Take somebody out with the machines they added, and change the key in the same commit.

    Of oneself it is `leave`: a key that one has made oneself would shut nobody out.
    """
    if user_id == client.opened.keys.user_id:
        leave(client, vault_id)
        return

    def plan(view: VaultView) -> RosterEdit:
        staying = view.state.roster.keys() - {user_id}
        machines = _machines_of_others(client, vault_id, staying)
        ops = [Remove(one) for one in (user_id, *machines - {user_id})]
        return _edit(view, user_id, *ops, rotates=True)

    change_roster(client, vault_id, plan)


def _machines_of_others(client: Client, vault_id: UUID, staying: Container[UUID]) -> set[UUID]:
    """Give the machines of a vault that somebody added who does not stay: they have its keys."""
    log = read_log(client, vault_id)
    found = set()
    for commit in log.commits:
        for op in commit.ops:
            if isinstance(op, Add) and op.how is How.MACHINE and commit.author_id not in staying:
                found.add(op.idcert.user_id)
    return found & log.state.roster.keys()


def leave(client: Client, vault_id: UUID) -> None:
    """Take oneself out; the last owner cannot."""
    own = client.opened.keys.user_id
    change_roster(client, vault_id, _on_member(own, Remove(own)))


def rotate(client: Client, vault_id: UUID) -> None:
    """Change the vault's key: what is written from now on is sealed with the new one.

    Machines of people who have left do not get it.
    """

    def plan(view: VaultView) -> RosterEdit:
        machines = _machines_of_others(client, vault_id, view.state.roster.keys())
        return RosterEdit(tuple(Remove(one) for one in machines), rotates=True)

    change_roster(client, vault_id, plan)


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
    differs = verified != "self" and email and said.email and email.lower() != said.email.lower()
    return Member(
        user_id=user_id,
        role=entry.role,
        email=email or said.email,
        said=not email,
        verified=verified,
        machine=said.machine,
        joined_at=said.joined_at,
        called=said.email if differs else "",
        idcert=idcert,
    )
