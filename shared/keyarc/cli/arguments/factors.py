"""``2fa`` and ``passkey``."""

import argparse
from typing import Any

from .forms import PROOF, add, group, json_too

ON = """\
On a terminal this shows a QR code and the same secret as text, and asks for a code of the app.
The first second factor brings ten backup codes: each works once, in place of the app's.
Without a terminal it takes two commands: --begin prints the secret, --finish reads a code of it
from standard input.

examples:
  keyarc 2fa on
  keyarc 2fa on --begin --json > secret.json
  oathtool --totp -b "$(jq -r .secret secret.json)" | keyarc 2fa on --finish --json

"""


def add_to(commands: Any) -> None:
    """Add the commands of second factors."""
    inner = group(commands, "2fa", "ask for a code beside the password")
    example = "example:\n  keyarc 2fa status --json"
    status = add(inner, "status", "factors:status", "say what is asked at a login", example)
    json_too(status)
    turning_on = add(inner, "on", "factors:turn_on", "set up an authenticator app", ON + PROOF)
    step = turning_on.add_mutually_exclusive_group()
    step.add_argument("--begin", action="store_true", help="print the secret and stop there")
    step.add_argument("--finish", action="store_true", help="read a code from standard input")
    json_too(turning_on)
    example = "Passkeys stay.\n\nexample:\n  keyarc 2fa off\n\n"
    turning_off = add(
        inner, "off", "factors:turn_off", "remove the authenticator app", example + PROOF
    )
    _yes(turning_off)
    example = "The old ones end.\n\nexample:\n  keyarc 2fa codes > backup-codes.txt\n\n"
    codes = add(inner, "codes", "factors:new_codes", "make ten new backup codes", example + PROOF)
    json_too(codes)
    _passkeys(commands)


def _passkeys(commands: Any) -> None:
    inner = group(commands, "passkey", "list and remove passkeys (the page makes them)")
    listing = add(
        inner, "ls", "factors:list_passkeys", "list the passkeys", "example:\n  keyarc passkey ls"
    )
    json_too(listing)
    example = "example:\n  keyarc passkey rm laptop\n\n"
    removing = add(inner, "rm", "factors:remove_passkey", "remove a passkey", example + PROOF)
    removing.add_argument("passkey", metavar="NAME", help="its name or id")
    _yes(removing)


def _yes(command: argparse.ArgumentParser) -> None:
    command.add_argument("--yes", action="store_true", help="do not ask whether it is meant")
