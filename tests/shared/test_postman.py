"""Letters leave after the deed, or never; and no relay, however bad, is in anybody's way."""

import socket
import time
from collections.abc import Iterator

import psycopg
import pytest

from handlers.auth import routes
from shared import browsers, letters, mail, smtp
from shared.postman import Postman
from shared.relays import Relay, Security, Settings
from tests.clients import JWT_SECRET, ORIGIN, Client
from tests.databases import AsRole
from tests.factories import Person
from tests.mail_relay import SENDER, MailRelay
from tests.waiting import until

LETTER = letters.sign_up("https://keyarc.test/verify#token")
SOMEONE = "someone@example.com"


@pytest.fixture
def pool(database: str) -> Iterator[AsRole]:
    """The pool of auth, over transactions that are real."""
    pool = AsRole(database, "keyarc_auth")
    yield pool
    with pool.connection() as conn:
        conn.execute("DELETE FROM mails")
        conn.execute("DELETE FROM limits")
        conn.execute("DELETE FROM email_verifications")
    pool.close()


def waiting(database: str) -> list[tuple[int, bool]]:
    """Return how often each letter was tried, and whether it is due later."""
    with psycopg.connect(database) as conn:
        rows = conn.execute("SELECT attempts, next_try_at > now() FROM mails").fetchall()
    return [(attempts, later) for attempts, later in rows]


def test_a_letter_leaves_when_its_deed_is_done_and_not_before(pool: AsRole, database: str) -> None:
    with MailRelay() as relay:
        post = mail.open_post(pool, relay.settings)
        with pool.connection() as conn:
            post.send(conn, SOMEONE, LETTER)
            time.sleep(0.3)
            before = [*relay.received]

        after = relay.first()
        until(lambda: not waiting(database))

    assert before == []
    assert (after.recipients, after.message["Subject"]) == ([SOMEONE], LETTER.subject)
    assert len(relay.received) == 1


def test_no_letter_tells_of_a_deed_that_was_not_done(pool: AsRole) -> None:
    with MailRelay() as relay:
        post = mail.open_post(pool, relay.settings)
        with pool.connection() as conn:
            post.send(conn, "not@example.com", LETTER)
            conn.rollback()
        with pool.connection() as conn:
            post.send(conn, SOMEONE, LETTER)

        received = relay.first()

    assert received.recipients == [SOMEONE]
    assert len(relay.received) == 1


def test_a_letter_to_nobody_is_never_sent(pool: AsRole, database: str) -> None:
    with MailRelay() as relay:
        post = mail.open_post(pool, relay.settings)
        with pool.connection() as conn:
            post.send(conn, None, LETTER)

        until(lambda: not waiting(database))

    assert relay.received == []


def test_without_mail_nothing_is_written(pool: AsRole, database: str) -> None:
    post = mail.open_post(pool, None)

    with pool.connection() as conn:
        post.send(conn, SOMEONE, LETTER)

    assert not post.enabled
    assert waiting(database) == []


def test_what_the_relay_did_not_take_is_tried_again_later_and_by_any_process(
    pool: AsRole, database: str
) -> None:
    with MailRelay(answer="450 try again later") as relay:
        with pool.connection() as conn:
            mail.Post(relay.settings).send(conn, SOMEONE, LETTER)
        assert Postman(pool, relay.settings).deliver_due() == (0, 1)
        assert Postman(pool, relay.settings).deliver_due() == (0, 0)
    assert waiting(database) == [(1, True)]

    with pool.connection() as conn:
        conn.execute("UPDATE mails SET next_try_at = now()")
    with MailRelay() as relay:
        sent = Postman(pool, relay.settings).deliver_due()

    assert sent == (1, 0)
    assert [received.recipients for received in relay.received] == [[SOMEONE]]
    assert waiting(database) == []


def test_what_the_relay_will_never_take_is_not_tried_again(pool: AsRole, database: str) -> None:
    with MailRelay(answer="550 there is nobody of that name") as relay:
        with pool.connection() as conn:
            mail.Post(relay.settings).send(conn, SOMEONE, LETTER)

        Postman(pool, relay.settings).deliver_due()

    assert waiting(database) == []


def test_a_letter_that_waited_for_a_day_is_not_sent(pool: AsRole) -> None:
    with MailRelay() as relay:
        with pool.connection() as conn:
            mail.Post(relay.settings).send(conn, SOMEONE, LETTER)
            conn.execute("UPDATE mails SET created_at = now() - interval '25 hours'")

        Postman(pool, relay.settings).deliver_due()

    assert relay.received == []


def test_two_processes_send_a_letter_once(pool: AsRole, database: str) -> None:
    with MailRelay() as relay:
        with pool.connection() as conn:
            for number in range(6):
                mail.Post(relay.settings).send(conn, f"{number}@example.com", LETTER)
        posts = [mail.open_post(pool, relay.settings) for _ in range(2)]
        with pool.connection() as conn:
            for post in posts:
                post.send(conn, SOMEONE, LETTER)

        until(lambda: not waiting(database))

    assert len(relay.received) == 8


@pytest.mark.parametrize("accepts", [True, False])
def test_a_relay_that_hangs_or_is_not_there_delays_and_breaks_no_request(
    pool: AsRole, database: str, accepts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_S", 2)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        relay = Relay("127.0.0.1", listening.getsockname()[1], Security.PLAIN)
        if not accepts:
            listening.close()
        post = mail.open_post(pool, Settings(relay, SENDER, ORIGIN))
        origins = browsers.Origins(ORIGIN)
        auth = Client(routes.create_app(pool, (JWT_SECRET,), origins, post))

        answers = [auth.post("/auth/accounts", json=Person().registration) for _ in range(3)]
        tried_at_least_once = until(lambda: any(tries for tries, _ in waiting(database)))

    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert tried_at_least_once


def test_the_next_letter_takes_along_what_could_not_be_sent_before(
    pool: AsRole, database: str
) -> None:
    with MailRelay(answer="450 not now") as relay:
        post = mail.open_post(pool, relay.settings)
        with pool.connection() as conn:
            post.send(conn, SOMEONE, LETTER)
        until(lambda: waiting(database) == [(1, True)])
        relay.answer = "250 OK"
        with pool.connection() as conn:  # as if the minute were over
            conn.execute("UPDATE mails SET next_try_at = now()")
            post.send(conn, None, LETTER)

        assert relay.first().recipients == [SOMEONE]
