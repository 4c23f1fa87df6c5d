"""``link create``, ``link ls``, ``link rm`` and ``link open``."""

from typing import Any

from .forms import PLAIN_HTTP, add, group, json_too


def add_to(commands: Any) -> None:
    """Add the commands of one-time links."""
    inner = group(commands, "link", "hand a value to somebody without an account")
    _creating(inner)
    example = "example:\n  keyarc link ls --json"
    json_too(add(inner, "ls", "links:show", "list your links, without what they hold", example))
    example = "example:\n  keyarc link rm 0b0f5d8e-7d2c-4a52-9d4c-5d1f6f1d2c3b"
    removing = add(inner, "rm", "links:remove", "take a link back", example)
    removing.add_argument(
        "link", metavar="ID", help="its id, or the whole link; - reads it from standard input"
    )
    json_too(removing)
    example = (
        "It takes a read: the last one burns the link. It needs no account and no login.\n"
        "Everybody on this machine can see an argument while the command runs: give - instead.\n\n"
        "examples:\n  keyarc link open 'https://keyarc.example/once#…'\n"
        "  keyarc link open - < link.txt"
    )
    opening = add(inner, "open", "links:open_link", "open a link", example)
    opening.add_argument("link", metavar="LINK", help="- reads it from standard input")
    opening.add_argument("--plain-http", action="store_true", help=PLAIN_HTTP)
    json_too(opening)


def _creating(inner: Any) -> None:
    example = (
        "The link holds a copy of the value: later versions are not in it. The server keeps it\n"
        "sealed, and what opens it stands in the link alone. Looking at it with a browser takes\n"
        "nothing until it is opened.\n\n"
        "examples:\n  keyarc link create work/db/PASSWORD\n"
        "  keyarc link create work/db/PASSWORD --reads 3 --expires 2h --json\n"
        "  keyarc link create work/db/PASSWORD --field user --field password\n"
        "  printf hush | keyarc link create - --name 'door code'"
    )
    create = add(inner, "create", "links:create", "make a one-time link", example)
    create.add_argument("secret", metavar="VAULT/NAME", help="- takes a value of standard input")
    create.add_argument("--name", metavar="TEXT", help="what it is called to whoever opens it")
    create.add_argument(
        "--field", action="append", metavar="F", help="not the value: this one; may be repeated"
    )
    create.add_argument("--notes", action="store_true", help="with the secret's notes")
    create.add_argument("--reads", type=int, default=1, metavar="N", help="1 where left out")
    create.add_argument(
        "--expires",
        default="1d",
        metavar="WHEN",
        help="30m, 12h, 7d, or the last day (UTC); 1d where left out, 30d at most",
    )
    json_too(create)
