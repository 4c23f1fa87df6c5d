"""Rules between files: timeouts that must outlast one another, and what a health check asks."""

import re
from collections.abc import Iterator

import falcon
from falcon.testing import TestClient

from machines import openapi
from machines.checks import known
from machines.checks.deployment import PAGE, SERVICES, Deployment

GUNICORN = "machines/gunicorn.conf.py"
UPSTREAM = "handlers/gateway/upstream.py"
NGINX = "machines/nginx.conf"
FLY_KEEPS_SECONDS = 4.0  # connections of Fly's proxy to a machine
MOST_GRACE_SECONDS = 2.0  # the first visitor may wait for it


def timeouts(deployment: Deployment) -> Iterator[str]:
    """Who waits for somebody waits longer than that one may take."""
    graceful = deployment.number(GUNICORN, "graceful_timeout")
    patience = deployment.number(UPSTREAM, "PATIENCE_SECONDS")
    serving = deployment.number(GUNICORN, "timeout")
    if not deployment.number(GUNICORN, "keepalive") > FLY_KEEPS_SECONDS:
        yield f"{GUNICORN}: keepalive: is not above the {FLY_KEEPS_SECONDS:.0f} s of Fly's proxy"
    if serving and not patience < serving:
        yield f"{UPSTREAM}: PATIENCE_SECONDS: is not below gunicorn's timeout, {serving:.0f} s"
    if not patience < deployment.nginx_seconds("proxy_read_timeout"):
        yield f"{NGINX}: proxy_read_timeout: is not above the gateway's {patience:.0f} s"
    for name, settings in deployment.tomls.items():
        killed = known.seconds(settings.get("kill_timeout"))
        ends = deployment.nginx_seconds("worker_shutdown_timeout") if name == PAGE else graceful
        if not ends < killed:
            yield f"machines/{name}.toml: kill_timeout: is not above {ends:.0f} s for a last answer"


def checks(deployment: Deployment) -> Iterator[str]:
    """One for each app; it gives up before the next begins, and a start waits little for it."""
    for name, settings in deployment.tomls.items():
        found = _checks(deployment, name)
        if len(found) != 1:
            yield f"machines/{name}.toml: http_service.checks: are {len(found)}, and should be one"
        for check in found:
            interval, timeout, grace = (
                known.seconds(check.get(key)) for key in ("interval", "timeout", "grace_period")
            )
            if not 0 < timeout < interval:
                yield f"machines/{name}.toml: http_service.checks.timeout: is not below interval"
            if not 0 < grace <= MOST_GRACE_SECONDS:
                yield f"machines/{name}.toml: http_service.checks.grace_period: is not 1 s or 2 s"
            if check.get("method", "GET") not in {"GET", "get"}:
                yield f"machines/{name}.toml: http_service.checks.method: is not GET"
        if settings.get("checks"):
            yield f"machines/{name}.toml: checks: Fly's proxy does not heed checks of no service"


def check_paths(deployment: Deployment) -> Iterator[str]:
    """The path of a check answers 200 without a database, a login or another app."""
    apps = openapi.apps()
    for name in SERVICES:
        for check in _checks(deployment, name):
            path = str(check.get("path"))
            asked = TestClient(apps[name]).simulate_get(path)
            if asked.status != falcon.HTTP_OK or not path.endswith("/health"):
                where = f"machines/{name}.toml: http_service.checks.path"
                yield f"{where}: {path} answers {asked.status}"
    nginx = deployment.text(NGINX)
    for check in _checks(deployment, PAGE):
        path = str(check.get("path"))
        if not re.search(rf"location = {re.escape(path)} {{[^}}]*return 200", nginx):
            where = f"machines/{PAGE}.toml: http_service.checks.path"
            yield f"{where}: nginx does not answer {path} itself"


def _checks(deployment: Deployment, name: str) -> list[dict[str, object]]:
    service = deployment.tomls[name].get("http_service", {})
    found = service.get("checks", [])
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
