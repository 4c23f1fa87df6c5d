"""What the operator says of mail is understood, or refused at the start without being repeated."""

import pytest

from shared import relays
from shared.relays import Relay, Security, Sender

TOLD = {
    "SMTP_URL": "smtps://me:p%40ss@mail.example.com",
    "MAIL_FROM": "KeyArc <keyarc@example.com>",
    "PUBLIC_ORIGIN": "https://keyarc.test,http://localhost:1",
}


@pytest.mark.parametrize(
    ("text", "relay"),
    [
        ("smtps://a.example", Relay("a.example", 465, Security.TLS)),
        ("smtp://a.example", Relay("a.example", 587, Security.STARTTLS)),
        ("smtp://10.0.0.1:2525", Relay("10.0.0.1", 2525, Security.STARTTLS)),
        ("smtp://localhost:2525", Relay("localhost", 2525, Security.PLAIN)),
        ("smtp://127.0.0.1:2525", Relay("127.0.0.1", 2525, Security.PLAIN)),
        ("smtp://[::1]:2525", Relay("::1", 2525, Security.PLAIN)),
        ("smtp://localhost.evil.example", Relay("localhost.evil.example", 587, Security.STARTTLS)),
        ("smtps://u%40x:p%3Aw@a.example:1", Relay("a.example", 1, Security.TLS, "u@x", "p:w")),
    ],
)
def test_mail_is_plain_on_this_machine_only(text: str, relay: Relay) -> None:
    assert relays.parse_relay(text) == relay


@pytest.mark.parametrize(
    "text",
    [
        "mail.example.com",
        "http://a.example",
        "smtps://",
        "smtps://u:secret@a.example:port",
        "smtps://u:secret@a.example/path",
        "smtps://u:secret@a.example?tls=no",
    ],
)
def test_a_relay_that_is_not_understood_is_refused_and_its_password_not_told(text: str) -> None:
    with pytest.raises(SystemExit) as caught:
        relays.read(TOLD | {"SMTP_URL": text})

    assert str(caught.value).startswith("SMTP_URL: ")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        ("keyarc@example.com", Sender("KeyArc", "keyarc@example.com")),
        ("Our Keys <a@example.com>", Sender("Our Keys", "a@example.com")),
    ],
)
def test_a_sender_is_an_address_with_or_without_a_name(text: str, sender: Sender) -> None:
    assert relays.parse_sender(text) == sender


@pytest.mark.parametrize(
    "text", ["KeyArc", "a@b, c@d", "<a@b>", "A <a@b", "A\nBcc: c <a@b>", "A <a@b>\nBcc: c@d"]
)
def test_what_is_no_sender_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not like"):
        relays.parse_sender(text)


def test_mail_needs_all_of_it_or_nothing() -> None:
    settings = relays.read(TOLD)

    assert settings
    assert settings.origin == "https://keyarc.test"
    assert "p@ss" not in repr(settings)
    assert relays.read({}) is None
    assert relays.read(TOLD | {"SMTP_URL": ""}) is None
    with pytest.raises(SystemExit, match="MAIL_FROM is not set"):
        relays.read(TOLD | {"MAIL_FROM": ""})
