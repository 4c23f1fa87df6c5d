"""A fresh proof of who asks is good for one deed, and for five minutes."""

from typing import Any

import pytest

from shared.db import Connection
from shared.keyarc.encoding import b64
from tests import factories, second_factors
from tests.authenticator import Passkey
from tests.second_factors import PROOF, Guarded

NEEDED = "/problems/second-factor-needed"


def test_a_proof_is_good_for_one_deed(unguarded: Guarded) -> None:
    assert unguarded.ask("POST", "totp").json["type"] == "/problems/proof-needed"
    assert unguarded.prove().status_code == 204

    assert unguarded.ask("POST", "totp").status_code == 201
    assert unguarded.ask("POST", "totp").json["type"] == "/problems/proof-needed"


def test_a_proof_ends_after_five_minutes(unguarded: Guarded, conn: Connection) -> None:
    unguarded.prove()
    factories.aged(conn, str(unguarded.actor.session_id), 301)

    assert unguarded.ask("POST", "totp").status_code == 403


def test_a_deed_that_fails_uses_no_proof_up(guarded: Guarded) -> None:
    guarded.prove()

    refused = guarded.ask("POST", "totp")

    assert refused.json["type"] == "/problems/second-factor-exists"
    assert guarded.ask("DELETE", "totp").status_code == 204


def test_a_proof_is_of_its_session_only(unguarded: Guarded) -> None:
    there = factories.actor(factories.logged_in(unguarded.auth, unguarded.person))
    unguarded.prove()

    response = unguarded.account.as_(there).post("/api/account/totp")

    assert (response.status_code, response.json["type"]) == (403, "/problems/proof-needed")


def test_a_wrong_password_proves_nothing(unguarded: Guarded, conn: Connection) -> None:
    response = unguarded.prove(auth=b64(bytes(32)))

    assert (response.status_code, response.json["type"]) == (401, "/problems/wrong-credentials")
    assert factories.actions(conn)[-1] == "proof.refused"
    assert unguarded.ask("POST", "totp").status_code == 403


def test_the_password_alone_is_no_proof_with_a_second_factor(guarded: Guarded) -> None:
    response = guarded.auth.as_(guarded.actor).post(PROOF, json=_password(guarded))

    assert (response.status_code, response.json["type"]) == (401, NEEDED)
    assert response.json["methods"] == ["totp", "backup-code"]
    assert len(response.json["challenge"]) == 43
    assert guarded.ask("POST", "backup-codes").status_code == 403


def test_without_the_password_the_second_factor_proves_nothing(guarded: Guarded) -> None:
    code = guarded.backup_codes[0]

    response = guarded.prove(auth=b64(bytes(32)), code=code)

    assert response.json["type"] == "/problems/wrong-credentials"
    assert guarded.prove(code=code).status_code == 204


def test_a_code_works_once_for_proofs_and_logins(guarded: Guarded, conn: Connection) -> None:
    """S08: used up here, it is used up there."""
    assert guarded.otp
    code = guarded.otp.at(second_factors.now(conn) + 30)
    assert guarded.prove(code=code).status_code == 204

    assert guarded.prove(code=code).json["type"] == "/problems/wrong-code"
    assert guarded.answer(code).json["type"] == "/problems/wrong-code"


def test_a_passkey_proves_who_asks(holder: Guarded) -> None:
    challenge = _challenge(holder)

    response = _prove_by(holder, challenge, holder.passkeys[0])

    assert response.status_code == 204, response.text
    assert holder.ask("POST", "backup-codes").status_code == 201
    again = _prove_by(holder, challenge, holder.passkeys[0])
    assert again.json["type"] == "/problems/challenge-ended"


def test_the_passkey_of_somebody_else_proves_nothing(holder: Guarded) -> None:
    response = _prove_by(holder, _challenge(holder), Passkey())

    assert (response.status_code, response.json["type"]) == (401, "/problems/wrong-code")


def test_a_challenge_is_for_what_it_was_asked_for(holder: Guarded) -> None:
    passkey = holder.passkeys[0]
    of_login, of_proof = holder.challenged(), _challenge(holder)

    proved = _prove_by(holder, of_login, passkey)
    logged_in = holder.touch(passkey, of_proof)

    assert proved.json["type"] == logged_in.json["type"] == "/problems/challenge-ended"


def test_the_challenge_of_somebody_else_is_over(holder: Guarded) -> None:
    other = second_factors.unguarded(holder.auth, holder.account)
    other.add_passkey()

    response = _prove_by(holder, _challenge(other), holder.passkeys[0])

    assert response.json["type"] == "/problems/challenge-ended"


def test_an_ended_session_proves_nothing(unguarded: Guarded, conn: Connection) -> None:
    conn.execute("UPDATE sessions SET ended_at = now()")

    response = unguarded.prove()

    assert (response.status_code, response.json["type"]) == (401, "/problems/session-ended")


def test_a_machine_proves_nothing(unguarded: Guarded, conn: Connection) -> None:
    conn.execute("DELETE FROM credentials")

    assert unguarded.prove().json["type"] == "/problems/forbidden"


@pytest.mark.parametrize(
    "more",
    [
        {"challenge": "A" * 43},
        {"credential": {}},
        {"challenge": "A" * 43, "code": "123456"},
        {"challenge": "A" * 43, "credential": {}, "code": "123456"},
    ],
)
def test_half_an_answer_is_refused(unguarded: Guarded, more: dict[str, Any]) -> None:
    response = unguarded.prove(**more)

    assert (response.status_code, response.json["type"]) == (422, "/problems/invalid")


def test_proofs_are_limited(unguarded: Guarded) -> None:
    """S07: who has taken a session cannot try passwords by it for long."""
    statuses = [unguarded.prove(auth=b64(bytes(32))).status_code for _ in range(12)]

    assert statuses[:9] == [401] * 9
    assert statuses[-1] == 429


def _password(person: Guarded) -> dict[str, Any]:
    return {"auth": person.person.login["auth"]}


def _challenge(holder: Guarded) -> str:
    response = holder.auth.as_(holder.actor).post(PROOF, json=_password(holder))
    assert response.json["type"] == NEEDED
    challenge: str = response.json["challenge"]
    return challenge


def _prove_by(holder: Guarded, challenge: str, passkey: Passkey) -> Any:
    return holder.prove(challenge=challenge, credential=passkey.sign(challenge))
