"""The words of the command line: every command, option, example and exit code stands here."""

import argparse
from typing import Any, NoReturn

from ..items import KINDS

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
  KEYARC_ACCOUNT_KEY             the account key, for a first login on a device
  KEYARC_HOME                    the folder for this device's state

exit codes:
  0 done      1 failed      2 wrong use      3 not logged in      4 not found
  5 exists already, or is ambiguous          6 the server's answer is not what was signed
  7 the server does not answer               8 wrong password, account key or address
  130 interrupted

--json prints one object with "keyarc": 1, the version of its form.
"""
PLAIN_HTTP = "allow http:// to a server outside this machine and its private network"
KEEPING = """\
Between login and logout this device keeps the session and the unlocked user key, so that commands
need no password; the account key stays after logout too. They are kept in the system's key store
where there is one, else in a file under KEYARC_HOME that only you can read (mode 0600).
"""


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
    _account_commands(commands)
    _vault_commands(commands)
    _secret_commands(commands)
    _file_commands(commands)
    _site_commands(commands)
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


def _add(commands: Any, name: str, function: str, text: str, more: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=text[0].upper() + text[1:] + ".",
        epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(command=function)
    return command


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print JSON of a stable form")


def _server(command: argparse.ArgumentParser) -> None:
    command.add_argument("--server", metavar="URL", help="such as https://keyarc.example")
    command.add_argument("--email", metavar="E", help="the address of the account")
    command.add_argument(
        "--plain-http",
        action="store_true",
        help=PLAIN_HTTP,
    )


def _account_commands(commands: Any) -> None:
    example = "example:\n  keyarc signup --server https://keyarc.example --email me@example.com\n\n"
    signup = _add(commands, "signup", "accounts:sign_up", "make an account", example + KEEPING)
    _server(signup)
    signup.add_argument(
        "--kit",
        metavar="FILE",
        help="write the Emergency Kit here (HTML if the name ends in .html, else text;"
        " an existing file is never replaced)",
    )
    example = "example:\n  keyarc login --server https://keyarc.example --email me@example.com\n\n"
    login = _add(commands, "login", "accounts:log_in", "begin a session", example + KEEPING)
    _server(login)
    _add(commands, "logout", "accounts:log_out", "end the session", KEEPING)
    status = _add(commands, "status", "accounts:status", "say who is logged in where", "")
    _json(status)


def _vault_commands(commands: Any) -> None:
    vault = commands.add_parser("vault", help="make and list vaults")
    inner = vault.add_subparsers(metavar="COMMAND", required=True)
    example = "example:\n  keyarc vault create work"
    create = _add(inner, "create", "vaults:create", "make a vault", example)
    create.add_argument("name", metavar="NAME")
    create.add_argument("--description", default="", metavar="TEXT")
    _json(create)
    listing = _add(inner, "ls", "vaults:show", "list the vaults of this account", "")
    _json(listing)


def _secret_commands(commands: Any) -> None:
    example = "examples:\n  keyarc ls\n  keyarc ls work --json"
    listing = _add(commands, "ls", "secrets:show", "list secrets, without their values", example)
    listing.add_argument("vault", metavar="VAULT", nargs="?", help="every vault where left out")
    _json(listing)
    example = (
        "The value is read from standard input (one newline at its end is taken off), or asked for"
        "\non a terminal. An existing secret gets a new version; its history stays.\n\n"
        "examples:\n  keyarc set work/db/PASSWORD\n"
        "  openssl rand -hex 16 | keyarc set work/db/PASSWORD --tag prod --expires 2027-06-30"
    )
    setting = _add(commands, "set", "secrets:put", "keep a value", example)
    setting.add_argument("secret", metavar="VAULT/PATH/NAME")
    setting.add_argument("--kind", choices=KINDS, help="api_key where left out")
    setting.add_argument("--provider", metavar="TEXT")
    setting.add_argument("--environment", metavar="TEXT", help="such as production")
    setting.add_argument("--tag", action="append", metavar="TEXT", help="may be given repeatedly")
    setting.add_argument("--expires", metavar="YYYY-MM-DD")
    _json(setting)
    example = "examples:\n  keyarc get work/db/PASSWORD\n  keyarc get work/db/PASSWORD --field user"
    getting = _add(commands, "get", "secrets:get", "print a value", example)
    getting.add_argument("secret", metavar="VAULT/PATH/NAME")
    getting.add_argument("--field", metavar="F", help="another field than the first")
    _json(getting)
    example = "Its history stays in the vault.\n\nexample:\n  keyarc rm work/db/PASSWORD"
    removing = _add(commands, "rm", "secrets:remove", "remove a secret", example)
    removing.add_argument("secret", metavar="VAULT/PATH/NAME")
    _json(removing)


def _file_commands(commands: Any) -> None:
    example = (
        "Reads the dialect of motdotla/dotenv, but expands nothing; a line that is no assignment"
        "\nstops the import. All variables go in as one change, or none does.\n\n"
        "examples:\n  keyarc import .env --vault work --path api --dry-run\n"
        "  keyarc import - --vault work --yes < .env"
    )
    importing = _add(commands, "import", "imports:import_file", "take in a .env file", example)
    importing.add_argument("file", metavar="FILE", help="- for standard input")
    importing.add_argument("--vault", metavar="V", required=True)
    importing.add_argument("--path", metavar="P", default="", help="the folder inside the vault")
    importing.add_argument("--kind", choices=KINDS, default="other", help="of new secrets (other)")
    importing.add_argument("--dry-run", action="store_true", help="only say what would change")
    importing.add_argument("--yes", action="store_true", help="do not ask")
    _json(importing)
    example = (
        "Each secret becomes a variable of its name. KEYARC_PASSWORD and KEYARC_ACCOUNT_KEY are not"
        "\nhanded on. The exit code is the program's.\n\n"
        "examples:\n  keyarc run --vault work -- npm start\n"
        "  keyarc run --vault work --path api -- printenv"
    )
    running = _add(commands, "run", "run:run", "run a program with secrets as variables", example)
    running.add_argument("--vault", metavar="V", required=True)
    running.add_argument("--path", metavar="P", default="", help="only this folder and those in it")
    running.add_argument("program", metavar="CMD", nargs=argparse.REMAINDER, help="after --")


def _site_commands(commands: Any) -> None:
    example = (
        "The manifest is a file of a release, whose signature GitHub's own client checks:\n"
        "  gh attestation verify page-manifest.json --repo OWNER/REPOSITORY\n\n"
        "A server that shows you another page than others is not found out, and neither is what\n"
        "it shows a minute later.\n\n"
        "example:\n  keyarc verify-site page-manifest.json --server https://keyarc.example"
    )
    what = "compare the page of a server with a release"
    verifying = _add(commands, "verify-site", "site:verify", what, example)
    verifying.add_argument("manifest", metavar="MANIFEST", help="the release's page-manifest.json")
    verifying.add_argument("--server", metavar="URL", help="such as https://keyarc.example")
    verifying.add_argument("--plain-http", action="store_true", help=PLAIN_HTTP)
