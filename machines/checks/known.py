"""What flyctl knows in a fly.toml, from its source: it says nothing about what it does not know."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

DURATION = re.compile(r"(\d+(ms|s|m|h))+")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}

# A type, "duration", a table, an array of tables ([{…}]), or {"*": …}: a table with any names.
_HTTP_CHECK = {
    "grace_period": "duration",
    "headers": {"*": str},
    "interval": "duration",
    "method": str,
    "path": str,
    "protocol": str,
    "timeout": "duration",
    "tls_skip_verify": bool,
}
_CONCURRENCY = {"hard_limit": int, "soft_limit": int, "type": str}
_VM = {
    "cpu_kind": str,
    "cpus": int,
    "host_dedication_id": str,
    "kernel_args": list,
    "memory": str,
    "memory_mb": int,
    "persist_rootfs": str,
    "processes": list,
    "size": str,
}
FLY_TOML: dict[str, Any] = {
    "app": str,
    "build": {
        "args": {"*": str},
        "build-target": str,
        "builder": str,
        "buildpacks": list,
        "builtin": str,
        "dockerfile": str,
        "ignorefile": str,
        "image": str,
        "settings": {"*": object},
    },
    "checks": {"*": {**_HTTP_CHECK, "port": int, "processes": list, "type": str}},
    "console_command": str,
    "deploy": {
        "max_unavailable": float,
        "release_command": str,
        "release_command_timeout": "duration",
        "release_command_vm": _VM,
        "seed_command": str,
        "strategy": str,
        "wait_timeout": "duration",
    },
    "env": {"*": str},
    "experimental": {"*": object},
    "files": [{"*": object}],
    "host_dedication_id": str,
    "http_service": {
        "auto_start_machines": bool,
        "auto_stop_machines": str,
        "checks": [_HTTP_CHECK],
        "concurrency": _CONCURRENCY,
        "force_https": bool,
        "http_options": {"*": object},
        "internal_port": int,
        "machine_checks": [{"*": object}],
        "min_machines_running": int,
        "processes": list,
        "tls_options": {"*": object},
    },
    "kill_signal": str,
    "kill_timeout": "duration",
    "machine_checks": [{"*": object}],
    "metrics": {"path": str, "port": int, "processes": list},
    "mounts": [{"*": object}],
    "primary_region": str,
    "processes": {"*": str},
    "restart": [{"policy": str, "processes": list, "retries": int}],
    "services": [{"*": object}],
    "statics": [{"*": object}],
    "swap_size_mb": int,
    "vm": [_VM],
}


@dataclass(frozen=True)
class Finding:
    """Something that flyctl would read in another way than it is meant, or not at all."""

    kind: str
    key: str
    why: str


def findings(settings: Mapping[str, Any]) -> Iterator[Finding]:
    """Compare a whole fly.toml with what flyctl knows."""
    yield from _table(settings, FLY_TOML, "")


def seconds(duration: Any) -> float:
    """How long ``"1m30s"`` is; not a number where it has no unit."""
    if not isinstance(duration, str) or not DURATION.fullmatch(duration):
        return float("nan")
    parts = re.findall(r"(\d+)(ms|s|m|h)", duration)
    return sum(int(count) * _UNITS[unit] for count, unit in parts)


def _table(table: Mapping[str, Any], known: Mapping[str, Any], where: str) -> Iterator[Finding]:
    for key, value in table.items():
        expected = known.get(key, known.get("*"))
        if expected is None:
            yield Finding("unknown", where + key, "flyctl knows no such key and says nothing")
        else:
            yield from _value(value, expected, where + key)


def _value(value: Any, expected: Any, key: str) -> Iterator[Finding]:
    if isinstance(expected, list):
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            yield Finding("brackets", key, f"is an array of tables: [[{key}]]")
            return
        for number, each in enumerate(value):
            yield from _table(each, expected[0], f"{key}[{number}].")
    elif isinstance(expected, dict):
        if not isinstance(value, dict):
            yield Finding("brackets", key, f"is a table: [{key}]")
            return
        yield from _table(value, expected, f"{key}.")
    elif expected == "duration":
        if not isinstance(value, str) or not DURATION.fullmatch(value):
            yield Finding("duration", key, f'{value!r} has no unit: write "20s"')
    elif not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
        yield Finding("brackets", key, f"{value!r} is not of the type {expected.__name__}")
