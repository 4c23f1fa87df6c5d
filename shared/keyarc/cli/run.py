"""``run``: a program whose environment holds secrets, and nothing else that does."""

import os
import re
import subprocess
import sys
from argparse import Namespace
from collections.abc import Mapping

from ..errors import Conflict, Failure, NotFound
from ..sync import Secret
from .home import TOKEN, open_reader
from .terminal import Usage, shown

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
KEPT_BACK = {
    "KEYARC_ACCOUNT_KEY",
    "KEYARC_CODE",
    "KEYARC_MAIL_CODE",
    "KEYARC_NEW_PASSWORD",
    "KEYARC_PASSWORD",
    "KEYARC_RECOVERY_CODE",
    TOKEN,
}


def run(arguments: Namespace) -> int:
    """Become the program; where the platform cannot, wait for it and give its exit code."""
    program = arguments.program[arguments.program[:1] == ["--"] :]
    if not program:
        raise Usage("say what to run: keyarc run --vault V -- CMD")
    client = open_reader()
    vault = client.vault(arguments.vault)
    view = client.sync(vault.id)
    secrets = view.under(arguments.path.strip("/"))
    _check_names(secrets)
    details = client.details(view, [secret.id for secret in secrets], "run")
    values = {secret.overview.name: details[secret.id].value for secret in secrets}
    _check_values(values)
    inherited = {name: text for name, text in os.environ.items() if name not in KEPT_BACK}
    return _become(program, {**inherited, **values})


def _check_names(secrets: list[Secret]) -> None:
    if not secrets:
        raise NotFound("there is no secret in this folder")
    invalid = [one.overview.address for one in secrets if not VARIABLE.fullmatch(one.overview.name)]
    if invalid:
        names = shown(", ".join(invalid))
        raise Failure(f"these cannot be names of variables (choose a folder by --path): {names}")
    known: dict[str, str] = {}
    for one in secrets:
        name, address = one.overview.name, one.overview.address
        if name in known:
            both = shown(f"{known[name]} and {address}")
            raise Conflict(f"{both} would be the same variable: choose a folder by --path")
        known[name] = address


def _check_values(values: Mapping[str, str]) -> None:
    for name, value in values.items():
        if "\0" in value:
            raise Failure(f"{name} holds a NUL character, which no variable can")


def _become(program: list[str], environment: Mapping[str, str]) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        if sys.platform == "win32":
            return subprocess.run(program, env=environment, check=False).returncode
        os.execvpe(program[0], program, environment)  # noqa: S606 - signals and exit code are its own
    except FileNotFoundError as ex:
        print(f"keyarc: there is no program {program[0]}.", file=sys.stderr)
        raise SystemExit(127) from ex
    except PermissionError as ex:
        print(f"keyarc: {program[0]} may not be run.", file=sys.stderr)
        raise SystemExit(126) from ex
