"""What the commands' arguments have in common."""

import argparse
from typing import Any

PLAIN_HTTP = "allow http:// to a server outside this machine and its private network"
PROOF = """\
It asks for the password and, where there is one, a code of the second factor; where nobody can be
asked, KEYARC_PASSWORD and KEYARC_CODE are taken (and KEYARC_ACCOUNT_KEY where the device has none).
"""


def add(commands: Any, name: str, function: str, text: str, more: str) -> argparse.ArgumentParser:
    """Add a command; *function* is its ``module:function`` in ``cli``, *more* ends its help."""
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=text[0].upper() + text[1:] + ".",
        epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(command=function)
    return command


def group(commands: Any, name: str, text: str) -> Any:
    """Add a word that other commands follow, as in ``vault create``."""
    return commands.add_parser(name, help=text).add_subparsers(metavar="COMMAND", required=True)


def json_too(command: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    command.add_argument("--json", action="store_true", help="print JSON of a stable form")


def server(command: argparse.ArgumentParser) -> None:
    """Add the options that say whose account at which server is meant."""
    command.add_argument("--server", metavar="URL", help="such as https://keyarc.example")
    command.add_argument("--email", metavar="E", help="the address of the account")
    command.add_argument(
        "--plain-http",
        action="store_true",
        help=PLAIN_HTTP,
    )
