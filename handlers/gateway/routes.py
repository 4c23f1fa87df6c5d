"""The gateway's routes: who may pass, to which service, and under which signature."""

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from falcon import HTTP_ACCEPTED, App, Request, Response

from handlers.gateway import questions
from handlers.gateway.upstream import Question, Slow, Unreachable, Upstream
from shared import access_tokens, bodies, browsers, caller, problems, service
from shared.access_tokens import Access
from shared.operations import Operation

OPENAPI = Path(__file__).with_name("openapi.json")

REQUEST_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "If-None-Match", "User-Agent")
INSIDE = frozenset({"health", "ready"})  # for the machine's checks; nobody needs them from outside

WARM_SECONDS = 1.0
WARM_EVERY_SECONDS = 10.0


class Forward:
    """``/api/account/{rest}`` or ``/api/keys/{rest}``: checked, signed and handed on."""

    def __init__(self, audience: str, upstream: Upstream, secrets: tuple[str, ...]) -> None:
        self._audience = audience
        self._upstream = upstream
        self._secrets = secrets

    def on_get(self, req: Request, resp: Response, rest: str) -> None:
        """Serve every method: the service behind knows which ones it has."""
        target = questions.target(req)
        if rest in INSIDE:
            raise problems.NotFound
        actor: caller.Actor = req.context.actor
        body = questions.body(req, _limit(self._audience, req))
        headers = questions.headers(req, REQUEST_HEADERS)
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
        questions.hand_back(questions.ask(self._upstream, question), resp)

    on_delete = on_patch = on_post = on_put = on_get


class Warm:
    """``/api/warm``: wakes account and keys, while somebody is still typing a password."""

    public = True
    operations: ClassVar = {"on_get": Operation(status=202)}

    def __init__(self, upstreams: Mapping[str, Upstream]) -> None:
        self._upstreams = upstreams
        self._lock = threading.Lock()
        self._next = time.monotonic()

    def on_get(self, _req: Request, resp: Response) -> None:
        """Answer at once; at most one wake-up call in ``WARM_EVERY_SECONDS`` leaves."""
        resp.status = HTTP_ACCEPTED
        with self._lock:
            if time.monotonic() < self._next:
                return
            self._next = time.monotonic() + WARM_EVERY_SECONDS
        threading.Thread(target=access_tokens.load, daemon=True).start()
        for name, upstream in self._upstreams.items():
            threading.Thread(target=_wake, args=(name, upstream), daemon=True).start()


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
    app = service.new_app("gateway", "/api", middleware=[who], hosts=origins.hosts)
    app.add_route("/api/openapi.json", OpenApi())
    app.add_route("/api/warm", Warm(upstreams))
    for audience, upstream in upstreams.items():
        forward = Forward(audience, upstream, secrets)
        app.add_route(f"/api/{audience}/{{rest:path}}", forward)
    return app


def _limit(audience: str, req: Request) -> int:
    commit = audience == "keys" and req.method == "POST" and req.path.endswith("/commits")
    return bodies.MAX_COMMIT_BYTES if commit else bodies.MAX_BYTES


def _wake(name: str, upstream: Upstream) -> None:
    # Whoever is asleep wakes because it is asked; its answer is nobody's concern.
    with suppress(Slow, Unreachable):
        question = Question("GET", f"/api/{name}/health", {}, None, 0)
        Upstream(f"http://{upstream.netloc}", seconds=WARM_SECONDS).ask(question)
