"""``account``: show it, change its keys, end it."""

import argparse
from typing import Any

from .forms import PROOF, add, group, json_too

KEYS = """\
What is new is shown, written to a kit if you want, and asked back on a terminal before it counts.
Every other session of the account ends.

"""


def add_to(commands: Any) -> None:
    """Add the commands of the account itself."""
    inner = group(commands, "account", "show the account, change its keys, end it")
    example = "example:\n  keyarc account show --json"
    json_too(add(inner, "show", "own_account:show", "say what the server knows of it", example))
    example = (
        "Where nobody can be asked, KEYARC_NEW_PASSWORD is the new one. Every other session ends.\n"
        "\nexample:\n  keyarc account password\n\n"
    )
    add(inner, "password", "own_account:change_password", "change the password", example + PROOF)
    example = "example:\n  keyarc account key --kit kit.html\n\n"
    what = "make another account key"
    _kit(add(inner, "key", "own_account:change_key", what, KEYS + example + PROOF))
    example = "example:\n  keyarc account recovery-code --kit kit.html\n\n"
    what, function = "make another recovery code", "own_account:change_recovery_code"
    _kit(add(inner, "recovery-code", function, what, KEYS + example + PROOF))
    example = (
        "For when somebody else may have had them: a stolen device, a copied backup. A new recovery"
        "\ncode comes with them; password and account key stay. Passkeys no longer unlock.\n\n"
        "example:\n  keyarc account rotate --kit kit.html\n\n"
    )
    what = "make a new user key and identity"
    _kit(add(inner, "rotate", "own_account:rotate", what, KEYS + example + PROOF))
    example = (
        "It holds the account key, as text and (in HTML) as a QR code. The recovery code is not on"
        "\nthis device: it stands on the kit it came with, and `keyarc account recovery-code` makes"
        "\nanother.\n\nexample:\n  keyarc account kit kit.html\n\n"
    )
    what = "write the Emergency Kit again"
    writing = add(inner, "kit", "own_account:write_kit", what, example + PROOF)
    writing.add_argument("file", metavar="FILE", help="HTML if the name ends in .html, else text")
    _address(inner)
    _ending(inner)


def _address(inner: Any) -> None:
    example = (
        "Where the server sends mails, the new address counts once the link in its mail was opened."
        "\n\nexample:\n  keyarc account email new@example.com\n\n"
    )
    what = "change the address of the account"
    changing = add(inner, "email", "own_account:change_email", what, example + PROOF)
    changing.add_argument("address", metavar="ADDRESS")


def _ending(inner: Any) -> None:
    example = (
        "It asks for the address of the account. Vaults that others share are left or handed over"
        "\nfirst; `keyarc export` takes everything along.\n\n"
        "examples:\n  keyarc account delete\n"
        "  keyarc account delete --confirm me@example.com\n\n"
    )
    what = "delete the account, at once and for good"
    deleting = add(inner, "delete", "leaving:delete", what, example + PROOF)
    deleting.add_argument("--confirm", metavar="ADDRESS", help="the address, instead of asking")


def _kit(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--kit",
        metavar="FILE",
        help="write the Emergency Kit here (HTML if the name ends in .html, else text;"
        " an existing file is never replaced)",
    )
