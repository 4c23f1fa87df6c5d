"""Letters that no service sent any more are sent by a job."""

import psycopg
import pytest

from handlers.jobs import run
from handlers.jobs.failures import Failure
from tests.installations import Installation
from tests.mail_relay import MailRelay


@pytest.fixture
def _left_over(installation: Installation) -> None:
    with psycopg.connect(installation.url) as conn:
        conn.execute(
            """INSERT INTO mails (recipient, subject, body)
               VALUES ('someone@example.com', 'Hello', 'Hello'), (NULL, 'Hello', 'Hello')"""
        )


@pytest.mark.usefixtures("_left_over")
def test_what_was_left_over_is_sent(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_FROM", "keyarc@example.com")
    with MailRelay() as relay:
        monkeypatch.setenv("SMTP_URL", f"smtp://localhost:{relay.port}")

        result = run.run("mail", installation.url)

    assert result == {"sent": 2, "waiting": 0}
    assert [received.recipients for received in relay.received] == [["someone@example.com"]]
    with psycopg.connect(installation.url) as conn:
        assert conn.execute("SELECT count(*) FROM mails").fetchone() == (0,)


@pytest.mark.usefixtures("_left_over")
def test_what_cannot_be_sent_waits(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_FROM", "keyarc@example.com")
    with MailRelay(answer="450 later") as relay:
        monkeypatch.setenv("SMTP_URL", f"smtp://localhost:{relay.port}")

        result = run.run("mail", installation.url)

    assert result == {"sent": 1, "waiting": 1}  # one was to nobody


def test_without_mail_there_is_nothing_to_do(installation: Installation) -> None:
    assert run.run("mail", installation.url) == {"mail": "not set up"}


def test_half_of_what_mail_needs_is_told(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_URL", "smtps://mail.example.com")

    with pytest.raises(Failure, match="MAIL_FROM is not set"):
        run.run("mail", installation.url)
