"""Durations as Fly's files write them: a number and its unit. Standard library only."""

import re

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)", re.ASCII)


def seconds(text: str) -> float:
    """Return *text*, like ``30s`` or ``1.5m``, as seconds; raise ValueError for anything else."""
    found = DURATION.fullmatch(text)
    if found is None or float(found[1]) == 0:
        raise ValueError(f"{text!r} is no duration like 500ms, 30s, 5m or 1h")
    return float(found[1]) * SECONDS[found[2]]
