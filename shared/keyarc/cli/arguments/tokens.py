"""``token create``, ``token ls`` and ``token revoke``."""

from typing import Any

from .forms import PROOF, add, group, json_too

MACHINE = """\
With KEYARC_TOKEN and KEYARC_SERVER in the environment ls, get, run, expiring, vault ls and status
need no login and no prompt, and leave nothing behind; commands that change something refuse. run
does not hand the token on.
"""


def add_to(commands: Any) -> None:
    """Add the commands of machine tokens."""
    inner = group(commands, "token", "let CI jobs and servers read vaults")
    example = (
        "examples:\n  keyarc token create ci --vault work --expires 90d\n"
        "  keyarc token create deploy --vault work --vault web --expires 2027-06-30 --json\n\n"
    )
    what = "make a machine token that reads some vaults"
    create = add(inner, "create", "tokens:create", what, example + MACHINE + "\n" + PROOF)
    create.add_argument("name", metavar="NAME", help="what it is for; free again once revoked")
    create.add_argument(
        "--vault",
        metavar="V",
        required=True,
        action="append",
        help="a vault that it reads; may be given repeatedly",
    )
    create.add_argument(
        "--expires",
        metavar="WHEN",
        help="90d, 12h, 30m, or the last day (UTC), as in 2027-06-30; never where left out",
    )
    json_too(create)
    example = "example:\n  keyarc token ls --json"
    listing = add(inner, "ls", "tokens:show", "list machine tokens and their last use", example)
    json_too(listing)
    example = (
        "Its sessions end at once. It is taken out of its vaults, which get new keys; the history\n"
        "keeps that it was there. What it could read is known to whoever had it: see `leavers`.\n\n"
        "example:\n  keyarc token revoke ci"
    )
    revoking = add(inner, "revoke", "tokens:revoke", "end a machine token", example)
    revoking.add_argument("name", metavar="NAME", help="its name or id")
    revoking.add_argument("--yes", action="store_true", help="do not ask")
    json_too(revoking)
