"""The catalogue of RFC 9457 problems: every error that a service answers with is one of these."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

import falcon

from shared.keyarc import encoding

MEDIA_TYPE = "application/problem+json"

# Python's own phrases differ between its versions.
_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
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
    """An error with a slug; *members* are added to its document."""

    slug: ClassVar[str]
    number: ClassVar[int]

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


class AccountExists(Problem):
    """The address, or the id, already has an account."""

    slug = "account-exists"
    number = 409


class BadGateway(Problem):
    """The service behind the gateway cannot be reached."""

    slug = "bad-gateway"
    number = 502

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class BrokenCommit(Problem):
    """A signature, a hash or a rule of a commit does not hold; nothing was stored."""

    slug = "broken-commit"
    number = 422


class Forbidden(Problem):
    """A member asks for more than the role allows."""

    slug = "forbidden"
    number = 403


class GatewayTimeout(Problem):
    """The service behind the gateway is too slow."""

    slug = "gateway-timeout"
    number = 504

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class Internal(Problem):
    """A fault of ours; the log has it under the request's id."""

    slug = "internal"
    number = 500


class Invalid(Problem):
    """The body or the query has the wrong shape; ``errors`` names each field."""

    slug = "invalid"
    number = 422

    def __init__(self, errors: Mapping[str, Any]) -> None:
        super().__init__(errors=dict(errors))


class Malformed(Problem):
    """The request cannot be read at all."""

    slug = "malformed"
    number = 400


class MethodNotAllowed(Problem):
    """The route has no such method."""

    slug = "method-not-allowed"
    number = 405


class NotFound(Problem):
    """There is no such thing, or it is none of the asker's business: the same bytes."""

    slug = "not-found"
    number = 404


class NotSignedIn(Problem):
    """The request carries no proof of who asks, or one that is not accepted."""

    slug = "not-signed-in"
    number = 401

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": "Bearer"})


class SessionEnded(Problem):
    """The session was ended, or has expired: log in again."""

    slug = "session-ended"
    number = 401

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": "Bearer"})


class StaleHead(Problem):
    """Another commit was faster; ``head`` is the newer one."""

    slug = "stale-head"
    number = 409

    def __init__(self, seq: int, commit_hash: bytes) -> None:
        super().__init__(head={"seq": str(seq), "hash": encoding.b64(commit_hash)})


class StaleRevision(Problem):
    """Another device was faster; ``current`` is the newer one."""

    slug = "stale-revision"
    number = 409

    def __init__(self, revision: int, blob: bytes) -> None:
        super().__init__(current={"revision": str(revision), "blob": encoding.b64(blob)})


class TooLarge(Problem):
    """The body is larger than the route takes."""

    slug = "too-large"
    number = 413


class TooManyRequests(Problem):
    """A limit is reached; ``Retry-After`` tells when to come back."""

    slug = "too-many-requests"
    number = 429

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(headers={"Retry-After": str(retry_after_s)})


class Unavailable(Problem):
    """The database is away."""

    slug = "unavailable"
    number = 503

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "2"})


class UnsupportedMediaType(Problem):
    """The body is not ``application/json``."""

    slug = "unsupported-media-type"
    number = 415


class VaultExists(Problem):
    """The vault's id is taken."""

    slug = "vault-exists"
    number = 409


class WrongCredentials(Problem):
    """The address is unknown or the proof is wrong: the same bytes."""

    slug = "wrong-credentials"
    number = 401


CATALOGUE: tuple[type[Problem], ...] = tuple(Problem.__subclasses__())

# What falcon itself raises, by status; whatever is not listed is the client's malformed request.
_BY_STATUS: dict[int, Problem] = {
    404: NotFound(),
    405: MethodNotAllowed(),
    413: TooLarge(),
    415: UnsupportedMediaType(),
    500: Internal(),
}


def serialize(req: falcon.Request, resp: falcon.Response, ex: falcon.HTTPError) -> None:
    """Write *ex*, ours or falcon's, as a problem document."""
    problem = ex if isinstance(ex, Problem) else _BY_STATUS.get(ex.status_code, Malformed())
    req.context.problem = problem.slug
    resp.status = problem.status
    resp.content_type = MEDIA_TYPE
    resp.data = json.dumps(problem.document, ensure_ascii=False).encode()
