"""What a recovery takes beside its code: a mail where there is mail, a second factor likewise."""

import os
import re

import pytest

from shared.db import Connection
from shared.mail import Post
from tests import factories, mail_relay, recoveries, second_factors
from tests.clients import Client
from tests.recoveries import Recovering
from tests.second_factors import Guarded

CODE = re.compile(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}")


@pytest.fixture
def mailing(conn: Connection) -> Client:
    """Auth with mail, where a recovery need not wait."""
    return recoveries.service(conn, Post(mail_relay.NOWHERE))


@pytest.fixture
def recovering(auth: Client, mailing: Client) -> Recovering:
    """Someone with an account from before, who begins at a service that sends mail."""
    return Recovering(mailing, factories.signed_up(auth))


def mailed(conn: Connection) -> str:
    """Return the code of the last letter."""
    found = CODE.search(mail_relay.letters(conn)[-1][2])
    assert found is not None
    return found[0]


def problem(response: object) -> tuple[int, str]:
    return response.status_code, response.json["type"].rpartition("/")[2]  # type: ignore[attr-defined]


def test_with_mail_the_code_of_the_letter_is_needed_too(
    recovering: Recovering, conn: Connection
) -> None:
    """M38: recovery code and mailbox together, and neither alone."""
    begun = recovering.begin()
    code = mailed(conn)

    assert begun.json["mail"] is True
    assert mail_relay.letters(conn)[-1][0] == recovering.person.email
    assert problem(recovering.keys()) == (401, "wrong-code")
    assert problem(recovering.keys(mail_code="AAAA-AAAA-AAAA-AAAA")) == (401, "wrong-code")
    assert problem(recovering.keys(mail_code="no code")) == (401, "wrong-code")
    assert recovering.keys(mail_code=code.lower().replace("-", " ")).status_code == 200


def test_a_letter_is_good_for_the_recovery_that_it_came_with(
    recovering: Recovering, conn: Connection
) -> None:
    recovering.begin()
    first = mailed(conn)
    recovering.begin()

    assert problem(recovering.keys(mail_code=first)) == (401, "wrong-code")
    assert recovering.keys(mail_code=mailed(conn)).status_code == 200


def test_with_mail_nobody_is_told_that_the_code_or_the_address_is_wrong(
    recovering: Recovering, conn: Connection
) -> None:
    """S06: each receives a token that opens nothing, and a letter goes to nobody."""
    auth, known = recovering.auth, recovering.person.email

    wrong = recoveries.begin(auth, known, os.urandom(32))
    unknown = recoveries.begin(auth, "nobody@example.com", os.urandom(32))
    right = recovering.begin()

    shapes = []
    for response in (wrong, unknown, right):
        assert response.status_code == 202
        shapes.append({**response.json, "recovery": len(response.json["recovery"])})
    assert shapes[0] == shapes[1] == shapes[2]
    assert [to for to, _, _ in mail_relay.letters(conn)] == [None, None, known]
    for response in (wrong, unknown):
        body = {**recovering.proofs, "recovery": response.json["recovery"]}
        assert problem(auth.post(recoveries.KEYS, json=body)) == (401, "wrong-credentials")
        finishing = recovering.draft() | {"recovery": response.json["recovery"]}
        refused = auth.post(recoveries.FINISH, json=finishing)
        assert problem(refused) == (401, "wrong-credentials")


def test_the_owner_is_told_of_the_end_as_well(recovering: Recovering, conn: Connection) -> None:
    recovering.begin()
    recovering.keys(mail_code=mailed(conn))

    recovering.finish()

    subjects = [subject for to, subject, _ in mail_relay.letters(conn) if to]
    assert subjects[:2] == [
        "A recovery of your KeyArc account has begun",
        "Your KeyArc account was recovered",
    ]


def test_letters_hold_nothing_that_opens_anything_by_itself(
    recovering: Recovering, conn: Connection
) -> None:
    recovering.begin()

    (_, _, body) = mail_relay.letters(conn)[-1]

    assert recovering.token not in body
    assert recovering.proofs["recovery_auth"] not in body


def test_guessing_the_mailed_code_gets_slow_and_beginning_again_does_not_help(
    recovering: Recovering, conn: Connection
) -> None:
    recovering.begin()
    for _ in range(5):
        recovering.keys(mail_code="AAAA-AAAA-AAAA-AAAA")

    recovering.begin()

    assert recovering.keys(mail_code=mailed(conn)).status_code == 429


def test_a_second_factor_is_asked_for_and_serves_once(conn: Connection, guarded: Guarded) -> None:
    """M38: the recovery code replaces password and account key, not the second factor."""
    recovering = Recovering(recoveries.service(conn), guarded.person)
    recovering.begin()
    code = guarded.backup_codes.pop()

    asked = recovering.keys()
    wrong = recovering.keys(code="000000")
    right = recovering.keys(code=code)
    again = recovering.keys(code=code)

    assert problem(asked) == (401, "second-factor-needed")
    assert asked.json["methods"] == ["totp", "backup-code"]
    assert problem(wrong) == (401, "wrong-code")
    assert right.status_code == 200
    assert problem(again) == (401, "wrong-code")
    assert "code.refused" in factories.actions(conn)


def test_who_has_passkeys_alone_answers_with_a_backup_code(
    conn: Connection, holder: Guarded
) -> None:
    recovering = Recovering(recoveries.service(conn), holder.person)
    recovering.begin()

    asked = recovering.keys()

    assert asked.json["methods"] == ["backup-code"]
    assert recovering.keys(code=holder.backup_codes.pop()).status_code == 200


def test_guessing_the_second_factor_gets_slow_and_beginning_again_does_not_help(
    conn: Connection, guarded: Guarded
) -> None:
    """M38: six digits are few, so their guesses are counted by person."""
    recovering = Recovering(recoveries.service(conn), guarded.person)
    recovering.begin()
    statuses = [recovering.keys(code="000000").status_code for _ in range(10)]

    recovering.begin()

    assert statuses == [401] * 10
    assert recovering.keys(code=guarded.backup_codes.pop()).status_code == 429


def test_another_session_stops_a_recovery(conn: Connection, guarded: Guarded) -> None:
    recovering = Recovering(recoveries.service(conn), guarded.person)
    recovering.begin()

    stopped = guarded.ask("DELETE", "recovery")
    nothing_left = guarded.ask("DELETE", "recovery")

    assert (stopped.status_code, nothing_left.status_code) == (204, 204)
    code = guarded.backup_codes.pop()
    assert problem(recovering.keys(code=code)) == (401, "challenge-ended")
    assert factories.actions(conn).count("recovery.cancelled") == 1


def test_a_stop_between_keys_and_new_keys_counts(conn: Connection, guarded: Guarded) -> None:
    recovering = Recovering(recoveries.service(conn), guarded.person)
    recovering.begin()
    recovering.keys(code=guarded.backup_codes.pop())

    guarded.ask("DELETE", "recovery")

    assert problem(recovering.finish()) == (401, "challenge-ended")
    assert second_factors.listed(guarded)["totp"] is True
