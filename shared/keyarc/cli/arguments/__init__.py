"""The words of the command line: every command, option, example and exit code stands here.

Each group of commands has a module of its own with one ``add_to``.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from . import (
    accounts,
    devices,
    expiring,
    factors,
    files,
    history,
    leaving,
    links,
    own_account,
    recovery,
    secrets,
    sessions,
    sharing,
    site,
    tokens,
    vaults,
)

ABOUT = "Keep API keys, certificates and other credentials in vaults that the server cannot read."
REST = """\
names:
  VAULT        a vault's name or id. A name with a slash in it, and a name that two vaults share,
               can only be given by the id
  PATH/NAME    where a secret is and what it is called. A secret's id may stand here instead, as in
               VAULT/ID; it must where two secrets have the same path and name

environment:
  KEYARC_SERVER, KEYARC_EMAIL    instead of --server and --email
  KEYARC_PASSWORD                the password, where nobody can be asked
  KEYARC_NEW_PASSWORD            the one that shall be, likewise
  KEYARC_ACCOUNT_KEY             the account key, for a first login on a device
  KEYARC_CODE                    a code of the second factor, where nobody can be asked
  KEYARC_HOME                    the folder for this device's state
  KEYARC_TOKEN                   a machine token: with KEYARC_SERVER, reads without login or state

exit codes:
  0 done      1 failed      2 wrong use      3 not logged in      4 not found
  5 exists already, or is ambiguous          6 the server's answer is not what was signed
  7 the server does not answer
  8 wrong password, account key, address, code or machine token
  9 the machine token has expired or was revoked            10 begun, and goes on later
  130 interrupted

--json prints one object with "keyarc": 1, the version of its form.
"""
GROUPS = (
    accounts,
    vaults,
    sharing,
    secrets,
    expiring,
    links,
    files,
    history,
    leaving,
    own_account,
    factors,
    sessions,
    devices,
    recovery,
    tokens,
    site,
)


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the words of a command, those of the process if there are none."""
    return parser().parse_args(sharing.spelled_out(sys.argv[1:] if argv is None else argv))


def parser() -> argparse.ArgumentParser:
    """Make the parser; ``command`` of its result is ``module:function``."""
    top = argparse.ArgumentParser(
        prog="keyarc",
        description=ABOUT,
        epilog=REST,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for group in GROUPS:
        group.add_to(commands)
    return top


class _Version(argparse.Action):
    """``--version``, which looks the version up only when it is asked for."""

    def __call__(self, *_: Any) -> NoReturn:
        from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - 30 ms

        try:
            print(f"keyarc {version('keyarc')}")
        except PackageNotFoundError:
            print("keyarc (not installed)")
        raise SystemExit(0)
