"""``device``: hand the account key to a new device."""

from typing import Any

from .forms import PROOF, add, group, json_too

WORDS = """\
A new device asks by `keyarc login --approve` or on the page. Both screens show seven words before
the account key is handed over, and seven others afterwards: compare both times. Without that the
server could put a device, or a key, of its own in between.

"""


def add_to(commands: Any) -> None:
    """Add the commands of a device that is signed in."""
    inner = group(commands, "device", "let a new device in")
    example = WORDS + "example:\n  keyarc device ls"
    json_too(add(inner, "ls", "devices:show", "list the devices that ask", example))
    example = WORDS + "example:\n  keyarc device approve\n\n" + PROOF
    what = "hand the account key to a device that asks"
    approving = add(inner, "approve", "devices:approve", what, example)
    refusing = add(inner, "refuse", "devices:refuse", "turn a device down", WORDS)
    for command in (approving, refusing):
        command.add_argument(
            "request", metavar="ID", nargs="?", help="its id, where several devices ask"
        )
