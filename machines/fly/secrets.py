"""``python3 machines secrets``: held against the table, set one, or rotate one."""

import argparse
import getpass
import sys
from collections.abc import Mapping, Sequence

from machines.apps import APPS, App
from machines.failures import Failure
from machines.fly import images, names, remote, rotation, table
from machines.fly.flyctl import Flyctl
from shared import access_tokens, relays

# How a value begins: the private key of backups, by a slip, is not to go to a server.
BEGINNINGS = {
    "BACKUP_AGE_RECIPIENT": ("age1",),
    "BACKUP_S3_ENDPOINT": ("https://", "http://"),
    "DIRECT_DATABASE_URL": ("postgresql://", "postgres://"),
}
READS = {"MAIL_FROM": relays.parse_sender, "SMTP_URL": relays.parse_relay}
STAGED = {"Staged", "Partial"}


def run(options: argparse.Namespace) -> int:
    """Do what was asked; without an action the table is checked."""
    fly = Flyctl(dry=options.dry_run)
    if options.action == "set":
        return _set(fly, options)
    if options.action == "rotate":
        return rotation.run(fly, options)
    return _check(fly)


def _check(fly: Flyctl) -> int:
    """Print what each app has and should have; 1 if that differs."""
    wrong = 0
    told = remote.each(fly, [*APPS.values()], lambda app: remote.secrets(fly, app.fly_name))
    if fly.dry:
        return 0
    for app, there in zip(APPS.values(), told, strict=True):
        lines = [*_lines(app, there)]
        wrong += sum(line.endswith(("missing", "superfluous")) for line in lines)
        print("\n".join(lines or [f"{app.fly_name:20} has none, and needs none"]))
    if wrong:
        print(f"{wrong} differ from the table: `python3 machines create` makes what is missing,")
        print("`fly secrets unset NAME --app APP` takes away what is superfluous.")
    return 1 if wrong else 0


def _lines(app: App, there: Mapping[str, Mapping[str, str]]) -> Sequence[str]:
    required, optional = table.required(app), table.optional(app)
    lines = []
    for name in sorted({*required, *there}):
        if name not in there:
            state = "missing"
        elif name not in (*required, *optional):
            state = "superfluous"
        else:
            staged = there[name].get("status") in STAGED
            state = f"{there[name]['digest']}{', from the next deployment on' * staged}"
        lines.append(f"{app.fly_name:20} {name:22} {state}")
    return lines


def _set(fly: Flyctl, options: argparse.Namespace) -> int:
    """Set one secret wherever it belongs."""
    name: str = options.name
    holders = table.holders(name)
    if not holders:
        raise Failure(f"No app has a secret {name}; there are {', '.join(table.known())}.")
    if name == "DATABASE_URL":
        raise Failure(
            "Each service has its own DATABASE_URL, of its own role: "
            "`python3 machines secrets rotate DATABASE_URL` makes new ones."
        )
    value = "" if fly.dry else _value(name)
    if name == "JWT_SECRET":
        fly.tell(
            "Whoever works while the apps restart has to sign in again; "
            "`secrets rotate JWT_SECRET` spares them that."
        )
        key = "the public key of the new secret" if fly.dry else _public_key(value)
        for line in names.write_public_keys(key, dry=fly.dry):
            fly.tell(f"{line} (commit this)")
    rotation.stage(fly, holders, {name: value})
    if not options.stage:
        also = (APPS["account"], APPS["keys"]) if name == "JWT_SECRET" else ()
        images.restart(fly, [*also, *holders])
    return 0


def _value(name: str) -> str:
    """Read a value: at a terminal without showing it, else all of the standard input."""
    told = f"{name} (is not shown): "
    try:
        value = getpass.getpass(told) if sys.stdin.isatty() else sys.stdin.read()
    except UnicodeDecodeError:
        value = ""
    value = value.removesuffix("\n").removesuffix("\r")
    if not table.plain(name, value).startswith(begins := BEGINNINGS.get(name, ("",))):
        raise Failure(f"That is no {name}: one begins with {begins[0]}")
    try:
        READS.get(name, str)(value)
    except ValueError as ex:
        raise Failure(f"{name}: {ex}.") from None
    return value


def _public_key(value: str) -> str:
    try:
        return ",".join(map(access_tokens.context_public_key, access_tokens.parse_secrets(value)))
    except ValueError as ex:
        raise Failure(f"JWT_SECRET: {ex}.") from None
