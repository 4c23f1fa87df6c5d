"""The gateway's routes: who may pass, to which service, and under which signature."""

import time
from collections.abc import Mapping
from pathlib import Path

from falcon import App, Request, Response

from handlers.gateway import questions
from handlers.gateway.behind import Behind, Warm
from handlers.gateway.upstream import Question, Upstream
from shared import access_tokens, bodies, browsers, caller, problems, service
from shared.access_tokens import Access

OPENAPI = Path(__file__).with_name("openapi.json")

REQUEST_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "If-None-Match", "User-Agent")
INSIDE = frozenset({"health", "ready"})  # for the machine's checks; nobody needs them from outside


class Forward:
    """``/api/account/{rest}`` or ``/api/keys/{rest}``: checked, signed and handed on."""

    def __init__(
        self,
        audience: str,
        upstream: Upstream,
        secrets: tuple[str, ...],
        warm: Warm,
        origins: browsers.Origins,
    ) -> None:
        self._audience = audience
        self._origins = origins.origins
        self._upstream = upstream
        self._secrets = secrets
        self._warm = warm

    def on_get(self, req: Request, resp: Response, rest: str) -> None:
        """Serve every method: the service behind knows which ones it has."""
        target = questions.target(req)
        if rest in INSIDE:
            raise problems.NotFound
        self._warm.beside(self._audience)
        actor: caller.Actor = req.context.actor
        body = questions.body(req, _limit(self._audience, req))
        headers = questions.headers(req, REQUEST_HEADERS)
        if (origin := req.get_header("Origin")) in self._origins:
            headers["Origin"] = origin  # a passkey belongs to the page on which it is made
        headers["X-Request-Id"] = req.context.request_id
        headers["X-KeyArc-Context"] = access_tokens.sign_context(
            self._secrets,
            Access(actor.user_id, actor.session_id),
            audience=self._audience,
            method=req.method,
            target=target,
            body_hash=body.sha256,
            address=actor.address,
            request_id=req.context.request_id,
        )
        question = Question(req.method, target, headers, body.file, body.length)
        began = time.perf_counter()
        try:
            answer = questions.ask(self._upstream, question)
        finally:
            req.context.upstream_seconds = time.perf_counter() - began
        questions.hand_back(answer, resp)

    on_delete = on_patch = on_post = on_put = on_get


class OpenApi:
    """``/api/openapi.json``."""

    public = True

    def on_get(self, _req: Request, resp: Response) -> None:
        """Serve the document that is generated from the schemas."""
        resp.data = OPENAPI.read_bytes()


def create_app(
    upstreams: Mapping[str, Upstream], secrets: tuple[str, ...], origins: browsers.Origins
) -> App[Request, Response]:
    """Return the app; *upstreams* is by audience."""
    who = caller.FromToken(secrets, origins)
    app = service.new_app(
        "gateway", "/api", middleware=[who], ready=Behind(upstreams).ready, hosts=origins.hosts
    )
    app.add_route("/api/openapi.json", OpenApi())
    warm = Warm(upstreams)
    app.add_route("/api/warm", warm)
    for audience, upstream in upstreams.items():
        forward = Forward(audience, upstream, secrets, warm, origins)
        app.add_route(f"/api/{audience}/{{rest:path}}", forward)
    return app


def _limit(audience: str, req: Request) -> int:
    commit = audience == "keys" and req.method == "POST" and req.path.endswith("/commits")
    return bodies.MAX_COMMIT_BYTES if commit else bodies.MAX_BYTES
