"""``vault create`` and ``vault ls``."""

from typing import Any

from .forms import add, group, json_too


def add_to(commands: Any) -> None:
    """Add the commands of vaults."""
    inner = group(commands, "vault", "make and list vaults")
    example = "example:\n  keyarc vault create work"
    create = add(inner, "create", "vaults:create", "make a vault", example)
    create.add_argument("name", metavar="NAME")
    create.add_argument("--description", default="", metavar="TEXT")
    json_too(create)
    listing = add(inner, "ls", "vaults:show", "list the vaults of this account", "")
    json_too(listing)
