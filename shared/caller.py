"""Who asks: a resource is closed unless it says ``public = True``."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from falcon import Request, Response

from shared import access_tokens, bodies, browsers, problems


@dataclass(frozen=True, slots=True)
class Actor:
    """The person whose request it is, the session it came by, and the address it came from."""

    user_id: UUID
    session_id: UUID
    address: str


class FromContext:
    """For the private services: believes the context that the gateway signed, and nothing else."""

    def __init__(self, verifier: access_tokens.ContextVerifier) -> None:
        self._verifier = verifier

    def process_resource(
        self, req: Request, _resp: Response, resource: object, _params: dict[str, Any]
    ) -> None:
        if getattr(resource, "public", False):
            return
        token = req.get_header("X-KeyArc-Context", default="")
        try:
            context = self._verifier.verify(
                token,
                method=req.method,
                target=req.env.get("RAW_URI") or req.relative_uri,
                body_hash=hashlib.sha256(bodies.read(req)).digest(),
            )
        except access_tokens.Refused as ex:
            raise problems.NotSignedIn from ex
        req.context.request_id = context.request_id
        req.context.actor = Actor(context.user_id, context.session_id, context.address)


class FromToken:
    """For the services at the edge: an access token as Bearer, or as the page's own cookie."""

    def __init__(self, secrets: tuple[str, ...], origins: browsers.Origins) -> None:
        self._secrets = secrets
        self._origins = origins

    def process_resource(
        self, req: Request, _resp: Response, resource: object, _params: dict[str, Any]
    ) -> None:
        if getattr(resource, "public", False):
            return
        try:
            access = access_tokens.verify_access(self._secrets, self._token(req))
        except access_tokens.Refused as ex:
            raise problems.NotSignedIn from ex
        req.context.actor = Actor(access.user_id, access.session_id, address(req))

    def _token(self, req: Request) -> str:
        if req.auth is not None:
            scheme, _, token = req.auth.partition(" ")
            return token if scheme.lower() == "bearer" else ""
        found = browsers.cookie(req, browsers.ACCESS_COOKIE)
        return found if found and self._origins.admit(req) else ""


def address(req: Request) -> str:
    """Return the client's address as the edge wrote it; a service behind the gateway has none."""
    return req.get_header("X-KeyArc-Client-IP", default="")
