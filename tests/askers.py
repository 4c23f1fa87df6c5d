"""Who may stand how to a vault, with which role, and what each of them has besides."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from shared.db import Connection
from shared.keyarc.commits import Remove, Role, SetRole
from shared.keyarc.encoding import b64
from tests import links, machine_tokens, rosters, vaults
from tests.clients import Client
from tests.machine_tokens import Machine
from tests.rosters import Link
from tests.vaults import Person, Vault

MACHINE = "machine"
PEOPLE = ("owner", "admin", "member", "viewer")

BELONGINGS = {
    "credential_id": """
        INSERT INTO passkeys (credential_id, user_id, name, public_key, sign_count)
        VALUES (uuid_send(%(id)s), %(user_id)s, 'a passkey', %(hash)s, 0)""",
    "request_id": """
        INSERT INTO device_requests
               (request_id, user_id, secret_hash, public_key, device, address, expires_at)
        VALUES (%(id)s, %(user_id)s, %(hash)s, %(key)s, 'a phone', '192.0.2.8',
                now() + interval '1 hour')""",
    "session_id": """
        INSERT INTO sessions (session_id, user_id, device, browser, address, expires_at, ends_at)
        VALUES (%(id)s, %(user_id)s, 'a phone', false, '192.0.2.8', now() + interval '1 hour',
                now() + interval '1 hour')""",
}


@dataclass
class Objects:
    """What the path of a route, or its body, can name; the rest is nobody's."""

    vault: Vault
    secret_id: UUID = field(default_factory=uuid4)
    link: Link = field(default_factory=Link)
    ids: dict[str, UUID] = field(default_factory=dict)

    def path(self) -> dict[str, str]:
        """Return the parameters of a path."""
        known = {name: str(self.ids.get(name, uuid4())) for name in NAMES}
        known["credential_id"] = b64(self.ids.get("credential_id", uuid4()).bytes)
        secret = {"secret_id": str(self.secret_id), "version": "1"}
        return known | secret | {"vault_id": str(self.vault.id), "invite_id": self.invite_id}

    @property
    def invite_id(self) -> str:
        return str(self.link.invite_id)


NAMES = (*BELONGINGS, "link_id", "machine_id")


@dataclass
class Asker:
    """Somebody, or a machine, who asks; *holds* is the vault, and what is their own."""

    who: Any
    holds: Objects


class Place:
    """A vault, and one that is none of anybody's business."""

    def __init__(self, conn: Connection, auth: Client, account: Client, keys: Client) -> None:
        self.conn, self.auth, self.account, self.keys = conn, auth, account, keys
        self.vault, self.secret_id = self._vault()
        self.belongings(self.vault.owner)
        self.other = self._others()

    def _vault(self) -> tuple[Vault, UUID]:
        vault = vaults.begin(self.conn)
        return vault, vault.fill(self.keys, 1)[0].secret_id

    def _others(self) -> Objects:
        """Return a vault of somebody else, with all that is theirs."""
        vault, secret_id = self._vault()
        link = rosters.invited(self.account, vault)
        machine = machine_tokens.made(self.conn, self.account, vault)
        ids = self.belongings(vault.owner) | {"machine_id": machine.user_id}
        return Objects(vault, secret_id, link, ids)

    def nowhere(self) -> Objects:
        """Return what does not exist."""
        vault = Vault(self.vault.owner)
        vault.accept(vault.genesis())
        return Objects(vault)

    def asker(self, role: str, membership: str) -> Asker:
        """Return somebody new who stands so to the vault."""
        if role == MACHINE:
            return Asker(self._machine(membership), Objects(self.vault, self.secret_id))
        person = vaults.person(self.conn)
        ids = self.belongings(person)
        link = MEMBERSHIPS[membership](self, person, Role[role.upper()]) or Link()
        return Asker(person, Objects(self.vault, self.secret_id, link, ids))

    def belongings(self, person: Person) -> dict[str, UUID]:
        """Give somebody one of each thing that a path can name, and a fresh proof."""
        ids = {name: uuid4() for name in BELONGINGS}
        for name, statement in BELONGINGS.items():
            values = {"user_id": person.user_id, "hash": os.urandom(32), "key": os.urandom(1216)}
            self.conn.execute(statement.encode(), values | {"id": ids[name]})
        machine_tokens.prove(self.conn, person)
        made = self.keys.as_(person).post("/api/keys/links", json=links.body())
        assert made.status_code == 201, made.text
        return ids | {"link_id": UUID(made.json["link_id"])}

    def _machine(self, membership: str) -> Machine:
        vault = self.vault
        if membership == "never":
            vault, _ = self._vault()
        if membership == "orphaned":
            vault = self._admins()
        machine = machine_tokens.made(self.conn, self.account, vault, name=uuid4().hex)
        machine_tokens.logged_in(self.auth, machine)
        if membership in ENDS:
            ENDS[membership](self, vault, machine)
        return machine

    def _admins(self) -> Vault:
        """Return the vault as an admin's own client knows it."""
        admin = vaults.person(self.conn)
        rosters.change(self.account, self.vault, rosters.add(admin, Role.ADMIN))
        theirs = Vault(admin, self.vault.id, self.vault.profile)
        theirs.state = self.vault.state
        return theirs


def end(conn: Connection, session_id: UUID) -> None:
    conn.execute("UPDATE sessions SET ended_at = now() WHERE session_id = %s", (session_id,))


def joined(place: Place, person: Person, role: Role) -> None:
    rosters.joined(place.account, place.vault, person, Role.VIEWER)
    if role is not Role.VIEWER:
        rosters.change(place.account, place.vault, SetRole(person.user_id, role))


def added(place: Place, person: Person, role: Role) -> None:
    """Let the owner make somebody a member, who has not been asked."""
    first = Role.ADMIN if role is Role.OWNER else role
    rosters.change(place.account, place.vault, rosters.add(person, first))
    if first is not role:
        rosters.change(place.account, place.vault, SetRole(person.user_id, role))


def removed(place: Place, person: Person, role: Role) -> None:
    added(place, person, role)
    ops = (Remove(person.user_id), rosters.rotate(place.vault))
    rosters.change(place.account, place.vault, *ops)


def left(place: Place, person: Person, role: Role) -> None:
    added(place, person, role)
    rosters.change(place.account, place.vault, Remove(person.user_id), author=person)


def invited(place: Place, _person: Person, role: Role) -> Link:
    """Give somebody a link, by which nobody becomes an owner."""
    given = Role.ADMIN if role is Role.OWNER else role
    return rosters.invited(place.account, place.vault, role=given)


def never(_place: Place, _person: Person, _role: Role) -> None:
    """Leave a stranger one."""


def ended(place: Place, person: Person, role: Role) -> None:
    added(place, person, role)
    end(place.conn, person.session_id)


def deleted(place: Place, person: Person, _role: Role) -> None:
    """Let somebody delete their account, of whom a token is still about."""
    gone = place.account.as_(person).delete("/api/account/profile")
    assert gone.status_code == 204, gone.text


def revoke(place: Place, vault: Vault, machine: Machine) -> None:
    url = f"/api/account/machine-tokens/{machine.user_id}"
    assert place.account.as_(vault.owner).delete(url).status_code == 204


def expire(place: Place, _vault: Vault, machine: Machine) -> None:
    for text in (
        "UPDATE machine_tokens SET expires_at = now() WHERE machine_id = %s",
        "UPDATE sessions SET expires_at = now() WHERE user_id = %s",
    ):
        place.conn.execute(text.encode(), (machine.user_id,))


MEMBERSHIPS: dict[str, Callable[[Place, Person, Role], Link | None]] = {
    "member": joined,
    "waiting": added,
    "removed": removed,
    "left": left,
    "invited": invited,
    "never": never,
    "ended": ended,
    "deleted": deleted,
}
# How a machine's place, or its session, came to an end.
ENDS: dict[str, Callable[[Place, Vault, Machine], object]] = {
    "ended": lambda place, _, machine: end(place.conn, machine.session_id),
    "expired": expire,
    "orphaned": lambda place, vault, _: rosters.change(
        place.account, vault, Remove(vault.owner.user_id), author=vault.owner
    ),
    "removed": lambda place, vault, machine: rosters.change(
        place.account, vault, Remove(machine.user_id), rosters.rotate(vault)
    ),
    "revoked": revoke,
}
OF_MACHINES = {"member", "never", *ENDS}
