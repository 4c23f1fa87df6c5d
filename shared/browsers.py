"""What makes a request with cookies the page's own: cookie names, header and allowed origins."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from falcon import Request  # the settings are read before it is loaded

ACCESS_COOKIE = "__Host-keyarc-access"
REFRESH_COOKIE = "__Host-keyarc-refresh"


class Origins:
    """The origins that PUBLIC_ORIGIN lists, such as ``https://keyarc.io``."""

    def __init__(self, text: str) -> None:
        """Take the text of PUBLIC_ORIGIN; raise ValueError if it is malformed."""
        self.origins = frozenset(_origin(value.strip()) for value in text.split(","))
        self.hosts = frozenset(origin.partition("://")[2] for origin in self.origins)

    def admit(self, req: "Request") -> bool:
        """Tell whether the cookies of *req* count: no other site can make such a request."""
        if not is_browser(req):
            return False
        if req.get_header("Sec-Fetch-Site") not in (None, "same-origin"):
            return False
        origin = req.get_header("Origin")
        return origin is None or origin in self.origins


def is_browser(req: "Request") -> bool:
    """Tell whether the page says it asks: a header that other sites cannot set without leave."""
    return req.get_header("KeyArc-Client") == "web"


def cookie(req: "Request", name: str) -> str | None:
    """Return the one value of a cookie; two different ones count as none."""
    values = set(req.get_cookie_values(name) or ())
    return values.pop() if len(values) == 1 else None


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or f"{parts.scheme}://{parts.netloc}" != text:
        raise ValueError(f"{text!r} is not an origin like https://keyarc.io")
    if not parts.hostname or "@" in parts.netloc or text != text.lower():
        raise ValueError(f"{text!r} is not an origin like https://keyarc.io")
    return text
