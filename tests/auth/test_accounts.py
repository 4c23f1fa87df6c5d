"""Signing up."""

import json
from typing import Any
from uuid import UUID, uuid1

import pytest

from shared.db import Connection
from shared.keyarc.account_keys import Identity
from shared.keyarc.encoding import b64, unb64
from tests import factories
from tests.clients import Client
from tests.factories import Person


def test_an_account_stores_only_hashes_of_what_proves_it(auth: Client, conn: Connection) -> None:
    person = Person()

    response = auth.post("/auth/accounts", json=person.registration)

    assert (response.status_code, response.json) == (201, {"user_id": str(person.user_id)})
    stored = conn.execute("SELECT * FROM users JOIN credentials USING (user_id)").fetchone()
    assert stored is not None
    proofs = {unb64(person.registration[name]) for name in ("auth", "recovery_auth")}
    assert not proofs & set(stored)
    assert factories.actions(conn) == ["account.created"]


def test_an_address_is_one_account_however_it_is_spelled(auth: Client, conn: Connection) -> None:
    person = factories.signed_up(auth)
    other = Person(email=f"  {person.email.upper()} ")

    response = auth.post("/auth/accounts", json=other.registration)

    assert response.status_code == 409
    assert response.json["type"] == "/problems/account-exists"
    assert _accounts(conn) == 1
    assert factories.actions(conn) == ["account.created"]


def test_an_id_is_one_account(auth: Client, conn: Connection) -> None:
    person = factories.signed_up(auth)
    other = Person(identity=person.identity)

    response = auth.post("/auth/accounts", json=other.registration)

    assert response.json["type"] == "/problems/account-exists"
    assert _accounts(conn) == 1


def test_a_change_that_cannot_be_audited_is_not_made(auth: Client, conn: Connection) -> None:
    conn.execute("ALTER TABLE audit_log RENAME TO audit_log_elsewhere")

    response = auth.post("/auth/accounts", json=Person().registration)

    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert _accounts(conn) == 0


def _cut(text: str) -> str:
    return b64(unb64(text)[:-1])


def _retyped(text: str) -> str:
    blob = bytearray(unb64(text))
    blob[3] ^= 0xFF
    return b64(bytes(blob))


BLOBS = ("user_key", "recovery_user_key", "identity", "keyring")


@pytest.mark.parametrize("name", list(Person().registration))
def test_a_field_is_missed(auth: Client, conn: Connection, name: str) -> None:
    body = Person().registration
    del body[name]

    response = auth.post("/auth/accounts", json=body)

    assert (response.status_code, list(response.json["errors"])) == (422, [name])
    assert _accounts(conn) == 0


@pytest.mark.parametrize("wrong", [None, 1, True, [], {}, "", "?", "AA==", "A" * 90_001])
@pytest.mark.parametrize("name", list(Person().registration))
def test_a_field_of_another_shape_is_refused(auth: Client, name: str, wrong: Any) -> None:
    if name == "suite" and wrong == 1 and wrong is not True:
        wrong = "1"

    response = auth.post("/auth/accounts", json=Person().registration | {name: wrong})

    assert (response.status_code, list(response.json["errors"])) == (422, [name])


@pytest.mark.parametrize("name", [*BLOBS, "idcert", "auth", "salt"])
def test_bytes_that_are_cut_short_are_refused(auth: Client, name: str) -> None:
    body = Person().registration

    response = auth.post("/auth/accounts", json=body | {name: _cut(body[name])})

    assert (response.status_code, list(response.json["errors"])) == (422, [name])


@pytest.mark.parametrize("name", BLOBS)
def test_a_blob_of_another_type_is_refused(auth: Client, name: str) -> None:
    body = Person().registration

    response = auth.post("/auth/accounts", json=body | {name: _retyped(body[name])})

    assert (response.status_code, list(response.json["errors"])) == (422, [name])


def test_an_unknown_field_is_refused(auth: Client) -> None:
    response = auth.post("/auth/accounts", json=Person().registration | {"admin": True})

    assert response.json["errors"] == {"admin": ["Unknown field."]}


def _bit_flipped(person: Person) -> bytes:
    raw = bytearray(person.identity.idcert().raw)
    raw[-1] ^= 1
    return bytes(raw)


def _of_someone_else(_person: Person) -> bytes:
    return Person().identity.idcert().raw


def _of_a_later_epoch(person: Person) -> bytes:
    later = Identity(person.user_id, person.identity.ed_seed, person.identity.x_seed, key_epoch=2)
    return later.idcert(previous=person.identity).raw


@pytest.mark.parametrize("forge", [_bit_flipped, _of_someone_else, _of_a_later_epoch])
def test_a_certificate_must_be_ones_own_first_one(
    auth: Client, conn: Connection, forge: Any
) -> None:
    person = Person()

    response = auth.post(
        "/auth/accounts", json=person.registration | {"idcert": b64(forge(person))}
    )

    assert (response.status_code, list(response.json["errors"])) == (422, ["idcert"])
    assert _accounts(conn) == 0


@pytest.mark.parametrize("user_id", [UUID(int=0), uuid1()])
def test_an_id_must_look_as_random_as_a_decoy(auth: Client, user_id: UUID) -> None:
    person = Person(identity=Identity.make(user_id))

    response = auth.post("/auth/accounts", json=person.registration)

    assert (response.status_code, list(response.json["errors"])) == (422, ["user_id"])


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "malformed"),
        (b"{", "malformed"),
        (b"\xff", "malformed"),
        (b'{"email":"a@example.com","email":"b@example.com"}', "malformed"),
        (b'{"email":NaN}', "malformed"),
        (b"[" * 100_000, "malformed"),
        (b"[]", "invalid"),
        (b"null", "invalid"),
        (b'"' + b"a" * (1 << 20) + b'"', "too-large"),
    ],
)
def test_what_is_not_a_body_is_told_apart(auth: Client, body: bytes, problem: str) -> None:
    response = auth.post("/auth/accounts", body=body, content_type="application/json")

    assert response.json["type"] == f"/problems/{problem}"
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonp"]
)
def test_a_body_must_say_that_it_is_json(auth: Client, content_type: str | None) -> None:
    body = json.dumps(Person().registration)

    response = auth.post("/auth/accounts", body=body, content_type=content_type)

    assert response.status_code == 415


def test_a_body_that_ends_early_is_refused(auth: Client, conn: Connection) -> None:
    body = json.dumps(Person().registration)

    response = auth.post(
        "/auth/accounts",
        body=body,
        content_type="application/json",
        headers={"Content-Length": str(len(body) + 1)},
    )

    assert response.status_code == 400
    assert _accounts(conn) == 0


def _accounts(conn: Connection) -> int:
    row = conn.execute("SELECT count(*) FROM users").fetchone()
    assert row is not None
    return int(row[0])
