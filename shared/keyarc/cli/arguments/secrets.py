"""``ls``, ``set``, ``get`` and ``rm``."""

from typing import Any

from ...items import KINDS
from .forms import add, json_too

AT = "as it was after change N (see keyarc log)"


def add_to(commands: Any) -> None:
    """Add the commands of secrets."""
    example = "examples:\n  keyarc ls\n  keyarc ls work --json"
    listing = add(commands, "ls", "secrets:show", "list secrets, without their values", example)
    listing.add_argument("vault", metavar="VAULT", nargs="?", help="every vault where left out")
    listing.add_argument(
        "--at", type=int, metavar="N", help="as it was after change N (keyarc log)"
    )
    json_too(listing)
    _setting(commands)
    example = "examples:\n  keyarc get work/db/PASSWORD\n  keyarc get work/db/PASSWORD --field user"
    getting = add(commands, "get", "secrets:get", "print a value", example)
    getting.add_argument("secret", metavar="VAULT/PATH/NAME")
    getting.add_argument("--field", metavar="F", help="another field than the first")
    earlier = getting.add_mutually_exclusive_group()
    earlier.add_argument("--version", type=int, metavar="N", help="see keyarc history")
    earlier.add_argument(
        "--at", type=int, metavar="N", help="as it was after change N (keyarc log)"
    )
    json_too(getting)
    example = "Its history stays in the vault.\n\nexample:\n  keyarc rm work/db/PASSWORD"
    removing = add(commands, "rm", "secrets:remove", "remove a secret", example)
    removing.add_argument("secret", metavar="VAULT/PATH/NAME")
    json_too(removing)


def _setting(commands: Any) -> None:
    example = (
        "The value is read from standard input (one newline at its end is taken off), or asked for"
        "\non a terminal. An existing secret gets a new version; its history stays.\n\n"
        "examples:\n  keyarc set work/db/PASSWORD\n"
        "  openssl rand -hex 16 | keyarc set work/db/PASSWORD --tag prod --expires 2027-06-30"
        "\n  keyarc set work/db/PASSWORD --keep --rotate-days 90 --remind 14"
    )
    setting = add(commands, "set", "secrets:put", "keep a value", example)
    setting.add_argument("secret", metavar="VAULT/PATH/NAME")
    setting.add_argument("--kind", choices=KINDS, help="api_key where left out")
    setting.add_argument("--provider", metavar="TEXT")
    setting.add_argument("--environment", metavar="TEXT", help="such as production")
    setting.add_argument("--tag", action="append", metavar="TEXT", help="may be given repeatedly")
    setting.add_argument("--expires", metavar="YYYY-MM-DD", help="in UTC, or none")
    setting.add_argument(
        "--rotate-days", metavar="N", help="replace the value every N days, or none"
    )
    setting.add_argument(
        "--remind", metavar="DAYS", help="mail everybody so many days before it is due, or none"
    )
    setting.add_argument(
        "--keep", action="store_true", help="keep the value: change what is said of it"
    )
    json_too(setting)
