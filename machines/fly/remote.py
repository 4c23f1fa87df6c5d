"""What Fly says of an app: releases, machines, secrets, addresses. Asking wakes nobody."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from machines.apps import App
from machines.fly.flyctl import Flyctl

Answer = TypeVar("Answer")

AWAKE = {"started", "starting", "replacing", "updating"}
ASLEEP = {"stopped", "stopping", "suspended", "suspending", "created"}
LABEL = re.compile(r":sha-([0-9a-f]{40})$")


@dataclass(frozen=True)
class Release:
    """One deployment; *image* is what ``fly deploy --image`` takes to have it again."""

    version: int
    status: str
    image: str
    at: str

    @property
    def commit(self) -> str | None:
        """The commit that it was built from, if from a clean tree."""
        found = LABEL.search(self.image)
        return found[1] if found else None

    @property
    def complete(self) -> bool:
        """Whether it came to serve."""
        return self.status in {"complete", "completed", "succeeded"}


@dataclass(frozen=True)
class Machine:
    """One machine; *release* is empty for one that no deployment made, as that of a job."""

    id: str
    state: str
    region: str
    image: str
    release: str
    passing: int
    checks: int

    @property
    def sleep(self) -> str:
        """``awake`` or ``asleep``, or the state that is neither."""
        return "awake" if self.state in AWAKE else "asleep" if self.state in ASLEEP else self.state


def releases(fly: Flyctl, app: str) -> Sequence[Release]:
    """List the releases, the newest first."""
    told = map(_fields, fly.ask("releases", "--app", app, "--image", "--json", otherwise=[]) or [])
    listed = [
        Release(
            int(each["version"]),
            str(each["status"]).lower(),
            _tagged(each["imageref"] or ""),
            each["createdat"],
        )
        for each in told
    ]
    return sorted(listed, key=lambda release: release.version, reverse=True)


def current(listed: Sequence[Release]) -> Release | None:
    """Return the release that serves."""
    return next((release for release in listed if release.complete), None)


def serving(fly: Flyctl, apps: Sequence[App]) -> dict[str, Release | None]:
    """Return what serves, by the names of *apps*."""
    found = each(fly, apps, lambda app: current(releases(fly, app.fly_name)))
    return {app.name: release for app, release in zip(apps, found, strict=True)}


def each(fly: Flyctl, apps: Sequence[App], ask: Callable[[App], Answer]) -> list[Answer]:
    """Ask about *apps* at once; a dry run prints in order."""
    with ThreadPoolExecutor(1 if fly.dry else max(len(apps), 1)) as pool:
        return [*pool.map(ask, apps)]


def machines(fly: Flyctl, app: str) -> Sequence[Machine]:
    """List the machines that are not gone."""
    told = fly.ask("machine", "list", "--app", app, "--json", otherwise=[]) or []
    gone = {"destroyed", "destroying"}
    return [machine(entry) for entry in told if entry["state"] not in gone]


def machine(told: Any) -> Machine:
    """Return what the JSON of one machine means."""
    image = told.get("image_ref") or {}
    config = told.get("config") or {}
    checks = told.get("checks") or []
    return Machine(
        told["id"],
        told["state"],
        told.get("region", ""),
        f"{image.get('registry')}/{image.get('repository')}:{image.get('tag')}",
        (config.get("metadata") or {}).get("fly_release_version", ""),
        sum(check.get("status") == "passing" for check in checks),
        len(checks),
    )


def secrets(fly: Flyctl, app: str) -> dict[str, dict[str, str]]:
    """Return digest and status of each secret by its name; values cannot be read."""
    told = fly.ask("secrets", "list", "--app", app, "--json", otherwise=[]) or []
    return {secret["name"]: secret for secret in map(_fields, told)}


def addresses(fly: Flyctl, app: str) -> dict[str, str]:
    """Return its addresses by kind: ``private_v6``, ``shared_v4``, ``v6``, ``v4``."""
    told = fly.ask("ips", "list", "--app", app, "--json", otherwise=[]) or []
    return {str(each["type"]): str(each["address"]) for each in map(_fields, told)}


def names(fly: Flyctl) -> set[str]:
    """Return the names of all apps that the token may see."""
    told = fly.ask("apps", "list", "--json", otherwise=[]) or []
    return {app["name"] for app in map(_fields, told)}


def certificates(fly: Flyctl, app: str) -> set[str]:
    """Return the hosts that it has, or will get, certificates for."""
    told = fly.ask("certs", "list", "--app", app, "--json", otherwise=[]) or []
    listed = told.get("certificates", []) if isinstance(told, dict) else told
    return {str(certificate["hostname"]) for certificate in map(_fields, listed)}


def _tagged(image: str) -> str:
    """Return it without a digest if it has a tag: ``machine run`` resolves both, one too many."""
    name, _, _ = image.partition("@")
    return name if ":" in name.rpartition("/")[2] else image


def _fields(told: dict[str, Any]) -> dict[str, Any]:
    """Return *told* by names in one style: some versions say ImageRef, others image_ref."""
    return {name.replace("_", "").lower(): value for name, value in told.items()}
