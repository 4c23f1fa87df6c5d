"""Asks a deployed app from outside, by the way that people take: the public address."""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Iterable

from machines.apps import App
from machines.failures import Failure

# What proves that an app answers, and its database with it; of the private ones the gateway tells.
PATHS = {
    "auth": ("/auth/health", "/auth/ready"),
    "gateway": ("/api/health",),
    "account": ("/api/ready",),
    "keys": ("/api/ready",),
    "frontend": ("/",),
}
# Through which others a request to it goes.
BEHIND = {
    "auth": {"frontend"},
    "gateway": {"frontend"},
    "account": {"frontend", "gateway", "keys"},
    "keys": {"frontend", "gateway", "account"},
    "frontend": set(),
}
ATTEMPT_S = 30  # longer than a cold wake of the whole chain
PAUSE_S = 1.0


def reachable(apps: Iterable[App], missing: Collection[str]) -> list[App]:
    """Return those of *apps* whose way leads through nothing that is still *missing*."""
    return [app for app in apps if not BEHIND[app.name] & set(missing)]


def probe(origin: str, app: App, patience_s: float) -> float:
    """Return after how many seconds it answered well; raise Failure when it does not."""
    began = time.monotonic()
    for path in PATHS[app.name]:
        while (why := _fault(origin + path)) and time.monotonic() - began < patience_s:
            time.sleep(PAUSE_S)
        if why:
            raise Failure(f"{origin}{path} {why}, for {patience_s:.0f} s")
    return time.monotonic() - began


def _fault(address: str) -> str | None:
    """Return what is wrong with the answer."""
    asked = urllib.request.Request(address, headers={"User-Agent": "keyarc-probe"})  # noqa: S310 - the operator's own address
    try:
        with urllib.request.urlopen(asked, timeout=ATTEMPT_S) as answer:  # noqa: S310 - see above
            answer.read()
            return None if answer.status == http.client.OK else f"answers {answer.status}"
    except urllib.error.HTTPError as ex:
        ex.close()
        return f"answers {ex.code}"
    except (OSError, http.client.HTTPException) as ex:
        why = getattr(ex, "reason", ex)
        return f"does not answer ({why})"
