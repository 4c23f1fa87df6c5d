"""Which files a list of patterns means, and so which apps a change deploys: GitHub's own rules."""

import functools
import re
from collections.abc import Iterable

from machines.apps import APPS

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
