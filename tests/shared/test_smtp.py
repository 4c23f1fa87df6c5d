"""What leaves by SMTP, asked of a real server: what it says, and that nobody else can read it."""

import socket
import ssl
from contextlib import suppress
from pathlib import Path

import pytest

from shared import letters, smtp
from shared.letters import Letter
from shared.relays import Relay, Security, Settings
from tests.jobs import tls
from tests.mail_relay import SENDER, MailRelay

# What aiosmtpd says of itself when it asks for a password.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Session.login_data is deprecated"),
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
]

LETTER = Letter("Grüße", "One line,\n\n.and another one.")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """What the relay shows, and the file that vouches for it."""
    cert, key = tls.certificate(tmp_path_factory.mktemp("tls"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    return context, cert


def send(settings: Settings, recipient: str = "someone@example.com") -> None:
    smtp.send(settings, recipient, LETTER.subject, LETTER.body)


def test_a_letter_arrives_as_it_was_written() -> None:
    with MailRelay() as relay:
        send(relay.settings)

    (received,) = relay.received
    message = received.message
    assert (received.sender, received.recipients) == (SENDER.address, ["someone@example.com"])
    assert (message["From"], message["To"]) == (
        "KeyArc <keyarc@keyarc.test>",
        "someone@example.com",
    )
    assert message["Subject"] == LETTER.subject
    assert received.body.splitlines() == LETTER.body.splitlines()
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@keyarc.test>")


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_letter_goes_by_tls_to_whom_the_certificate_names(
    certificate: tuple[ssl.SSLContext, Path], security: Security, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))

    with MailRelay(security, certificate[0], wants_login=True) as relay:
        send(relay.settings)

    assert (len(relay.received), relay.ways) == (1, ["tls"])


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_no_letter_goes_to_somebody_who_only_claims_to_be_the_relay(
    certificate: tuple[ssl.SSLContext, Path], security: Security
) -> None:
    with MailRelay(security, certificate[0]) as relay, pytest.raises(ssl.SSLError):
        send(relay.settings)

    assert relay.received == []


def test_no_letter_and_no_password_goes_where_tls_is_not_offered() -> None:
    with MailRelay(Security.PLAIN) as relay:
        told = Relay("localhost", relay.port, Security.STARTTLS, "a user", "a password")

        with pytest.raises(smtp.FAILURES):
            send(Settings(told, SENDER, ""))

    assert relay.received == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028"])
def test_no_line_of_a_header_can_be_added(end: str) -> None:
    with MailRelay() as relay:
        with pytest.raises(smtp.Refused):
            smtp.send(relay.settings, f"a@example.com{end}Bcc: b@example.com", "Hello", "")
        with suppress(ValueError):
            smtp.send(relay.settings, "a@example.com", f"Hello{end}Bcc: b@example.com", "")

    for received in relay.received:
        assert received.recipients == ["a@example.com"]
        assert b"\nBcc" not in received.raw.replace(b"\r", b"\n")


@pytest.mark.parametrize(
    "address", ["a@example.com, b@example.com", "a@example.com,b@c.de", "<a@b.c>", "a", "", "a@b>c"]
)
def test_one_address_is_one_recipient(address: str) -> None:
    with MailRelay() as relay, pytest.raises(smtp.Refused):
        send(relay.settings, address)

    assert relay.received == []


def test_an_address_may_have_letters_of_any_script() -> None:
    with MailRelay() as relay:
        send(relay.settings, "jemand@übung.example")

    assert relay.received[0].recipients == ["jemand@übung.example"]


@pytest.mark.parametrize(
    ("answer", "raised"), [("550 no such user", smtp.Refused), ("450 later", smtp.FAILURES)]
)
def test_a_final_no_is_told_from_a_later(answer: str, raised: type[Exception]) -> None:
    with MailRelay(answer=answer) as relay, pytest.raises(raised) as caught:
        send(relay.settings)

    assert "someone@example.com" not in str(caught.value)


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        relay = Relay("127.0.0.1", silent.getsockname()[1], Security.PLAIN)

        with pytest.raises(smtp.FAILURES):
            send(Settings(relay, SENDER, ""))


def test_what_others_typed_is_no_link_in_a_letter() -> None:
    letter = letters.new_session(
        "Your account is locked: https://evil.example/\nGo there now!", "192.0.2.7", "https://a.b"
    )

    assert "evil.example" not in letter.body
    assert "Device: Your account is locked https evil example Go there now" in letter.body
