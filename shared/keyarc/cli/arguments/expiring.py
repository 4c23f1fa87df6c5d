"""``expiring`` and ``reminders``."""

from typing import Any

from .forms import add, json_too


def add_to(commands: Any) -> None:
    """Add the commands of days."""
    example = (
        "A secret is due on the day it expires, or so many days after its value last changed:\n"
        "what comes first. Days are those of UTC. The server knows the day of a reminder and not\n"
        "what it is for; where it knows another day than the vault says, it is told again.\n\n"
        "examples:\n  keyarc expiring\n  keyarc expiring work --within 12w --json\n"
        "  keyarc expiring --ics keyarc.ics"
    )
    listing = add(commands, "expiring", "expiring:show", "list secrets that are due", example)
    listing.add_argument("vault", metavar="VAULT", nargs="?", help="every vault where left out")
    listing.add_argument(
        "--within",
        metavar="TIME",
        help="30d or 6w; 30d where left out, and everything for a calendar",
    )
    listing.add_argument(
        "--ics", metavar="FILE", help="write a calendar file (- prints it); it has no values"
    )
    json_too(listing)
    example = (
        "One letter a day at most, to everybody of a vault, with counts only.\n\n"
        "example:\n  keyarc reminders off"
    )
    what = "switch letters about reminders on or off"
    switching = add(commands, "reminders", "expiring:switch", what, example)
    switching.add_argument("state", choices=("on", "off"))
