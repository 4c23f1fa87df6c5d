"""Passkeys are added by what an authenticator signs, and belong to one person."""

from typing import Any

import pytest

from shared.keyarc.encoding import ObjectType, b64
from tests import second_factors, vaults
from tests.authenticator import Passkey
from tests.clients import Client
from tests.second_factors import Guarded


def test_a_passkey_is_listed_by_its_name(person: Guarded) -> None:
    passkey = person.add_passkey()

    (listed,) = second_factors.listed(person)["passkeys"]

    assert listed["credential_id"] == b64(passkey.credential_id)
    assert (listed["name"], listed["last_used_at"], listed["unlock"]) == ("a phone", None, None)


def test_only_a_key_sealed_for_the_present_keyset_unlocks(person: Guarded) -> None:
    path = f"passkeys/{b64(person.add_passkey().credential_id)}/unlock"
    sealed = b64(vaults.blob(ObjectType.USER_KEY_BY_PASSKEY))

    stale = person.ask("PUT", path, json={"keyset": "2", "user_key": sealed})
    other = b64(vaults.blob(ObjectType.USER_KEY_BY_PASSWORD))
    wrong = person.ask("PUT", path, json={"keyset": "1", "user_key": other})
    kept = person.ask("PUT", path, json={"keyset": "1", "user_key": sealed})

    assert stale.json["type"] == "/problems/stale-keyset"
    assert list(wrong.json["errors"]) == ["user_key"]
    assert kept.status_code == 204
    assert second_factors.listed(person)["passkeys"][0]["unlock"] == {
        "keyset": "1",
        "user_key": sealed,
    }


def test_a_registration_is_answered_once_and_by_whom_it_was_asked(
    person: Guarded, auth: Client, account: Client
) -> None:
    other = second_factors.unguarded(auth, account)
    options, passkey = person.options(), Passkey()
    credential = passkey.register(options)

    assert other.register(options, credential).json["type"] == "/problems/challenge-ended"
    assert person.register(options, credential).status_code == 201
    assert person.register(options, credential).json["type"] == "/problems/challenge-ended"


def test_a_passkey_belongs_to_one_person(person: Guarded, auth: Client, account: Client) -> None:
    other, passkey = second_factors.unguarded(auth, account), Passkey()
    mine, theirs = person.options(), other.options()
    assert person.register(mine, passkey.register(mine)).status_code == 201

    response = other.register(theirs, passkey.register(theirs))

    assert (response.status_code, response.json["type"]) == (
        409,
        "/problems/second-factor-exists",
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"rp_id": "elsewhere.example"},
        {"client_data": {"origin": "https://elsewhere.example"}},
        {"client_data": {"challenge": "A" * 43}},
        {"client_data": {"type": "webauthn.get"}},
    ],
)
def test_a_registration_for_something_else_is_refused(
    person: Guarded, changed: dict[str, Any]
) -> None:
    options = person.options()

    response = person.register(options, Passkey().register(options, **changed))

    assert (response.status_code, list(response.json["errors"])) == (422, ["credential"])
    assert second_factors.listed(person)["passkeys"] == []


@pytest.mark.parametrize(
    "origin", [{}, {"Origin": "http://127.0.0.1:8080"}, {"Origin": "http://["}]
)
def test_passkeys_need_a_page_with_a_name(person: Guarded, origin: dict[str, str]) -> None:
    person.prove()

    response = person.ask("POST", "passkeys/options", headers=origin)

    assert (response.status_code, list(response.json["errors"])) == (422, ["origin"])


def test_nobody_removes_what_is_somebody_else_s(
    person: Guarded, auth: Client, account: Client
) -> None:
    other = second_factors.unguarded(auth, account)
    theirs = b64(other.add_passkey().credential_id)
    sealed = {"keyset": "1", "user_key": b64(vaults.blob(ObjectType.USER_KEY_BY_PASSKEY))}

    for method, path, body in (
        ("DELETE", f"passkeys/{theirs}", None),
        ("DELETE", "passkeys/AAAA", None),
        ("DELETE", "passkeys/*", None),
        ("PUT", f"passkeys/{theirs}/unlock", sealed),
        ("DELETE", "totp", None),
    ):
        person.prove()
        assert person.ask(method, path, json=body).status_code == 404, path
    assert len(second_factors.listed(other)["passkeys"]) == 1
