"""The catalogue of RFC 9457 problems: every error that a service answers with is one of these."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import falcon

from shared.keyarc import encoding

# Python's own phrases differ between its versions.
_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    410: "Gone",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


class Problem(falcon.HTTPError):
    """An error whose slug is its name; *members* are added to its document."""

    slug: ClassVar[str]
    number: ClassVar[int]

    def __init_subclass__(cls, *, status: int) -> None:
        cls.slug = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
        cls.number = status

    def __init__(
        self,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(self.number, title=_TITLES[self.number], headers=dict(headers or {}))
        self.detail = detail
        self.members = members

    @property
    def document(self) -> dict[str, Any]:
        """The problem as it is sent."""
        document: dict[str, Any] = {
            "type": f"/problems/{self.slug}",
            "title": self.title,
            "status": self.number,
        }
        if self.detail is not None:
            document["detail"] = self.detail
        return document | self.members


class AccountExists(Problem, status=409):
    """The address, or the id, already has an account."""


class AlreadyMember(Problem, status=409):
    """Whoever wants to join is of the vault."""


class BadGateway(Problem, status=502):
    """The service behind the gateway cannot be reached."""

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class BrokenCommit(Problem, status=422):
    """A signature, a hash or a rule of a commit does not hold; nothing was stored."""


class ChallengeEnded(Problem, status=401):
    """The challenge is unknown, too old, or was answered wrongly too often: begin again."""


class Forbidden(Problem, status=403):
    """A member asks for more than the role allows."""


class GatewayTimeout(Problem, status=504):
    """The service behind the gateway is too slow."""

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class Internal(Problem, status=500):
    """A fault of ours; the log has it under the request's id."""


class Invalid(Problem, status=422):
    """The body or the query has the wrong shape; ``errors`` names each field."""

    def __init__(self, errors: Mapping[str, Any]) -> None:
        super().__init__(errors=dict(errors))


class LinkExists(Problem, status=409):
    """The one-time link's id is taken."""


class Malformed(Problem, status=400):
    """The request cannot be read at all."""


class MethodNotAllowed(Problem, status=405):
    """The route has no such method."""


class NameTaken(Problem, status=409):
    """The person has a machine token of that name that still works."""


class NotFound(Problem, status=404):
    """There is no such thing, or it is none of the asker's business: the same bytes."""


class NotSignedIn(Problem, status=401):
    """The request carries no proof of who asks, or one that is not accepted."""

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": "Bearer"})


class ProofNeeded(Problem, status=403):
    """The deed takes a fresh proof of who asks: `/auth/sessions/current/proof`."""


class Purged(Problem, status=410):
    """The content of the version was purged; the history still tells of it."""


class RecoveryWaiting(Problem, status=409):
    """The recovery was begun, and its delay is not over; ``ready_in`` seconds are left."""

    def __init__(self, ready_in_s: int) -> None:
        super().__init__(headers={"Retry-After": str(ready_in_s)}, ready_in=ready_in_s)


class SecondFactorExists(Problem, status=409):
    """There is one of the kind already: remove it first."""


class SecondFactorNeeded(Problem, status=401):
    """The password is right, and the account wants a second factor; ``methods`` names which."""


class SecretLive(Problem, status=409):
    """The secret is not deleted."""


class SessionEnded(Problem, status=401):
    """The session was ended, or has expired: log in again."""

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": "Bearer"})


class StaleHead(Problem, status=409):
    """Another commit was faster; ``head`` is the newer one."""

    def __init__(self, seq: int, commit_hash: bytes) -> None:
        super().__init__(head={"seq": str(seq), "hash": encoding.b64(commit_hash)})


class StaleKeyset(Problem, status=409):
    """Another device changed the keys first; ``keyset`` is the number that now holds."""

    def __init__(self, keyset: int) -> None:
        super().__init__(keyset=str(keyset))


class StaleRevision(Problem, status=409):
    """Another device was faster; ``current`` is the newer one."""

    def __init__(self, revision: int, blob: bytes) -> None:
        super().__init__(current={"revision": str(revision), "blob": encoding.b64(blob)})


class TokenExpired(Problem, status=401):
    """The machine token is right, and its time is over."""


class TokenRevoked(Problem, status=401):
    """The machine token is right, and its owner has revoked it."""


class TooLarge(Problem, status=413):
    """The body is larger than the route takes."""


class TooManyLinks(Problem, status=409):
    """The person has as many one-time links as anybody may have: remove some."""


class TooManyRequests(Problem, status=429):
    """A limit is reached; ``Retry-After`` tells when to come back."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(headers={"Retry-After": str(retry_after_s)})


class Unavailable(Problem, status=503):
    """The database is away."""

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "2"})


class UnsupportedMediaType(Problem, status=415):
    """The body is not ``application/json``."""


class VaultExists(Problem, status=409):
    """The vault's id is taken."""


class VaultFull(Problem, status=409):
    """More members than one commit could give a new key to."""


class VaultsShared(Problem, status=409):
    """Others are members of ``vaults``: leave or hand them over first."""

    def __init__(self, vaults: Sequence[str]) -> None:
        super().__init__(vaults=list(vaults))


class WrongCode(Problem, status=401):
    """The second factor, or the code from a mail, is wrong or was used before."""


class WrongCredentials(Problem, status=401):
    """The address is unknown or the proof is wrong: the same bytes."""


CATALOGUE: tuple[type[Problem], ...] = tuple(Problem.__subclasses__())
