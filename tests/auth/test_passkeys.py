"""Passkeys as second factors, and as the whole of a login, by what authenticators really sign."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from falcon.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.db import Connection
from shared.keyarc.encoding import ObjectType, b64
from tests import factories, second_factors, vaults
from tests.authenticator import Passkey
from tests.clients import Client
from tests.factories import FROM_PAGE
from tests.second_factors import Guarded

WRONG: dict[str, dict[str, Any]] = {
    "another key": {"key": ec.derive_private_key(7, ec.SECP256R1())},
    "another name": {"rp_id": "elsewhere.example"},
    "another page": {"client_data": {"origin": "https://elsewhere.example"}},
    "another challenge": {"client_data": {"challenge": "A" * 43}},
    "a registration": {"client_data": {"type": "webauthn.create"}},
    "a count that fell": {"sign_count": 0},
}


def test_a_passkey_finishes_a_login(holder: Guarded, conn: Connection) -> None:
    challenged = holder.log_in().json

    response = holder.touch(holder.passkeys[0], challenged["challenge"])

    assert challenged["methods"] == ["backup-code", "passkey"]
    assert challenged["passkeys"] == [b64(holder.passkeys[0].credential_id)]
    assert (response.status_code, response.json["passkey"]) == (201, None)
    assert conn.execute("SELECT sign_count, last_used_at = now() FROM passkeys").fetchone() == (
        1,
        True,
    )


def test_a_second_factor_need_not_check_its_person(holder: Guarded) -> None:
    assert holder.touch(holder.passkeys[0], verified=False).status_code == 201


@pytest.mark.parametrize("wrong", WRONG)
def test_a_passkey_that_signs_something_else_is_refused(holder: Guarded, wrong: str) -> None:
    passkey = holder.passkeys[0]
    assert holder.touch(passkey).status_code == 201

    response = holder.touch(passkey, **WRONG[wrong])

    assert (response.status_code, response.json["type"]) == (401, "/problems/wrong-code")


def test_the_passkey_of_somebody_else_is_refused(
    holder: Guarded, auth: Client, account: Client
) -> None:
    other = second_factors.unguarded(auth, account)
    passkey = other.add_passkey()

    assert holder.touch(passkey).json["type"] == "/problems/wrong-code"
    assert other.touch(passkey).status_code == 201


def test_a_signature_is_taken_once(holder: Guarded) -> None:
    challenge = holder.challenged()
    body = {"challenge": challenge, "credential": holder.passkeys[0].sign(challenge)}

    first, second = (
        holder.auth.post("/auth/sessions/passkey", json=body, headers=FROM_PAGE) for _ in range(2)
    )

    assert first.status_code == 201
    assert second.json["type"] == "/problems/challenge-ended"


def test_a_removed_passkey_opens_nothing(holder: Guarded) -> None:
    passkey = holder.passkeys[0]
    kept = holder.add_passkey()
    holder.prove()
    path = f"passkeys/{b64(passkey.credential_id)}"
    assert holder.ask("DELETE", path).status_code == 204

    assert holder.touch(passkey).json["type"] == "/problems/wrong-code"
    assert _enter(holder.auth, passkey).json["type"] == "/problems/wrong-credentials"
    assert holder.touch(kept).status_code == 201


def test_a_passkey_alone_logs_in(holder: Guarded, conn: Connection) -> None:
    response = _enter(holder.auth, holder.passkeys[0])

    assert response.status_code == 201, response.text
    assert response.json["user_id"] == str(holder.person.user_id)
    assert "access_token" not in response.json
    assert conn.execute(
        "SELECT device, browser FROM sessions ORDER BY created_at, device LIMIT 1"
    ).fetchone() == ("a browser", True)


def test_what_the_passkey_can_open_comes_with_its_session(
    holder: Guarded, conn: Connection
) -> None:
    passkey = holder.passkeys[0]
    sealed = b64(vaults.blob(ObjectType.USER_KEY_BY_PASSKEY))
    body = {"keyset": "1", "user_key": sealed}
    credential_id = b64(passkey.credential_id)
    assert holder.ask("PUT", f"passkeys/{credential_id}/unlock", json=body).status_code == 204
    conn.execute("UPDATE users SET keyset = 2")

    alone, second = _enter(holder.auth, passkey).json, holder.touch(passkey).json

    unlock = {"credential_id": credential_id, **body}
    assert alone["passkey"] == second["passkey"] == unlock
    assert alone["keyset"] == "2"
    assert holder.answer(holder.backup_codes[0]).json["passkey"] is None


@pytest.mark.parametrize("wrong", [*WRONG, "unverified", "another account", "no account"])
def test_a_passkey_alone_must_be_right_in_everything(holder: Guarded, wrong: str) -> None:
    passkey = holder.passkeys[0]
    assert _enter(holder.auth, passkey).status_code == 201
    more: dict[str, dict[str, Any]] = {
        "unverified": {"verified": False},
        "another account": {"user_handle": bytes(16)},
        "no account": {"user_handle": b""},
    }

    response = _enter(holder.auth, passkey, **(WRONG | more)[wrong])

    assert (response.status_code, response.json["type"]) == (401, "/problems/wrong-credentials")


def test_an_unknown_passkey_is_refused(auth: Client, conn: Connection) -> None:
    response = _enter(auth, Passkey(user_handle=bytes(16)))

    assert (response.status_code, response.json["type"]) == (401, "/problems/wrong-credentials")
    assert factories.actions(conn) == ["session.refused"]


def test_the_challenge_of_a_login_is_none_for_a_passkey_alone(holder: Guarded) -> None:
    response = _enter(holder.auth, holder.passkeys[0], challenge=holder.challenged())

    assert response.json["type"] == "/problems/challenge-ended"


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://elsewhere.example"}])
def test_passkeys_are_for_the_page(auth: Client, headers: dict[str, str]) -> None:
    """S11: no other site, and nothing that is no page, may use one."""
    body = {"challenge": "A" * 43, "credential": {}}

    for path, sent in (
        ("/auth/passkey-sessions/options", None),
        ("/auth/passkey-sessions", body | {"device": "a browser"}),
        ("/auth/sessions/passkey", body),
    ):
        response = auth.post(path, json=sent, headers=headers)
        assert (response.status_code, list(response.json["errors"])) == (422, ["origin"])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@given(
    broken=st.fixed_dictionaries({}, optional=dict.fromkeys(("rawId", "type", "response"), JSON)),
    response=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("clientDataJSON", "authenticatorData", "signature", "userHandle"), JSON
        ),
    ),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_a_browser_sends_is_an_answer_or_wrong(
    holder: Guarded, conn: Connection, broken: dict[str, Any], response: dict[str, Any]
) -> None:
    conn.execute("DELETE FROM limits")
    challenge = _options(holder.auth)
    honest = holder.passkeys[0].sign(challenge)
    sent = honest | {"response": honest["response"] | response} | broken
    if sent == honest:
        return

    answer = holder.auth.post(
        "/auth/passkey-sessions",
        json={"challenge": challenge, "credential": sent, "device": "a browser"},
        headers=FROM_PAGE,
    )

    assert answer.status_code == 401, answer.text


def _options(auth: Client) -> str:
    challenge: str = auth.post("/auth/passkey-sessions/options", headers=FROM_PAGE).json[
        "challenge"
    ]
    return challenge


def _enter(auth: Client, passkey: Passkey, challenge: str | None = None, **changed: Any) -> Result:
    """Log in by a passkey alone."""
    challenge = challenge or _options(auth)
    credential = passkey.sign(challenge, **changed)
    body = {"challenge": challenge, "credential": credential, "device": "a browser"}
    return auth.post("/auth/passkey-sessions", json=body, headers=FROM_PAGE)
