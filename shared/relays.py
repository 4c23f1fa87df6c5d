"""Who takes our mail, as SMTP_URL, MAIL_FROM and PUBLIC_ORIGIN tell it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from shared import networks, settings

# A name before the address is optional. What mail cannot be sent to is refused: no quotes, no
# lists, no comments, so that one line of a header is one address whoever reads it.
ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+")
SENDER = re.compile(r"(?:(?P<name>[\w .+-]*\w)\s*<)?(?P<address>[^<>]+)(?(name)>)")


class Security(StrEnum):
    """How the way to the relay is kept secret; none only where it never leaves this machine."""

    PLAIN = "plain"
    STARTTLS = "starttls"
    TLS = "tls"


PORTS = {Security.PLAIN: 25, Security.STARTTLS: 587, Security.TLS: 465}


@dataclass(frozen=True, slots=True)
class Relay:
    """A server that takes mail."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom mail is from."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All that mail needs; *origin* is where its links lead."""

    relay: Relay
    sender: Sender
    origin: str


def read(environ: Mapping[str, str]) -> Settings | None:
    """Return what the environment says of mail; None without SMTP_URL: then there is none."""
    if not environ.get("SMTP_URL"):
        return None
    return Settings(
        settings.setting(environ, "SMTP_URL", parse_relay),
        settings.setting(environ, "MAIL_FROM", parse_sender),
        settings.setting(environ, "PUBLIC_ORIGIN", _first),
    )


def parse_relay(text: str) -> Relay:
    """Return the relay of ``smtps://user:password@host`` or ``smtp://…``; ValueError for others.

    ``smtp://`` begins plain and goes on under TLS, or not at all; it stays plain on this machine.
    """
    parts = urlsplit(text)
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if parts.scheme not in {"smtp", "smtps"} or not host or parts.path.strip("/") or parts.query:
        raise ValueError("not like smtps://user:password@host:465")  # without quoting a password
    security = Security.TLS
    if parts.scheme == "smtp":
        here = host == "localhost" or networks.is_loopback(host)
        security = Security.PLAIN if here else Security.STARTTLS
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Relay(host, port or PORTS[security], security, user, password)


def parse_sender(text: str) -> Sender:
    """Return whom ``KeyArc <keyarc@example.com>``, or the address alone, names."""
    found = SENDER.fullmatch(text.strip())
    if found is None or not ADDRESS.fullmatch(found["address"]):
        raise ValueError(f"{text!r} is not like KeyArc <keyarc@example.com>")
    return Sender(found["name"] or "KeyArc", found["address"])


def can_reach(email: str) -> bool:
    """Tell whether mail can be sent to an address at all."""
    return ADDRESS.fullmatch(email) is not None


def _first(origins: str) -> str:
    return origins.partition(",")[0].strip()
