"""Password, recovery code, address and every key change by a fresh proof, whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from shared.db import Connection
from shared.keyarc.encoding import b64
from tests import factories, key_changes, recoveries, second_factors, vaults
from tests.clients import Client
from tests.key_changes import CHANGES, Make
from tests.rows import nothing_stored
from tests.second_factors import Guarded
from tests.vaults import Vault

ACTIONS = {
    "password": "password.changed",
    "recovery": "recovery_code.replaced",
    "keys": "keys.rotated",
    "email": "email.changed",
}
BREAKS = {
    "it is not there": "ALTER TABLE audit_log RENAME TO audit_log_elsewhere",
    "it may not be written": "REVOKE INSERT ON audit_log FROM keyarc_account",
    "it refuses": """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
                     AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
                     CREATE TRIGGER refuse BEFORE INSERT ON audit_log
                     EXECUTE FUNCTION refuse()""",
}
WRONG: list[Any] = [None, 7, "", "!", "AAAA", [7], {"a": 1}]

each_change = pytest.mark.parametrize("make", CHANGES.values(), ids=CHANGES)


@pytest.fixture
def vault(conn: Connection, person: Guarded) -> Vault:
    return vaults.begin(conn, key_changes.owner(person))


def prove_again(conn: Connection) -> None:
    """Let everybody have proved themselves a moment ago."""
    conn.execute("UPDATE sessions SET proven_at = now()")


class Counted(psycopg.Cursor[Any]):
    """Counts statements, and breaks the line at one of them."""

    number, broken = 0, 0

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        Counted.number += 1
        if Counted.number == Counted.broken:
            raise psycopg.OperationalError("the line is broken")
        return super().execute(*args, **kwargs)


@contextmanager
def counted(conn: Connection, broken: int = 0) -> Iterator[None]:
    before = conn.cursor_factory
    Counted.number, Counted.broken, conn.cursor_factory = 0, broken, Counted
    try:
        yield
    finally:
        conn.cursor_factory = before


@each_change
def test_a_change_takes_a_fresh_proof_and_uses_it_up(
    person: Guarded, conn: Connection, vault: Vault, make: Make
) -> None:
    change = make(person.person, [vault])
    with nothing_stored(conn):
        refused = change.send(person)
    person.prove()

    changed = change.send(person)

    assert (refused.status_code, refused.json["type"]) == (403, "/problems/proof-needed")
    assert changed.status_code == 200, changed.text
    with nothing_stored(conn):
        assert change.send(person).status_code == 403
    assert factories.actions(conn).count(ACTIONS[change.path]) == 1


@each_change
def test_a_change_ends_every_other_way_in(
    person: Guarded, conn: Connection, keys: Client, auth: Client, vault: Vault, make: Make
) -> None:
    """S10: sessions at every service, challenges, a recovery, a device that asks; at once."""
    there = factories.actor(person.log_in())
    person.add_totp(second_factors.now(conn))
    there = factories.actor(person.answer(person.backup_codes.pop()))
    challenge, code = person.challenged(), person.backup_codes.pop()
    recovering = recoveries.Recovering(recoveries.service(conn), person.person)
    recovering.begin()
    asking = {"email": person.person.email, "public_key": b64(bytes(1216)), "device": "a phone"}
    asked = auth.post("/auth/device-requests", json=asking).json
    assert keys.as_(there).get(f"{vault.url}/secrets").status_code == 200
    change = make(person.person, [vault])
    person.prove()

    assert change.send(person).status_code == 200

    path = f"/auth/device-requests/{asked['request_id']}/answer"
    answers = {
        "account": person.account.as_(there).get("/api/account/profile"),
        "auth": person.auth.as_(there).post(second_factors.PROOF, json={"auth": b64(bytes(32))}),
        "keys": keys.as_(there).get(f"{vault.url}/secrets"),
        "challenge": person.answer(code, challenge),
        "recovery": recovering.keys(code=person.backup_codes[0]),
        "device": auth.post(path, json={"secret": asked["secret"]}),
    }
    assert {name: answer.json["type"].rpartition("/")[2] for name, answer in answers.items()} == {
        "account": "session-ended",
        "auth": "session-ended",
        "keys": "session-ended",
        "challenge": "challenge-ended",
        "recovery": "challenge-ended",
        "device": "not-found",
    }
    assert person.ask("GET", "profile").status_code == 200


@each_change
def test_a_failure_at_any_statement_leaves_everything_as_it_was(
    person: Guarded, conn: Connection, vault: Vault, make: Make
) -> None:
    """M40: one transaction; the proof stays too, and serves the next try."""
    change = make(person.person, [vault])
    person.prove()
    with conn.transaction(force_rollback=True), counted(conn):
        assert change.send(person).status_code == 200
        statements = Counted.number
    assert statements > 8

    for number in range(1, statements + 1):
        with nothing_stored(conn), counted(conn, broken=number):
            response = change.send(person)
        assert response.status_code == 503, (number, response.text)
        conn.execute("DELETE FROM limits")

    assert change.send(person).status_code == 200


@each_change
@pytest.mark.parametrize("broken", BREAKS)
def test_what_the_audit_log_cannot_say_is_not_done(
    person: Guarded, conn: Connection, vault: Vault, make: Make, broken: str
) -> None:
    """S13: 503, and every row is what it was."""
    change = make(person.person, [vault])
    person.prove()

    with nothing_stored(conn), conn.transaction(force_rollback=True):
        conn.execute(BREAKS[broken])
        response = change.send(person)

    assert (response.status_code, response.json["type"]) == (503, "/problems/unavailable")
    assert change.send(person).status_code == 200


@pytest.mark.parametrize("make", [key_changes.password, key_changes.recovery, key_changes.keys])
def test_whoever_knows_an_older_keyset_is_told_the_one_that_holds(
    person: Guarded, conn: Connection, vault: Vault, make: Make
) -> None:
    """M40: compare-and-swap; the proof serves the next try."""
    person.prove()
    first = key_changes.password(person.person)
    assert first.send(person).status_code == 200
    prove_again(conn)
    stale = make(person.person, [vault])

    with nothing_stored(conn):
        response = stale.send(person)

    assert (response.status_code, response.json["type"]) == (409, "/problems/stale-keyset")
    assert response.json["keyset"] == "2"
    newer = make(first.after, [vault], int(stale.body["keyset"]) + 1)
    assert newer.send(person).status_code == 200


@each_change
def test_a_body_of_another_shape_changes_nothing(
    person: Guarded, conn: Connection, vault: Vault, make: Make
) -> None:
    change = make(person.person, [vault])
    person.prove()
    shapes: list[Any] = [
        *({**change.body, name: wrong} for name in change.body for wrong in WRONG),
        *({key: change.body[key] for key in change.body if key != name} for name in change.body),
        {**change.body, "more": 1},
        [change.body],
    ]

    with nothing_stored(conn):
        statuses = {person.ask("PUT", change.path, json=body).status_code for body in shapes}

    assert statuses <= {422}
