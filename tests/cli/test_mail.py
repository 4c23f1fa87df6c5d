"""Signing up from the command line where there is mail."""

import re
import urllib.request
from pathlib import Path

from machines.stack import Stack
from tests.cli.keyarc import Keyarc
from tests.mail_relay import MailRelay
from tests.waiting import until

LINK = re.compile(r"(http://localhost:\d+)/verify#([A-Za-z0-9_-]{43})")


def test_the_account_begins_with_the_link_of_a_letter(tmp_path: Path) -> None:
    with MailRelay() as relay:
        settings = {
            "SMTP_URL": f"smtp://127.0.0.1:{relay.port}",
            "MAIL_FROM": "KeyArc <keyarc@example.com>",
        }
        with Stack(tmp_path / "data", durable=False, settings=settings) as stack:
            first = Keyarc(tmp_path / "first", stack.url, "someone@example.com")
            told = first("signup")
            first.variables["KEYARC_ACCOUNT_KEY"] = told.out.splitlines()[0].split()[-1]
            first("login", code=8)

            link = LINK.search(relay.first().body)
            assert link
            body = f'{{"token": "{link[2]}"}}'.encode()
            asked = urllib.request.Request(  # noqa: S310 - our own
                f"{stack.url}/auth/email-verifications", body, {"Content-Type": "application/json"}
            )
            urllib.request.urlopen(asked, timeout=60).close()  # noqa: S310 - our own
            first("login")
            first("vault", "create", "work")
            again = Keyarc(tmp_path / "again", stack.url, "someone@example.com")
            second_told = again("signup")
            until(lambda: len(relay.received) > 1)

    assert link[1] == stack.url
    assert "someone@example.com" in told.err
    assert "open it" in told.err
    assert second_told.err == told.err
    subjects = [received.message["Subject"] for received in relay.received]
    assert subjects == [
        "Confirm your e-mail address for KeyArc",
        "You already have a KeyArc account",
    ]
