"""``export``; ``account delete`` stands with the account's other commands."""

from typing import Any

from .forms import add


def add_to(commands: Any) -> None:
    """Add the command that takes everything along."""
    example = (
        "Every vault with every value, and what the server knows of the account, as JSON in plain"
        "\ntext. The file is readable by you alone (mode 0600) and never replaces another; - is"
        "\nstandard output. Older versions of values are not in it.\n\n"
        "examples:\n  keyarc export keyarc.json\n"
        "  keyarc export - | age -r RECIPIENT > keyarc.json.age"
    )
    exporting = add(commands, "export", "leaving:export", "write everything to a file", example)
    exporting.add_argument("file", metavar="FILE", help="- for standard output")
