"""Names, region, origin and public keys of an installation: they stand in the toml files."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tomlkit

from machines.apps import APPS, MACHINES, App
from machines.failures import Failure

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
ORIGIN = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)+")


@dataclass(frozen=True)
class Installation:
    """What one installation is called; None leaves what the files say."""

    prefix: str | None = None
    origin: str | None = None
    region: str | None = None

    def check(self) -> None:
        """Fail with help for what Fly or the services would refuse."""
        if self.prefix is not None and not (NAME.fullmatch(self.prefix) and len(self.prefix) <= 20):
            raise Failure("--prefix takes at most 20 small letters, digits and single hyphens.")
        if self.origin is not None and not ORIGIN.fullmatch(self.origin):
            raise Failure("--origin takes an address like https://keyarc.io, without a path.")
        if self.region is not None and not re.fullmatch("[a-z]{3}", self.region):
            raise Failure("--region takes a code of three letters: iad, dfw, ord, fra, …")

    def name_of(self, app: App) -> str:
        """Return the name of *app* on Fly, whether the files say it already or not."""
        return f"{self.prefix}-{app.name}" if self.prefix else app.fly_name

    @property
    def host(self) -> str:
        """The host of the public address."""
        return urlsplit(self.origin or origin()).hostname or ""

    @property
    def certified(self) -> bool:
        """Whether Fly must get a certificate for it."""
        return not self.host.endswith(".fly.dev")

    def write(self, *, dry: bool) -> Sequence[str]:
        """Rewrite the files that say something else; what changed, a line for each."""
        names = {app.toml: self.name_of(app) for app in APPS.values()}
        names[MACHINES / "jobs.toml"] = self.name_of(APPS["auth"])
        return [line for file, name in names.items() for line in self._rewrite(file, name, dry=dry)]

    def _rewrite(self, file: Path, name: str, *, dry: bool) -> list[str]:
        document = tomlkit.parse(file.read_text())
        wanted = {"app": name}
        if self.region and "primary_region" in document:
            wanted["primary_region"] = self.region
        told = _set(document, wanted)
        for table in (document.get("env"), (document.get("build") or {}).get("args")):
            values = dict(table or {})
            told += _set(table, {key: self._value(key, value) for key, value in values.items()})
        if told and not dry:
            file.write_text(tomlkit.dumps(document))
        return [f"{file.relative_to(MACHINES.parent)}: {line}" for line in told]

    def _value(self, key: str, value: Any) -> Any:
        """Return the value of a variable: the origin, the address of another app, or what it is."""
        upstream = key.removesuffix("_URL").lower()
        if key.endswith("_URL") and upstream in APPS:
            return f"http://{self.name_of(APPS[upstream])}.flycast"
        return self.origin or value if key == "PUBLIC_ORIGIN" else value


def origin() -> str:
    """Return the public address of this installation."""
    return str(APPS["auth"].settings["env"]["PUBLIC_ORIGIN"])


def region() -> str:
    """Return where the machines are."""
    return str(APPS["auth"].settings["primary_region"])


def public_keys() -> set[str]:
    """Return the values of CONTEXT_PUBLIC_KEYS that the private services have."""
    return {str(APPS[name].settings["env"]["CONTEXT_PUBLIC_KEYS"]) for name in ("account", "keys")}


def write_public_keys(keys: str, *, dry: bool) -> Sequence[str]:
    """Tell account and keys whose signatures to accept."""
    told = []
    for app in (APPS["account"], APPS["keys"]):
        document = tomlkit.parse(app.toml.read_text())
        changed = _set(document["env"], {"CONTEXT_PUBLIC_KEYS": keys})
        if changed and not dry:
            app.toml.write_text(tomlkit.dumps(document))
        told += [f"machines/{app.toml.name}: {line}" for line in changed]
    return told


def _set(table: Any, wanted: Mapping[str, Any]) -> list[str]:
    """Set what differs; comments and order stay."""
    told = []
    for name, value in wanted.items():
        if table[name] != value:
            told.append(f"{name} is now {value}")
            table[name] = value
    return told
