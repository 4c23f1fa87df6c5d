"""Second factors come and go by a fresh proof, and end what was begun without them."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from shared import codes
from shared.db import Connection
from shared.keyarc.encoding import b64
from tests import factories, second_factors
from tests.second_factors import Guarded

Change = Callable[[Guarded, Connection], None]


def remove_totp(person: Guarded, _conn: Connection) -> None:
    person.prove()
    assert person.ask("DELETE", "totp").status_code == 204


def add_passkey(person: Guarded, _conn: Connection) -> None:
    person.add_passkey()


def remove_passkey(person: Guarded, _conn: Connection) -> None:
    person.prove()
    path = f"passkeys/{b64(person.passkeys[0].credential_id)}"
    assert person.ask("DELETE", path).status_code == 204


def replace_codes(person: Guarded, _conn: Connection) -> None:
    person.prove()
    assert person.ask("POST", "backup-codes").status_code == 201


def add_totp(person: Guarded, conn: Connection) -> None:
    person.prove()
    conn.execute("DELETE FROM totp")
    conn.execute("UPDATE sessions SET proven_at = now()")
    secret = person.ask("POST", "totp").json["secret"]
    code = pyotp.TOTP(secret).at(second_factors.now(conn))
    assert person.ask("PUT", "totp", json={"code": code}).status_code == 200


CHANGES: list[Change] = [add_totp, remove_totp, add_passkey, remove_passkey, replace_codes]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_second_factors_ends_what_was_begun_before(
    person: Guarded, conn: Connection, change: Change
) -> None:
    """S10: sessions that have not proved what now holds are over, and so are open challenges."""
    person.add_totp(second_factors.now(conn))
    person.add_passkey()
    there = person.answer(person.backup_codes.pop())
    challenge, code = person.challenged(), person.backup_codes[0]

    change(person, conn)

    other = factories.actor(there)
    assert person.account.as_(other).get("/api/account/profile").status_code == 401
    assert person.answer(code, challenge).json["type"] == "/problems/challenge-ended"
    assert person.ask("GET", "profile").status_code == 200


def test_an_app_is_offered_as_a_secret_and_as_what_its_qr_code_holds(person: Guarded) -> None:
    person.prove()

    offer = person.ask("POST", "totp").json

    uri = urlsplit(offer["uri"])
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert parse_qs(uri.query) == {"secret": [offer["secret"]], "issuer": ["KeyArc"]}
    assert len(pyotp.TOTP(offer["secret"]).byte_secret()) == 20
    assert person.log_in().status_code == 201


def test_an_app_is_a_second_factor_once_it_proved_a_code(person: Guarded, conn: Connection) -> None:
    person.prove()
    otp = pyotp.TOTP(person.ask("POST", "totp").json["secret"])
    now = second_factors.now(conn)
    wrong = person.ask("PUT", "totp", json={"code": otp.at(now + 300)})
    assert wrong.json["type"] == "/problems/wrong-code"
    assert person.log_in().status_code == 201

    added = person.ask("PUT", "totp", json={"code": otp.at(now)})

    assert (added.status_code, len(set(added.json["backup_codes"]))) == (200, 10)
    assert person.log_in().status_code == 200
    assert second_factors.listed(person) == {"totp": True, "backup_codes": 10, "passkeys": []}


def test_a_newer_offer_replaces_an_older_one(person: Guarded, conn: Connection) -> None:
    person.prove()
    first = person.ask("POST", "totp").json
    person.prove()
    second = person.ask("POST", "totp").json
    now = second_factors.now(conn)

    old = person.ask("PUT", "totp", json={"code": pyotp.TOTP(first["secret"]).at(now)})
    new = person.ask("PUT", "totp", json={"code": pyotp.TOTP(second["secret"]).at(now)})

    assert (old.status_code, new.status_code) == (401, 200)


def test_without_an_offer_no_code_is_right(person: Guarded, conn: Connection) -> None:
    assert person.ask("PUT", "totp", json={"code": "123456"}).status_code == 404
    person.add_totp(second_factors.now(conn))
    assert person.ask("PUT", "totp", json={"code": "123456"}).status_code == 404


def test_backup_codes_come_with_the_first_second_factor_and_go_with_the_last(
    person: Guarded, conn: Connection
) -> None:
    person.add_passkey()
    made = list(person.backup_codes)
    person.add_totp(second_factors.now(conn))
    assert len(made) == 10
    assert len(person.backup_codes) == 9  # one was used to prove who asks

    remove_totp(person, conn)
    assert second_factors.listed(person)["backup_codes"] == 8
    remove_passkey(person, conn)

    assert second_factors.listed(person) == {"totp": False, "backup_codes": 0, "passkeys": []}
    assert conn.execute("SELECT count(*) FROM backup_codes").fetchone() == (0,)
    assert person.log_in().status_code == 201


def test_new_backup_codes_replace_the_old_ones(person: Guarded, conn: Connection) -> None:
    person.add_totp(second_factors.now(conn))
    person.prove()
    made = person.ask("POST", "backup-codes").json["backup_codes"]

    assert all(codes.read(code) for code in made)
    assert person.answer(person.backup_codes[0]).status_code == 401
    assert person.answer(made[9]).status_code == 201
    assert factories.actions(conn).count("backup_codes.replaced") == 1


def test_backup_codes_alone_are_no_second_factor(person: Guarded) -> None:
    person.prove()

    assert person.ask("POST", "backup-codes").status_code == 404
