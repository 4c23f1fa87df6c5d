"""``import`` and ``run``."""

import argparse
from typing import Any

from ...items import KINDS
from .forms import add, json_too


def add_to(commands: Any) -> None:
    """Add the commands that bring many secrets in, and hand them on."""
    example = (
        "Reads the dialect of motdotla/dotenv, but expands nothing; a line that is no assignment"
        "\nstops the import. All variables go in as one change, or none does.\n\n"
        "examples:\n  keyarc import .env --vault work --path api --dry-run\n"
        "  keyarc import - --vault work --yes < .env"
    )
    importing = add(commands, "import", "imports:import_file", "take in a .env file", example)
    importing.add_argument("file", metavar="FILE", help="- for standard input")
    importing.add_argument("--vault", metavar="V", required=True)
    importing.add_argument("--path", metavar="P", default="", help="the folder inside the vault")
    importing.add_argument("--kind", choices=KINDS, default="other", help="of new secrets (other)")
    importing.add_argument("--dry-run", action="store_true", help="only say what would change")
    importing.add_argument("--yes", action="store_true", help="do not ask")
    json_too(importing)
    example = (
        "Each secret becomes a variable of its name. KEYARC_PASSWORD, KEYARC_NEW_PASSWORD,"
        "\nKEYARC_ACCOUNT_KEY, KEYARC_CODE and KEYARC_TOKEN are not handed on. The exit code is the"
        "\nprogram's.\n\n"
        "examples:\n  keyarc run --vault work -- npm start\n"
        "  keyarc run --vault work --path api -- printenv"
    )
    running = add(commands, "run", "run:run", "run a program with secrets as variables", example)
    running.add_argument("--vault", metavar="V", required=True)
    running.add_argument("--path", metavar="P", default="", help="only this folder and those in it")
    running.add_argument("program", metavar="CMD", nargs=argparse.REMAINDER, help="after --")
