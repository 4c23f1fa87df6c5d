"""`new_app`: what every service has alike - problems, logs, health, and who may be asked for."""

import logging
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID, uuid4

from falcon import App, Request, Response

from shared import bodies, metrics, problem_documents, problems

LOG = logging.getLogger("keyarc")


class Health:
    """``/health``: the process answers. Asks nothing of the database."""

    public = True

    def on_get(self, _req: Request, resp: Response) -> None:
        resp.media = {"status": "ok"}


class Ready:
    """``/ready``: what the service needs is there."""

    public = True

    def __init__(self, ready: Callable[[], bool]) -> None:
        self._ready = ready

    def on_get(self, _req: Request, resp: Response) -> None:
        if not self._ready():
            raise problems.Unavailable
        resp.media = {"status": "ready"}


class Requests:
    """Gives each request its id and its limit, and tells each answer in one line of the log."""

    def __init__(self, service: str, *, first: bool = False) -> None:
        """Believe no id that a request brings where *service* is the *first* to see it."""
        self._service = service
        self._first = first

    def process_request(self, req: Request, _resp: Response) -> None:
        req.context.started = time.perf_counter()
        given = None if self._first else req.get_header("X-Request-Id")
        req.context.request_id = _request_id(given)

    def process_resource(
        self, req: Request, _resp: Response, resource: object, _params: dict[str, Any]
    ) -> None:
        req.context.max_body = getattr(resource, "max_body", bodies.MAX_BYTES)

    def process_response(
        self, req: Request, resp: Response, resource: object, _req_succeeded: bool
    ) -> None:
        resp.set_header("X-Request-Id", req.context.request_id)
        resp.set_header("X-Content-Type-Options", "nosniff")
        if resp.get_header("Cache-Control") is None:
            resp.cache_control = ["no-store"]
        ms = (time.perf_counter() - req.context.started) * 1000
        line = {
            "service": self._service,
            "request_id": req.context.request_id,
            "method": metrics.method(req),
            "route": req.uri_template,
            "status": resp.status_code,
            "ms": round(ms, 1),
        }
        if problem := getattr(req.context, "problem", None):
            line["problem"] = problem
        if upstream := getattr(req.context, "upstream_seconds", None):
            line["upstream_ms"] = round(upstream * 1000, 1)
        LOG.log(_level(resource, resp.status_code), "request", extra={"line": line})


class Hosts:
    """Refuses a request that was meant for another host; health checks come by address."""

    def __init__(self, hosts: Collection[str], exempt: Collection[str]) -> None:
        self._hosts = hosts
        self._exempt = exempt

    def process_request(self, req: Request, _resp: Response) -> None:
        host = req.get_header("Host", default="").lower()
        if host not in self._hosts and req.path not in self._exempt:
            raise problems.Malformed


class Closed:
    """The last look before a resource: unless it is public, somebody must have said who asks."""

    def process_resource(
        self, req: Request, _resp: Response, resource: object, _params: dict[str, Any]
    ) -> None:
        if not getattr(resource, "public", False) and not hasattr(req.context, "actor"):
            raise problems.NotSignedIn


def new_app(
    name: str,
    prefix: str,
    *,
    middleware: Sequence[Any] = (),
    ready: Callable[[], bool] | None = None,
    hosts: Collection[str] | None = None,
) -> App[Request, Response]:
    """Return an app that serves below *prefix*; *hosts* None takes every host."""
    health = f"{prefix}/health"
    readiness = f"{prefix}/ready"
    checks = () if hosts is None else (Hosts(frozenset(hosts), {health, readiness}),)
    app = App(middleware=[Requests(name), *checks, *middleware, Closed()])
    app.set_error_serializer(problem_documents.serialize)
    app.add_error_handler(Exception, _unhandled)
    app.add_route(health, Health())
    if ready is not None:
        app.add_route(readiness, Ready(ready))
    return app


def _unhandled(req: Request, _resp: Response, ex: Exception, _params: dict[str, Any]) -> None:
    line = {"request_id": req.context.request_id, "route": req.uri_template}
    LOG.error("unhandled", exc_info=ex, extra={"line": line})
    raise problems.Internal from ex


def _request_id(text: str | None) -> str:
    try:
        given = UUID(text or "")
    except ValueError:
        return str(uuid4())
    return str(given) if str(given) == text else str(uuid4())


def _level(resource: object, status: int) -> int:
    if status >= 500:
        return logging.ERROR
    return logging.DEBUG if isinstance(resource, Health) else logging.INFO
