"""Who has a second factor proves it too, before anything is handed out."""

from collections.abc import Callable

import pytest

from shared.db import Connection
from shared.keyarc.encoding import b64, unb64
from tests import factories, second_factors
from tests.clients import Client
from tests.second_factors import PROOF, Guarded

WRONG = "/problems/wrong-code"
ENDED = "/problems/challenge-ended"
SEALED = {"user_key", "identity", "idcert", "keyring", "passkey", "access_token", "refresh_token"}


def code_of(guarded: Guarded, conn: Connection, steps: int = 1) -> str:
    """Return the app's code *steps* from now; that of now was used to set the app up."""
    assert guarded.otp
    return guarded.otp.at(second_factors.now(conn) + 30 * steps)


def test_the_password_alone_receives_a_challenge_and_nothing_that_opens(guarded: Guarded) -> None:
    response = guarded.log_in()

    assert (response.status_code, response.json["expires_in"]) == (200, 300)
    assert response.json["methods"] == ["totp", "backup-code"]
    assert response.json["passkeys"] == []
    assert not response.json.keys() & SEALED
    assert not response.cookies


def test_a_code_of_the_app_finishes_the_login(guarded: Guarded, conn: Connection) -> None:
    response = guarded.answer(code_of(guarded, conn))

    assert response.status_code == 201, response.text
    assert response.json.keys() >= SEALED
    assert response.json["user_id"] == str(guarded.person.user_id)
    assert factories.actions(conn)[-1] == "session.started"


def test_without_the_password_there_is_no_challenge(guarded: Guarded) -> None:
    wrong = guarded.person.login | {"auth": b64(bytes(32))}

    response = guarded.auth.post("/auth/sessions", json=wrong)
    other = guarded.auth.post("/auth/sessions", json=factories.Person().login)

    assert (response.status_code, response.content) == (401, other.content)


def test_a_code_works_once(guarded: Guarded, conn: Connection) -> None:
    """S08: neither the same challenge nor another one takes a code again."""
    code = code_of(guarded, conn)
    first = guarded.challenged()
    assert guarded.answer(code, first).status_code == 201

    assert guarded.answer(code, first).json["type"] == ENDED
    assert guarded.answer(code).json["type"] == WRONG
    assert guarded.answer(f"{code[:3]} {code[3:]}").json["type"] == WRONG


def test_the_code_that_set_the_app_up_is_used(guarded: Guarded, conn: Connection) -> None:
    """S08: whoever looked on while the app was set up has nothing."""
    assert guarded.answer(code_of(guarded, conn, 0)).json["type"] == WRONG


def test_no_code_is_taken_from_before_one_that_was(guarded: Guarded, conn: Connection) -> None:
    """S08: steps only rise."""
    conn.execute("UPDATE totp SET last_step = 0")
    assert guarded.answer(code_of(guarded, conn, 1)).status_code == 201

    for steps in (-1, 0, 1):
        assert guarded.answer(code_of(guarded, conn, steps)).json["type"] == WRONG


def test_full_width_digits_and_spaces_are_a_code(guarded: Guarded, conn: Connection) -> None:
    """S08: compared as meant, and used up all the same."""
    code = code_of(guarded, conn)
    wide = code.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})

    assert guarded.answer(f"{wide[:3]}\N{IDEOGRAPHIC SPACE}{wide[3:]}").status_code == 201
    assert guarded.answer(code).json["type"] == WRONG


def test_five_wrong_answers_end_a_challenge(guarded: Guarded, conn: Connection) -> None:
    challenge, right = guarded.challenged(), code_of(guarded, conn)

    wrong = [guarded.answer("000000", challenge).json["type"] for _ in range(5)]

    assert wrong == [WRONG] * 5
    assert guarded.answer(right, challenge).json["type"] == ENDED
    assert factories.actions(conn).count("code.refused") == 5


def test_a_challenge_ends_after_five_minutes(guarded: Guarded, conn: Connection) -> None:
    challenge = guarded.challenged()
    conn.execute("UPDATE challenges SET expires_at = expires_at - interval '301 seconds'")

    assert guarded.answer(code_of(guarded, conn), challenge).json["type"] == ENDED


def test_new_challenges_bring_no_new_guesses(guarded: Guarded) -> None:
    """S07: wrong codes count against the person, however many challenges there are."""
    statuses = [guarded.answer("000000").status_code for _ in range(12)]

    assert statuses[:9] == [401] * 9
    assert statuses[-1] == 429


@pytest.mark.parametrize("change", [str.lower, lambda code: code.replace("-", ""), str.strip])
def test_a_backup_code_works_once(guarded: Guarded, change: Callable[[str], str]) -> None:
    code = change(guarded.backup_codes[0])

    assert guarded.answer(code).status_code == 201
    assert guarded.answer(code).json["type"] == WRONG
    assert guarded.answer(guarded.backup_codes[1]).status_code == 201


def test_backup_codes_alone_ask_for_nothing(guarded: Guarded, conn: Connection) -> None:
    proof = {"auth": guarded.person.login["auth"]}
    conn.execute("DELETE FROM totp")

    assert guarded.log_in().status_code == 201
    assert guarded.auth.as_(guarded.actor).post(PROOF, json=proof).status_code == 204


def test_the_code_of_somebody_else_is_wrong(
    guarded: Guarded, auth: Client, account: Client, conn: Connection
) -> None:
    other = second_factors.unguarded(auth, account)
    other.add_totp(second_factors.now(conn))

    assert guarded.answer(code_of(other, conn)).json["type"] == WRONG
    assert guarded.answer(other.backup_codes[0]).json["type"] == WRONG
    assert other.answer(other.backup_codes[0]).status_code == 201


def test_only_hashes_of_challenges_and_backup_codes_are_stored(
    guarded: Guarded, conn: Connection
) -> None:
    challenge = unb64(guarded.challenged())

    stored = conn.execute(
        "SELECT challenge_hash FROM challenges UNION SELECT code_hash FROM backup_codes"
    ).fetchall()

    assert len(stored) == 11
    assert challenge not in {value for (value,) in stored}


@pytest.mark.parametrize("challenge", ["", "A" * 42, 7, None])
def test_what_is_no_challenge_is_refused(auth: Client, challenge: object) -> None:
    body = {"challenge": challenge, "code": "123456"}

    response = auth.post("/auth/sessions/totp", json=body)

    assert (response.status_code, list(response.json["errors"])) == (422, ["challenge"])


def test_a_challenge_that_nobody_was_given_is_over(auth: Client) -> None:
    response = auth.post("/auth/sessions/totp", json={"challenge": "A" * 43, "code": "123456"})

    assert (response.status_code, response.json["type"]) == (401, ENDED)
