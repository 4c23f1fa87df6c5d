"""What Fly says of an app: releases, machines, secrets, addresses. Asking wakes nobody."""

import re
import shlex
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from machines.apps import App
from machines.failures import Failure
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
    listed = _each(fly, _release, "releases", "--app", app, "--image")
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
        try:
            return [*pool.map(ask, apps)]
        except BaseException:
            fly.end()  # nobody waits for the others' answers
            raise


def machines(fly: Flyctl, app: str) -> Sequence[Machine]:
    """List the machines that are not gone."""
    listed = _each(fly, machine, "machine", "list", "--app", app)
    return [each for each in listed if each.state not in {"destroyed", "destroying"}]


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
    listed = _each(fly, _secret, "secrets", "list", "--app", app)
    return {secret["name"]: secret for secret in listed}


def addresses(fly: Flyctl, app: str) -> dict[str, str]:
    """Return its addresses by kind: ``private_v6``, ``shared_v4``, ``v6``, ``v4``."""
    return dict(_each(fly, _address, "ips", "list", "--app", app))


def names(fly: Flyctl) -> set[str]:
    """Return the names of all apps that the token may see."""
    return set(_each(fly, lambda told: str(_fields(told)["name"]), "apps", "list"))


def certificates(fly: Flyctl, app: str) -> set[str]:
    """Return the hosts that it has, or will get, certificates for."""
    return set(
        _each(fly, lambda told: str(_fields(told)["hostname"]), "certs", "list", "--app", app)
    )


def _each(fly: Flyctl, read: Callable[[Any], Answer], *arguments: str) -> list[Answer]:
    """Ask for a list, and *read* each of its entries; fail where they are not as known here."""
    told = fly.ask(*arguments, "--json", otherwise=[]) or []
    if isinstance(told, dict) and len(told) == 1:
        told = next(iter(told.values())) or []  # some versions wrap it: {"certificates": [...]}
    try:
        return [read(entry) for entry in told]
    except (AttributeError, KeyError, TypeError, ValueError) as ex:
        raise Failure(
            f"`flyctl {shlex.join(arguments)} --json` answers otherwise than is known here ({ex}): "
            "another version of flyctl may help."
        ) from ex


def _release(told: Any) -> Release:
    each = _fields(told)
    image = _tagged(each["imageref"] or "")
    return Release(int(each["version"]), str(each["status"]).lower(), image, each["createdat"])


def _secret(told: Any) -> dict[str, str]:
    each = _fields(told)
    return {name: str(each.get(name) or "") for name in ("name", "digest", "status")}


def _address(told: Any) -> tuple[str, str]:
    each = _fields(told)
    return str(each["type"]), str(each["address"])


def _tagged(image: str) -> str:
    """Return it without a digest if it has a tag: ``machine run`` resolves both, one too many."""
    name, _, _ = image.partition("@")
    return name if ":" in name.rpartition("/")[2] else image


def _fields(told: dict[str, Any]) -> dict[str, Any]:
    """Return *told* by names in one style: some versions say ImageRef, others image_ref."""
    return {name.replace("_", "").lower(): value for name, value in told.items()}
