"""Writes the two OpenAPI documents from the routes and schemas of the services."""

import argparse
import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from falcon import App

from handlers.account import routes as account
from handlers.auth import routes as auth
from handlers.gateway import routes as gateway
from handlers.gateway.upstream import Upstream
from handlers.keys import routes as keys
from shared import access_tokens, browsers, db, problems
from shared.access_tokens import ContextVerifier
from shared.operations import Operation

PARAMETER = re.compile(r"{(\w+)(?::(\w+)(?:\([^)]*\))?)?}")
SHAPES = {
    "int": {"type": "integer"},
    "path": {"type": "string"},
    "uuid": {"type": "string", "format": "uuid"},
}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"enum": [f"/problems/{problem.slug}" for problem in problems.CATALOGUE]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "object"},
    },
}
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": browsers.ACCESS_COOKIE,
        "description": "For the page itself, with the header KeyArc-Client: web.",
    },
}


@dataclass(frozen=True)
class Route:
    """One method of one path, and what its resource says of it."""

    method: str
    template: str
    public: bool
    summary: str
    operation: Operation

    @property
    def path(self) -> str:
        """The template as OpenAPI writes it."""
        return PARAMETER.sub(r"{\1}", self.template)


def routes(app: App[Any, Any]) -> Iterator[Route]:
    """Yield what *app* serves."""
    nodes = list(app._router._roots)  # noqa: SLF001 - falcon.inspect reads them there too
    while nodes:
        node = nodes.pop()
        nodes.extend(node.children)
        for method, responder in (node.method_map or {}).items():
            # falcon fills the map with its own answers 405 and OPTIONS: those are no methods.
            template = node.uri_template
            if template and getattr(responder, "__self__", None) is node.resource:
                yield _route(method, template, responder)


def apps() -> dict[str, App[Any, Any]]:
    """Return every service, as it is without a database and without the others."""
    secrets = ("a secret that signs nothing, but is long",)
    verifier = access_tokens.context_public_key(secrets[0])
    origins = browsers.Origins("https://keyarc.io")
    pool = db.open_pool("")
    upstreams = {name: Upstream(f"http://{name}.invalid") for name in ("account", "keys")}
    return {
        "account": account.create_app(pool, ContextVerifier(verifier, "account")),
        "auth": auth.create_app(pool, secrets, origins),
        "gateway": gateway.create_app(upstreams, secrets, origins),
        "keys": keys.create_app(pool, ContextVerifier(verifier, "keys")),
    }


def documents() -> dict[Path, str]:
    """Return the text of each document by its file; the gateway's covers what is behind it."""
    served = {name: list(routes(app)) for name, app in apps().items()}
    behind = [
        route
        for name in ("account", "keys")
        for route in served[name]
        if route.path.removeprefix(f"/api/{name}/") not in gateway.INSIDE
    ]
    own = [route for route in served["gateway"] if not route.template.endswith(":path}")]
    return {
        auth.OPENAPI: _document("KeyArc: accounts and sessions", served["auth"]),
        gateway.OPENAPI: _document("KeyArc: vaults and secrets", own + behind),
    }


def run(_options: argparse.Namespace) -> int:
    """Write them."""
    write()
    return 0


def write() -> None:
    for file, text in documents().items():
        file.write_text(text)


def _route(method: str, template: str, responder: Any) -> Route:
    resource = responder.__self__
    operation = getattr(resource, "operations", {}).get(responder.__name__, Operation())
    summary = inspect.getdoc(responder) or inspect.getdoc(resource) or ""
    public = getattr(resource, "public", False)
    return Route(method, template, public, summary.partition("\n")[0].strip("`"), operation)


def _document(title: str, served: list[Route]) -> str:
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    spec = APISpec(title=title, version="1", openapi_version="3.1.0", plugins=[plugin])
    spec.components.schema("Problem", PROBLEM)
    for name, scheme in SCHEMES.items():
        spec.components.security_scheme(name, scheme)
    for route in sorted(served, key=lambda route: (route.path, route.method)):
        spec.path(route.path, operations={route.method.lower(): _operation(route)})
    return json.dumps(spec.to_dict(), indent=1, sort_keys=True) + "\n"


def _operation(route: Route) -> dict[str, Any]:
    operation = route.operation
    answers = {operation.status: operation.response, **operation.also}
    problem = {"application/problem+json": {"schema": "Problem"}}
    described: dict[str, Any] = {
        "summary": route.summary,
        "parameters": [*_path_parameters(route), *_query_parameters(operation)],
        "responses": {
            **{str(status): _answer(schema) for status, schema in answers.items()},
            "default": {"description": "A problem (RFC 9457).", "content": problem},
        },
        "security": [] if route.public else [{name: []} for name in SCHEMES],
    }
    if operation.request is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": operation.request}},
        }
    return described


def _answer(schema: Any) -> dict[str, Any]:
    content = {} if schema is None else {"content": {"application/json": {"schema": schema}}}
    return {"description": "Done.", **content}


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": SHAPES[kind or "path"]}
        for name, kind in PARAMETER.findall(route.template)
    ]


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "description": meaning, "schema": {"type": "string"}}
        for name, meaning in operation.query.items()
    ]


def _schema_name(schema: Any) -> str:
    """Name a schema by its module too, since nouns share names, and by what is left out."""
    of = schema if isinstance(schema, type) else type(schema)
    left_out = () if of is schema else sorted(set(of().fields) - set(schema.fields))
    name = f"{of.__module__.removeprefix('handlers.')}.{of.__name__}"
    return ".without_".join((name, *left_out))
