"""Which files a list of patterns means, and so which apps a change deploys: GitHub's own rules.

``python3 -m machines.paths COMMIT`` prints, as JSON, the apps that changed since that commit.
"""

import functools
import json
import re
import subprocess
import sys
from collections.abc import Iterable

from machines.apps import APPS, MACHINES

_TOKEN = re.compile(r"\*\*/|\*\*|[*?+]|\[[a-zA-Z0-9-]+\]|\\.|.", re.DOTALL)
_MEANING = {"**/": "(?:.+/)?", "**": ".*", "*": "[^/]*"}


def changed_apps(files: Iterable[str]) -> tuple[str, ...]:
    """Name the apps that a change of *files*, paths from the root, deploys; in their order."""
    changed = list(files)
    return tuple(
        name for name, app in APPS.items() if any(matches(app.triggers, path) for path in changed)
    )


def matches(patterns: Iterable[str], path: str) -> bool:
    """Whether the last of *patterns* that fits *path* names it; one with ``!`` takes it back."""
    named = False
    for pattern in patterns:
        if _compiled(pattern.removeprefix("!")).fullmatch(path):
            named = not pattern.startswith("!")
    return named


def changed_since(commit: str) -> tuple[str, ...]:
    """Name the apps that changed after *commit*; all of them where that is not known."""
    command = ["git", "diff", "--name-only", "--no-renames", "-z", commit, "HEAD", "--"]
    told = subprocess.run(command, cwd=MACHINES.parent, capture_output=True, text=True, check=False)
    return tuple(APPS) if told.returncode else changed_apps(told.stdout.split("\0"))


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """As `paths` in a workflow: ``?`` and ``+`` count what stands before them."""
    pieces: list[str] = []
    for token in _TOKEN.findall(pattern):
        if token in {"?", "+"} and pieces:
            pieces[-1] = f"(?:{pieces[-1]}){token}"
        elif len(token) > 1 and token[0] == "[":
            pieces.append(token)
        else:
            pieces.append(_MEANING.get(token) or re.escape(token.removeprefix("\\")))
    return re.compile("".join(pieces), re.DOTALL)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(changed_since(sys.argv[1])) + "\n")
