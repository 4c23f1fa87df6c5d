"""The two tokens of a session: made, renewed, and handed to a browser or to a client."""

import hashlib
import hmac
import secrets as random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from falcon import Response

from shared import access_tokens, browsers
from shared.access_tokens import ACCESS_SECONDS
from shared.keyarc import encoding

TOKEN_BYTES = 32
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def make_refresh_token() -> bytes:
    return random.token_bytes(TOKEN_BYTES)


def derive_successors(secrets: Sequence[str], token: bytes) -> list[bytes]:
    """Return the token that follows *token*, under each of JWT_SECRET's values, current first.

    Derived and not drawn: so the answer to a request that is repeated because its answer was lost
    is the same, although only hashes are stored.
    """
    context = b"keyarc/refresh-token\0" + token
    return [hmac.digest(secret.encode(), context, "sha256") for secret in secrets]


def stored(token: bytes) -> bytes:
    """Return what the database keeps of *token*."""
    return hashlib.sha256(token).digest()


@dataclass(frozen=True, slots=True)
class Grant:
    """Whom tokens are for, the refresh token among them, and how long the session lives."""

    user_id: UUID
    session_id: UUID
    refresh_token: bytes
    browser: bool
    lifetime_s: int


class Tokens:
    """Signs access tokens, and hands both tokens out."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self.secrets = secrets

    def hand_out(self, resp: Response, grant: Grant) -> dict[str, Any]:
        """Return what the body says of the tokens; a browser gets them as cookies only."""
        access = access_tokens.sign_access(self.secrets, grant.user_id, grant.session_id)
        expires = {"expires_in": ACCESS_SECONDS}
        if not grant.browser:
            return {"access_token": access, "refresh_token": grant.refresh_token, **expires}
        refresh = encoding.b64(grant.refresh_token)
        for name, value, seconds in (
            (browsers.ACCESS_COOKIE, access, ACCESS_SECONDS),
            (browsers.REFRESH_COOKIE, refresh, grant.lifetime_s),
        ):
            resp.set_cookie(name, value, max_age=seconds, path="/", secure=True, same_site="Strict")
        return expires


def clear_cookies(resp: Response) -> None:
    """Make a browser forget: only a cookie as strict as the one it has can replace it."""
    for name in (browsers.ACCESS_COOKIE, browsers.REFRESH_COOKIE):
        resp.set_cookie(name, "", expires=LONG_AGO, path="/", secure=True, same_site="Strict")
