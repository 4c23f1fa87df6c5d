"""Hands one letter to the relay; loaded by the first one that is sent."""

import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime, make_msgid

from shared.relays import Relay, Security, Sender, Settings, can_reach

TIMEOUT_S = 10
FAILURES = (OSError, smtplib.SMTPException)


class Refused(Exception):
    """Nobody will ever take this letter to that address."""


def send(settings: Settings, recipient: str, subject: str, body: str) -> None:
    """Send a letter; raise Refused for one that nobody will ever take, or one of FAILURES."""
    if not can_reach(recipient):
        raise Refused
    sender = settings.sender
    message = compose(sender, recipient, subject, body)
    with _connected(settings.relay, sender) as server:
        try:
            server.send_message(message, sender.address, [recipient])
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError) as ex:
            codes = [code for code, _ in getattr(ex, "recipients", {}).values()]
            if all(code >= 500 for code in codes):
                raise Refused from None  # what it says quotes the address
            raise smtplib.SMTPException from None


def compose(sender: Sender, recipient: str, subject: str, body: str) -> EmailMessage:
    """Return the letter as it is sent; a line's end within a header is a ValueError."""
    message = EmailMessage(policy=SMTP.clone(utf8=not recipient.isascii()))
    name, _, domain = recipient.rpartition("@")
    message["From"] = _address(sender.name, sender.address)
    message["To"] = Address(username=name, domain=domain)
    message["Subject"] = subject
    message["Date"] = format_datetime(localtime())
    message["Message-ID"] = make_msgid(domain=sender.address.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers
    message.set_content(body)
    return message


def _address(name: str, address: str) -> Address:
    username, _, domain = address.rpartition("@")
    return Address(name, username, domain)


def _connected(relay: Relay, sender: Sender) -> smtplib.SMTP:
    """Return the way to the relay, secret before a password or a letter goes it."""
    us = sender.address.rpartition("@")[2]
    trusted = ssl.create_default_context()
    server: smtplib.SMTP
    if relay.security is Security.TLS:
        server = smtplib.SMTP_SSL(relay.host, relay.port, us, timeout=TIMEOUT_S, context=trusted)
    else:
        server = smtplib.SMTP(relay.host, relay.port, us, timeout=TIMEOUT_S)
    try:
        if relay.security is Security.STARTTLS:
            server.starttls(context=trusted)
        if relay.user:
            server.login(relay.user, relay.password)
    except BaseException:
        server.close()
        raise
    return server
