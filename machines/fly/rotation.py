"""Makes new secrets while the old ones are in use, and nobody has to sign in again."""

import argparse
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from machines.apps import APPS, App
from machines.failures import Failure
from machines.fly import images, names, preflight, remote, table
from machines.fly.deploy import ask
from machines.fly.flyctl import Flyctl
from machines.fly.owner import Owner
from shared import access_tokens

BYTES = 48
CHECKERS = ("account", "keys")


def run(fly: Flyctl, options: argparse.Namespace) -> int:
    """Rotate the secret that was named."""
    if options.name == "DATABASE_URL" and options.finish:
        raise Failure("--finish belongs to JWT_SECRET: a new password is in force at once.")
    if options.name == "DATABASE_URL":
        _rotate_passwords(fly)
    elif options.finish:
        _finish(fly, options)
    else:
        _begin(fly, options)
    return 0


def stage(fly: Flyctl, apps: Sequence[App], values: Mapping[str, str]) -> None:
    """Leave secrets with Fly: they are in force from the next (re)start of a deployment on."""
    for app in apps:
        fly.tell(f"Setting {', '.join(values)} of {app.fly_name} …")
        fly.change("secrets", "import", "--stage", "--app", app.fly_name, secrets=values)


def _begin(fly: Flyctl, options: argparse.Namespace) -> None:
    """Sign with a new secret and still accept what the old one signed."""
    old = _current(fly, options)
    if "," in old:
        raise Failure("A rotation is under way: `secrets rotate JWT_SECRET --finish` ends it.")
    new = secrets.token_urlsafe(BYTES)
    # Who checks learns of the new key before anybody signs with it; auth signs last. What is
    # believed today stays: the gateway may sign with the secret of a run that broke off.
    _accept(fly, (new, old), *_believed())
    _sign(fly, ("gateway", "auth"), f"{new},{old}")
    fly.tell(
        "Both secrets are accepted, the new one signs. Commit and push account.toml and keys.toml "
        "now: a deployment without them would know the old key alone. In "
        f"{access_tokens.ACCESS_SECONDS // 60} minutes nothing is left of the old one: then run "
        "`python3 machines secrets rotate JWT_SECRET --finish`."
    )


def _finish(fly: Flyctl, options: argparse.Namespace) -> None:
    """Accept nothing any more of what the old secret signed."""
    _await_expiry(fly)
    current = _current(fly, options)
    new, _, old = current.partition(",")
    if not (old or fly.dry):
        raise Failure("No rotation is under way: `secrets rotate JWT_SECRET` begins one.")
    # auth last: as long as it holds both, a run that breaks off can be run again.
    _sign(fly, ("gateway",), new)
    _accept(fly, (new,))
    _sign(fly, ("auth",), new)
    fly.tell("The old secret is worth nothing now. Commit and push account.toml and keys.toml.")


def _await_expiry(fly: Flyctl) -> None:
    """Fail while tokens live that the old secret signed: auth signed them until its restart."""
    serving = remote.current(remote.releases(fly, APPS["auth"].fly_name))
    if serving:
        age = datetime.now(UTC) - datetime.fromisoformat(serving.at)
        left = access_tokens.ACCESS_SECONDS - age.total_seconds()
        if left > 0:
            raise Failure(f"In {left:.0f} s: access tokens of the old secret live until then.")


def _current(fly: Flyctl, options: argparse.Namespace) -> str:
    """Return JWT_SECRET; Fly tells it to nobody but a machine, which must be awake for that."""
    auth = APPS["auth"]
    ask(fly, auth, options)
    said = fly.read(
        *("ssh", "console", "--app", auth.fly_name, "--quiet"),
        *("--command", "printenv JWT_SECRET"),
    ).strip()
    try:
        access_tokens.parse_secrets(said if not fly.dry else "x" * 32)
    except ValueError as ex:
        raise Failure(f"{auth.fly_name} does not tell its JWT_SECRET: {ex}.") from None
    return said


def _believed() -> Sequence[str]:
    """Return the public keys in account.toml and keys.toml; none where none is written yet."""
    if not preflight.signed():
        return ()
    return [key.strip() for text in names.public_keys() for key in text.split(",")]


def _accept(fly: Flyctl, signers: Sequence[str], *others: str) -> None:
    """Let account and keys believe what *signers*, and the owners of the keys *others*, signed."""
    ours = [access_tokens.context_public_key(secret) for secret in signers]
    keys = ",".join(dict.fromkeys([*ours, *others]))
    for line in names.write_public_keys("those of both" if fly.dry else keys, dry=fly.dry):
        fly.tell(line)
    images.restart(fly, [APPS[name] for name in CHECKERS])


def _sign(fly: Flyctl, apps: Sequence[str], value: str) -> None:
    for app in (APPS[name] for name in apps):
        stage(fly, [app], {"JWT_SECRET": value})
        images.restart(fly, [app])


def _rotate_passwords(fly: Flyctl) -> None:
    """Give each role a new password, one service after the other."""
    owner = None if fly.dry else Owner.ask()
    for app in table.holders("DATABASE_URL"):
        password, url = owner.new_url(app) if owner else ("", "")
        stage(fly, [app], {"DATABASE_URL": url})
        if owner:
            # Until its restart the service keeps the connections that it has, and gets no new one.
            owner.let_in(app, password)
        else:
            fly.tell(f"The role of {app.name} gets a new password in the database")
        images.restart(fly, [app])
