"""The edge of a local instance: serves the page with its real headers, hands the rest on.

On Fly this is nginx; both read their headers from the file that the build of the page writes.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from falcon import (
    HTTP_NOT_FOUND,
    HTTP_NOT_MODIFIED,
    HTTP_SERVICE_UNAVAILABLE,
    App,
    ETag,
    Request,
    Response,
)

from handlers.gateway import questions
from handlers.gateway.upstream import Question, Upstream
from machines.nginx import MEDIA_TYPES, REQUEST_HEADERS
from shared import bodies, browsers, problem_documents, service

CODINGS = {".br": "br", ".gz": "gzip"}  # the better one first
NOT_BUILT = "The page is not built yet: `python3 machines up` builds it.\n"


@dataclass(frozen=True, slots=True)
class File:
    """A file of the page in every coding that was built; ``""`` is the plain one."""

    media_type: str
    etag: str
    codings: Mapping[str, bytes] = field(repr=False)


class Site:
    """``/`` and all that is no service's: the files of the page, held in memory.

    A path is looked up among the files that were there at the start: none leads anywhere else.
    """

    def __init__(self, folder: Path) -> None:
        self._files = _files(folder / "site")
        rules = folder / "headers.json"
        self._rules: list[Any] = json.loads(rules.read_bytes())["rules"] if self._files else []

    def on_get(self, req: Request, resp: Response, rest: str = "") -> None:
        """Serve a file; a path that looks like none is the page's own business."""
        path = f"/{rest}"
        asset = path.startswith("/assets/") or "." in path
        file = self._files.get(path if asset else "/index.html")
        for name, value in self._headers(path if asset else "/").items():
            resp.set_header(name, value)
        if not self._files:
            resp.status, resp.text = HTTP_SERVICE_UNAVAILABLE, NOT_BUILT
            resp.content_type = MEDIA_TYPES[".txt"]
        elif file is None:
            resp.status, resp.text = HTTP_NOT_FOUND, "There is no such file.\n"
            resp.content_type = MEDIA_TYPES[".txt"]
            resp.set_header("Cache-Control", "no-store")
        else:
            _send(file, req, resp)

    on_head = on_get

    def _headers(self, path: str) -> Mapping[str, str]:
        exact = [rule for rule in self._rules if rule["path"] == path]
        prefixes = [
            rule
            for rule in self._rules
            if rule["path"].endswith("/") and path.startswith(rule["path"])
        ]
        fitting = exact or sorted(prefixes, key=lambda rule: len(rule["path"]))[-1:]
        return fitting[0]["headers"] if fitting else {}


class Pass:
    """``/auth/{rest}`` and ``/api/{rest}``: handed on, with who asked from where.

    Behind a proxy only *address_header* tells; without it, it is the other end of the connection.
    """

    def __init__(self, upstream: Upstream, address_header: str | None) -> None:
        self._upstream = upstream
        self._address_header = address_header

    def on_get(self, req: Request, resp: Response, rest: str) -> None:  # noqa: ARG002 - by target
        """Serve every method: the service behind knows which ones it has."""
        target = questions.target(req)
        body = questions.body(req, bodies.MAX_COMMIT_BYTES)  # those behind take less
        told = req.get_header(self._address_header) if self._address_header else None
        headers = questions.headers(req, REQUEST_HEADERS) | {
            "Host": req.get_header("Host", default=""),
            "X-KeyArc-Client-IP": told or req.remote_addr,
            "X-Request-Id": req.context.request_id,
        }
        question = Question(req.method, target, headers, body.file, body.length)
        questions.hand_back(questions.ask(self._upstream, question), resp)

    on_delete = on_patch = on_post = on_put = on_get


def create_app(
    site: Site,
    auth: Upstream,
    gateway: Upstream,
    hosts: frozenset[str],
    address_header: str | None = None,
) -> App[Request, Response]:
    """Return the app: one origin for the page and what it talks to."""
    # A host's name that is not ours may be a stranger's, pointed at this machine.
    app = App()
    app.add_middleware(service.Requests("edge", first=True))
    app.add_middleware(service.Hosts(hosts, exempt=()))
    app.set_error_serializer(problem_documents.serialize)
    app.add_route("/auth/{rest:path}", Pass(auth, address_header))
    app.add_route("/api/{rest:path}", Pass(gateway, address_header))
    app.add_route("/", site)
    app.add_route("/{rest:path}", site)
    return app


def from_env() -> App[Request, Response]:
    """Return the app that the environment describes."""
    cookies = frozenset({"set-cookie"})
    read = os.environ.__getitem__
    return create_app(
        Site(Path(read("SITE"))),
        Upstream(read("AUTH_URL"), also=cookies),
        Upstream(read("GATEWAY_URL")),
        browsers.Origins(read("PUBLIC_ORIGIN")).hosts,
        os.environ.get("CLIENT_ADDRESS_FROM"),
    )


def _files(folder: Path) -> dict[str, File]:
    found: dict[str, dict[str, bytes]] = {}
    for each in sorted(folder.rglob("*")):
        if each.is_file():
            coding = CODINGS.get(each.suffix, "")
            plain = each.with_suffix("") if coding else each
            path = f"/{plain.relative_to(folder).as_posix()}"
            found.setdefault(path, {})[coding] = each.read_bytes()
    return {
        path: File(
            MEDIA_TYPES.get(Path(path).suffix, "application/octet-stream"),
            hashlib.sha256(codings[""]).hexdigest()[:32],
            codings,
        )
        for path, codings in found.items()
    }


def _send(file: File, req: Request, resp: Response) -> None:
    coding = next((each for each in CODINGS.values() if _takes(req, file, each)), "")
    etag = ETag(f"{file.etag}-{coding}" if coding else file.etag)
    resp.etag = etag
    if len(file.codings) > 1:
        resp.append_header("Vary", "Accept-Encoding")
    known = req.if_none_match or []
    if any(each == "*" or each.strong_compare(etag) for each in known):
        resp.status = HTTP_NOT_MODIFIED
        return
    if coding:
        resp.set_header("Content-Encoding", coding)
    resp.content_type = file.media_type
    resp.data = file.codings[coding]


def _takes(req: Request, file: File, coding: str) -> bool:
    if coding not in file.codings:
        return False
    for part in req.get_header("Accept-Encoding", default="").lower().split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip() == coding:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
