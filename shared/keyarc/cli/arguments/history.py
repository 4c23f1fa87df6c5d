"""``log``, ``verify``, ``history``, ``restore`` and ``trash``."""

from typing import Any

from .forms import add, group, json_too

ADDRESS = "VAULT/PATH/NAME"


def add_to(commands: Any) -> None:
    """Add the commands of what was before."""
    example = (
        "Every change is signed by whoever made it, and checked from the first one on; accesses"
        "\nare the server's notes, in a chain that is checked against what was seen before.\n\n"
        "examples:\n  keyarc log work --last 20\n  keyarc log work --json"
    )
    logging = add(commands, "log", "log:show", "show who changed and read a vault", example)
    logging.add_argument("vault", metavar="VAULT")
    logging.add_argument("--last", type=int, metavar="N", help="only the N newest entries")
    json_too(logging)
    example = (
        "Values are not fetched: that would be noted as reading them.\n\n"
        "example:\n  keyarc verify work"
    )
    verifying = add(
        commands, "verify", "log:verify", "recompute a whole vault from its first change", example
    )
    verifying.add_argument("vault", metavar="VAULT")
    json_too(verifying)
    example = "example:\n  keyarc history work/db/PASSWORD"
    history = add(commands, "history", "history:show", "list the versions of a secret", example)
    history.add_argument("secret", metavar=ADDRESS, help="a removed one too")
    json_too(history)
    example = (
        "The old content becomes the newest version; nothing in between is lost.\n\n"
        "examples:\n  keyarc restore work/db/PASSWORD               # the version before, or a"
        " removed secret\n  keyarc restore work/db/PASSWORD --version 3"
    )
    restoring = add(commands, "restore", "history:restore", "bring an old version back", example)
    restoring.add_argument("secret", metavar=ADDRESS)
    restoring.add_argument("--version", type=int, metavar="N")
    json_too(restoring)
    _trash(commands)


def _trash(commands: Any) -> None:
    inner = group(commands, "trash", "list, restore and purge removed secrets")
    listing = add(inner, "ls", "history:show_trash", "list the removed secrets of a vault", "")
    listing.add_argument("vault", metavar="VAULT")
    json_too(listing)
    example = "example:\n  keyarc trash restore work/db/PASSWORD"
    restoring = add(inner, "restore", "history:untrash", "bring a removed secret back", example)
    restoring.add_argument("secret", metavar=ADDRESS)
    json_too(restoring)
    example = (
        "What its versions held is gone for good; the history keeps their hashes. Owners and"
        "\nadmins only.\n\nexample:\n  keyarc trash purge work/db/PASSWORD --yes"
    )
    purging = add(inner, "purge", "history:purge", "remove a removed secret for good", example)
    purging.add_argument("secret", metavar=ADDRESS)
    purging.add_argument("--yes", action="store_true", help="do not ask")
    json_too(purging)
