"""Sign and verify the two tokens of a request: the client's access token and the gateway's context.

PyJWT and cryptography are imported with the first token and not with this module: a machine that
wakes to answer a health check does not wait for them.
"""

import base64
import functools
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ed25519
    from jwt.types import Options

ACCESS_SECONDS = 600
CONTEXT_SECONDS = 30
SECRET_CHARACTERS = 32
REMEMBERED_CONTEXTS = 100_000

ACCESS_CLAIMS = ("iss", "aud", "sub", "sid", "iat", "exp", "jti")
CONTEXT_CLAIMS = (*ACCESS_CLAIMS, "htm", "htu", "bsh", "ip", "rid")


class Refused(Exception):
    """The token is not accepted."""


@dataclass(frozen=True, slots=True)
class Access:
    """Whose request it is, and by which session."""

    user_id: UUID
    session_id: UUID


@dataclass(frozen=True, slots=True)
class Context(Access):
    """What the gateway vouches for: who asks, from which address, under which request id."""

    address: str
    request_id: str


def parse_secrets(text: str) -> tuple[str, ...]:
    """Return the values of JWT_SECRET: the first one signs, every one verifies."""
    values = tuple(value.strip() for value in text.split(","))
    if any(len(value) < SECRET_CHARACTERS for value in values):
        raise ValueError(f"each of its comma-separated values needs {SECRET_CHARACTERS} characters")
    return values


def load() -> None:
    """Load what the first token needs; for a service that knows that one will come soon."""
    import jwt  # noqa: F401, PLC0415 - see the module's docstring


def sign_access(secrets: Sequence[str], user_id: UUID, session_id: UUID) -> str:
    """Return an access token, good for ``ACCESS_SECONDS``."""
    import jwt  # noqa: PLC0415 - see the module's docstring

    claims = _claimed("keyarc", "keyarc", Access(user_id, session_id), ACCESS_SECONDS)
    return jwt.encode(claims, secrets[0], algorithm="HS256")


def verify_access(secrets: Sequence[str], token: str) -> Access:
    """Return who holds *token*; raise Refused."""
    expected = _Expected("HS256", "keyarc", "keyarc", ACCESS_CLAIMS)
    claims = _claims(token, secrets, expected)
    _check_times(claims, time.time(), ACCESS_SECONDS)
    return Access(_id(claims["sub"]), _id(claims["sid"]))


def context_public_key(secret: str) -> str:
    """Return what CONTEXT_PUBLIC_KEYS must hold so that contexts signed by *secret* are taken."""
    return _b64(_context_key(secret).public_key().public_bytes_raw())


def sign_context(
    secrets: Sequence[str],
    access: Access,
    *,
    audience: str,
    method: str,
    target: str,
    body_hash: bytes,
    address: str,
    request_id: str,
) -> str:
    """Return a context for one request: *target* is the raw path with its query."""
    import jwt  # noqa: PLC0415 - see the module's docstring

    claims = _claimed("keyarc-gateway", audience, access, CONTEXT_SECONDS) | {
        "htm": method,
        "htu": target,
        "bsh": _b64(body_hash),
        "ip": address,
        "rid": request_id,
    }
    return jwt.encode(claims, _context_key(secrets[0]), algorithm="EdDSA")


class ContextVerifier:
    """Accepts each context once, by one service, for the request that it was signed for."""

    def __init__(
        self, public_keys: str, audience: str, now: Callable[[], float] = time.time
    ) -> None:
        """Take the text of CONTEXT_PUBLIC_KEYS; raise ValueError if it is malformed."""
        self._raw_keys = [_public_key(text) for text in public_keys.split(",")]
        self._audience = audience
        self._now = now
        self._used = _Used()

    def verify(self, token: str, *, method: str, target: str, body_hash: bytes) -> Context:
        """Return who asks; raise Refused. *body_hash* is that of SHA-256, of any body."""
        expected = _Expected("EdDSA", self._audience, "keyarc-gateway", CONTEXT_CLAIMS)
        claims = _claims(token, self._keys, expected)
        asked = (claims["htm"], claims["htu"], claims["bsh"])
        if asked != (method, target, _b64(body_hash)):
            raise Refused
        self._used.add(claims["jti"], claims, self._now())
        user_id, session_id = _id(claims["sub"]), _id(claims["sid"])
        return Context(user_id, session_id, claims["ip"], claims["rid"])

    @functools.cached_property
    def _keys(self) -> "list[ed25519.Ed25519PublicKey]":
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - see above

        return [ed25519.Ed25519PublicKey.from_public_bytes(raw) for raw in self._raw_keys]


class _Used:
    """The contexts that were taken and have not expired; its clock never goes back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._expiry_by_id: OrderedDict[str, int] = OrderedDict()
        self._latest = 0.0

    def add(self, context_id: str, claims: Mapping[str, Any], now: float) -> None:
        with self._lock:
            self._latest = max(self._latest, now)
            _check_times(claims, self._latest, CONTEXT_SECONDS)
            while self._expiry_by_id and next(iter(self._expiry_by_id.values())) <= self._latest:
                self._expiry_by_id.popitem(last=False)
            # Full means more than 3,000 requests a second: refusing is safe, forgetting is not.
            if context_id in self._expiry_by_id or len(self._expiry_by_id) >= REMEMBERED_CONTEXTS:
                raise Refused
            self._expiry_by_id[context_id] = claims["exp"]


def _claimed(issuer: str, audience: str, access: Access, seconds: int) -> dict[str, Any]:
    now = int(time.time())
    return {
        "iss": issuer,
        "aud": audience,
        "sub": str(access.user_id),
        "sid": str(access.session_id),
        "iat": now,
        "exp": now + seconds,
        "jti": uuid4().hex,
    }


@dataclass(frozen=True, slots=True)
class _Expected:
    algorithm: str
    audience: str
    issuer: str
    claims: Sequence[str]


def _claims(
    token: str, keys: "Sequence[str | ed25519.Ed25519PublicKey]", expected: _Expected
) -> dict[str, Any]:
    """Return what one of *keys* signed; raise Refused for anything else."""
    import jwt  # noqa: PLC0415 - see the module's docstring

    options: Options = {
        "require": list(expected.claims),
        "strict_aud": True,
        "verify_exp": False,  # _check_times does
        "verify_iat": False,  # the signing machine's clock may be a second ahead
    }
    for key in keys:
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[expected.algorithm],
                audience=expected.audience,
                issuer=expected.issuer,
                options=options,
            )
        except jwt.InvalidSignatureError:
            continue
        except (jwt.PyJWTError, ValueError) as ex:
            raise Refused from ex
    raise Refused


def _check_times(claims: Mapping[str, Any], now: float, seconds: int) -> None:
    issued, expires = claims["iat"], claims["exp"]
    if type(issued) is not int or type(expires) is not int:
        raise Refused
    if expires <= now or expires - issued > seconds:
        raise Refused


@functools.lru_cache(maxsize=4)
def _context_key(secret: str) -> "ed25519.Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 - see above

    seed = HKDF(SHA256(), length=32, salt=None, info=b"keyarc/context-key").derive(secret.encode())
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed)


def _public_key(text: str) -> bytes:
    try:
        raw = base64.b64decode(text.strip() + "=", altchars=b"-_", validate=True)
    except ValueError:
        raw = b""
    if len(raw) != 32 or _b64(raw) != text.strip():
        raise ValueError("each value is 32 bytes as base64url")
    return raw


def _id(text: Any) -> UUID:
    try:
        value = UUID(text)
    except (AttributeError, TypeError, ValueError) as ex:
        raise Refused from ex
    if str(value) != text:
        raise Refused
    return value


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
