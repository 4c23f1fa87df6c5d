"""What must be true before anything is deployed."""

import argparse
import re
from collections.abc import Iterator, Sequence

from machines import checks
from machines.apps import App
from machines.failures import Failure
from machines.fly import changes, names, remote, table
from machines.fly.flyctl import Flyctl
from shared.access_tokens import ContextVerifier

VERSION = re.compile(r"v(\d+)\.(\d+)\.(\d+)")
# From here on bluegreen starts and checks new machines for those that are asleep.
OLDEST = (0, 4, 80)


def check(fly: Flyctl, apps: Sequence[App], options: argparse.Namespace) -> None:
    """Fail with everything that is in the way; a dry run tells it and goes on."""
    told = [*_here(apps, options), *_there(fly, apps)]
    if told and not fly.dry:
        raise Failure("\n".join(["Nothing was deployed:", *(f"- {line}" for line in told)]))
    for line in told:
        fly.tell(f"in the way of a real run: {line}")


def _here(apps: Sequence[App], options: argparse.Namespace) -> Iterator[str]:
    """Yield what is wrong in the checkout."""
    if (files := changes.dirty()) and not options.dirty:
        some = ", ".join(files[:3]) + (", …" if len(files) > 3 else "")
        yield f"the checkout has changes that are in no commit ({some}): commit, or say --dirty"
    yield from checks.problems()
    if {"account", "keys"} & {app.name for app in apps} and not signed():
        yield (
            "CONTEXT_PUBLIC_KEYS of account.toml and keys.toml is not that of an installation: "
            "`python3 machines create` writes it; then commit both"
        )


def _there(fly: Flyctl, apps: Sequence[App]) -> Iterator[str]:
    """Yield what is wrong with its program, and on Fly."""
    version = VERSION.search(fly.read("version"))
    if version and tuple(map(int, version.groups())) < OLDEST:
        yield f"flyctl {version[0]} leaves sleeping machines old: `fly version upgrade`"
    asked = [app for app in apps if table.required(app)]
    told = remote.each(fly, asked, lambda app: remote.secrets(fly, app.fly_name))
    for app, there in zip(asked, told, strict=True):
        missing = [name for name in table.required(app) if name not in there]
        if missing and not fly.dry:
            yield f"{app.fly_name} has no {' and no '.join(missing)}: `python3 machines create`"


def signed() -> bool:
    """Whether account and keys know, alike, whose signatures to accept."""
    keys = names.public_keys()
    try:
        for text in keys:
            ContextVerifier(text, "account")
    except ValueError:
        return False
    return len(keys) == 1
