"""Passkeys belong to a name: the host of the page on which they are made."""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from falcon import Request

from shared import networks, problems


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The name that a passkey belongs to, and the origin of the page that uses it."""

    id: str
    origin: str


def of(req: Request, origins: Collection[str] | None = None) -> RelyingParty:
    """Return what the page that asks is; refuse whoever is no page, or a page without a name.

    *origins* are those of the page, where the service before this one has not looked already.
    """
    origin = req.get_header("Origin", default="")
    host = _host(origin) if origins is None or origin in origins else None
    if not host or networks.is_address(host):
        raise problems.Invalid({"origin": ["Passkeys work on a page that has a name."]})
    return RelyingParty(host, origin)


def _host(origin: str) -> str | None:
    try:
        return urlsplit(origin).hostname
    except ValueError:
        return None
