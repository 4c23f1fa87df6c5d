"""``vault create``, ``vault ls`` and ``vault rotate``."""

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
    example = (
        "What is written from then on is sealed with the new key, which every member gets; what is"
        "\nthere stays as it is. Removing a member does it by itself. Open invitations end.\n\n"
        "example:\n  keyarc vault rotate work"
    )
    rotating = add(inner, "rotate", "members:rotate", "change a vault's key", example)
    rotating.add_argument("vault", metavar="VAULT")
    rotating.add_argument("--yes", action="store_true", help="do not ask whether it is meant")
