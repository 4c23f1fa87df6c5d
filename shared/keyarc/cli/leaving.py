"""``export`` and ``account delete``: taking everything along, and leaving nothing behind."""

import json
import sys
from argparse import Namespace
from pathlib import Path

from .. import leaving
from ..errors import Conflict
from . import kit
from .home import open_client
from .proofs import prove
from .terminal import Usage, ask, note

PLAIN = "It is plain text: whoever reads it has every value."


def export(arguments: Namespace) -> None:
    """Write everything that the account has, readable by its owner alone."""
    path = None if arguments.file == "-" else Path(arguments.file)
    if path is not None and path.exists():
        raise Conflict(f"{path} exists already: name another file")
    media = leaving.export(open_client())
    text = json.dumps(media, ensure_ascii=False, indent=2) + "\n"
    if path is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
        note(f"keyarc: {PLAIN}")
    else:
        kit.write_new(path, text)
        note(f"Wrote {path}. {PLAIN}")


def delete(arguments: Namespace) -> None:
    """End the account once its address was typed."""
    client = open_client()
    email = client.opened.keyring.account.email
    note(
        f"This deletes the account {email} and every vault that is its alone, at once and for"
        "\ngood, from the server and from this device. Nobody can bring them back."
    )
    typed = arguments.confirm or ask("Type the address of the account:", "give --confirm ADDRESS")
    if typed.strip().lower() != email:
        raise Usage("that is not the address of this account; nothing was deleted")
    prove(client)
    leaving.delete(client)
    note(f"Deleted the account {email}.")
