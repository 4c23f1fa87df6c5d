"""``session ls`` and ``session revoke``."""

from typing import Any

from .forms import add, group, json_too


def add_to(commands: Any) -> None:
    """Add the commands of sessions."""
    inner = group(commands, "session", "list sessions and end them")
    example = "example:\n  keyarc session ls --json"
    listing = add(inner, "ls", "sessions:show", "list where this account is logged in", example)
    json_too(listing)
    example = (
        "A session ends at once and everywhere; what its device has already read stays there.\n\n"
        "examples:\n  keyarc session revoke 7f3c0d52-8c4e-4d0c-9d6e-0d6e5b0b8a11\n"
        "  keyarc session revoke --others"
    )
    revoking = add(inner, "revoke", "sessions:revoke", "end a session", example)
    which = revoking.add_mutually_exclusive_group(required=True)
    which.add_argument("session", metavar="ID", nargs="?", help="as `keyarc session ls` shows it")
    which.add_argument("--others", action="store_true", help="all but the one of this device")
    json_too(revoking)
