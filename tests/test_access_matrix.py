"""S12: who is told what, in every cell of role, membership, route and object."""

import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any
from uuid import UUID

import pytest
from falcon.testing import Result
from psycopg.sql import SQL, Identifier

from machines.openapi import Route
from shared.db import Connection
from shared.keyarc.commits import Join, Remove
from shared.keyarc.encoding import b64
from tests import access, askers, links, rosters, vaults
from tests.askers import ENDS, MACHINE, MEMBERSHIPS, PEOPLE, Asker, Objects, Place
from tests.clients import Client
from tests.machine_tokens import Machine
from tests.rows import nothing_stored
from tests.test_machine_routes import PARAMETER, closed, sent
from tests.vaults import Vault

SERVICES = ("account", "keys")
ROUTES = {
    f"{route.method} {route.path}": (service, route)
    for service in SERVICES
    for route in closed(service)
}
NAMED = re.compile(r"{\w+_id}")
# What is private of a person, and what a vault holds.
PRIVATE = ("device_requests", "keyrings", "links", "passkeys")
CONTENTS = ("commits", "secret_versions", "vault_invites", "vaults")
REFUSALS = {
    401: {"type": "/problems/session-ended", "title": "Unauthorized", "status": 401},
    403: {"type": "/problems/forbidden", "title": "Forbidden", "status": 403},
    404: {"type": "/problems/not-found", "title": "Not Found", "status": 404},
}


def bodies(asker: Asker, on: Objects) -> dict[str, Callable[[], Any]]:
    """Return the bodies of routes that judge more than a shape: honest ones, where that can be."""
    who, vault = asker.who, on.vault

    def joining() -> Any:
        if on is asker.holds and on.link.invite_id in vault.state.invites:
            return rosters.signed(on.link.join(vault, who))
        return rosters.signed(vault.forge([Join(on.link.invite_id, who.idcert, bytes(64))], who))

    def putting() -> Any:
        put, content = vault.put(on.secret_id)
        return vaults.body(vault.forge([put], who), [content])

    def token() -> Any:
        machine = Machine()
        return machine.body([vault.forge([machine.add], who)])

    def beginning() -> Any:
        begun = Vault(who)
        profile = {"vault_id": str(begun.id), "profile": b64(begun.profile)}
        return profile | rosters.signed(begun.genesis())

    secret_id = str(on.secret_id)
    return {
        "POST /api/account/invitations/{invite_id}": joining,
        access.TOKENS: token,
        "POST /api/account/vaults": beginning,
        "POST /api/account/vaults/{vault_id}/commits": lambda: rosters.signed(
            vault.forge([Remove(who.user_id)], who)
        ),
        "POST /api/keys/links": links.body,
        "POST /api/keys/vaults/{vault_id}/commits": putting,
        access.READ: lambda: {"secret_ids": [secret_id]},
        access.REMINDERS: lambda: {"items": [{"secret_id": secret_id, "day": "2027-06-30"}]},
        access.OVERVIEWS: lambda: {"items": [{"secret_id": secret_id, "version": "1"}]},
    }


def asked(
    place: Place, asker: Asker, role: str, membership: str
) -> Iterator[tuple[str, str, int, Result]]:
    """Ask for every object of every route; each answer comes with both, and what it should be.

    What is done is undone; what should be refused leaves its traces.
    """
    but = said_once(role, membership)
    objects = {
        "own": asker.holds,
        "other": place.other,
        "unknown": place.nowhere(),
        "strange": Objects(place.vault, place.other.secret_id),  # in a vault where it is not
    }
    for name, (service, route) in ROUTES.items():
        client = getattr(place, service).as_(asker.who)
        for on in () if name in but else named(route, name):
            status = access.expected(name, role, membership, on)
            undone = place.conn.transaction(force_rollback=True) if status < 400 else nullcontext()
            with undone:
                answer = ask(client, route, asker, objects[on])
            yield name, on, status, answer


def named(route: Route, name: str) -> tuple[str, ...]:
    """Return which objects a route can name."""
    if not NAMED.search(route.path) and name != access.TOKENS:
        return ("own",)
    several = {access.READ, access.REMINDERS, access.OVERVIEWS}
    within = "{secret_id}" in route.path or name in several
    return ("own", "other", "unknown", *(["strange"] if within else []))


def ask(client: Client, route: Route, asker: Asker, on: Objects) -> Result:
    request = sent(route)
    body = bodies(asker, on).get(f"{route.method} {route.path}")
    if body:
        request["json"] = body()
    known = on.path()
    path = PARAMETER.sub(lambda found: known[found[1]], route.path)
    return client.simulate_request(route.method, path, **request)


def stored(conn: Connection, tables: tuple[str, ...], column: str, of: UUID) -> set[str]:
    """Return every long value of somebody's rows, as an answer would have it."""
    found: set[str] = set()
    for table in tables:
        text = SQL("SELECT * FROM {} WHERE {} = %s").format(Identifier(table), Identifier(column))
        for row in conn.execute(text, (of,)).fetchall():
            found |= {b64(value) for value in row if isinstance(value, bytes) and len(value) >= 16}
    return found


def contents(place: Place, objects: Objects) -> set[str]:
    return stored(place.conn, CONTENTS, "vault_id", objects.vault.id) | {
        str(objects.vault.id),
        str(objects.secret_id),
        objects.vault.owner.email,
    }


def foreign(place: Place, asker: Asker, membership: str) -> Callable[[str, str], set[str]]:
    """Return what an answer must not have, by route and object."""
    owners = (place.vault.owner, place.other.vault.owner)
    private = set.union(*(stored(place.conn, PRIVATE, "user_id", one.user_id) for one in owners))
    others = contents(place, place.other)
    own = contents(place, asker.holds)

    def of(name: str, on: str) -> set[str]:
        shown = bool(access.INVITATION.fullmatch(name))
        secret = private | (set() if shown and on == "other" else others)
        if membership in access.IN or shown or name == access.REMOVAL:
            return secret
        # Somebody's own log still names the vault of which they were.
        return secret | (own - {str(place.vault.id)} if name in access.MEMORIES else own)

    return of


def roles(membership: str) -> Iterator[str]:
    """Yield the roles that there can be: a stranger has none, and a machine is not invited."""
    if membership in askers.MEMBERSHIPS:
        yield from PEOPLE[2:3] if membership in {"never", "deleted"} else PEOPLE
    if membership in askers.OF_MACHINES:
        yield MACHINE


def said_once(role: str, membership: str) -> set[str]:
    """Return the routes of one's own account that this role need not ask: another has.

    They name no vault; of those who are not of it, one asks, and of members each.
    """
    every = membership == "member" or role in {"member", MACHINE}
    return set() if every else set(access.OF_PERSON)


def wrong(name: str, answer: Result, status: int, foreign: set[str]) -> str | None:
    """Return what is wrong with an answer."""
    if answer.status_code != status:
        return f"{answer.status_code} and not {status}: {answer.text[:200]}"
    if status in REFUSALS and answer.json != REFUSALS[status] and name != access.CHALLENGED:
        return f"said more: {answer.text[:200]}"
    told = [value[:40] for value in foreign if value in answer.text]
    return f"told {told}" if told else None


def test_every_route_has_its_row() -> None:
    """S12: who adds a route writes down whom it answers."""
    assert [name for name in ROUTES if not access.has_row(name)] == []
    assert access.OF_VAULT.keys() | access.OF_PERSON.keys() <= ROUTES.keys()


@pytest.mark.parametrize("membership", dict.fromkeys([*MEMBERSHIPS, *sorted(ENDS)]))
def test_every_cell_answers_what_its_row_says(
    conn: Connection, auth: Client, account: Client, keys: Client, membership: str
) -> None:
    """S12: a status for each role, route and object; in it nothing of anybody else.

    What is refused changes nothing.
    """
    place = Place(conn, auth, account, keys)
    cells = 0
    found = {}

    for role in roles(membership):
        asker = place.asker(role, membership)
        hidden = foreign(place, asker, membership)
        with nothing_stored(conn):
            for name, on, status, answer in asked(place, asker, role, membership):
                cells += 1
                if fault := wrong(name, answer, status, hidden(name, on)):
                    found[f"{role} {membership}: {name} of {on}"] = fault

    assert found == {}
    assert cells > 90
