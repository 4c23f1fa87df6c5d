"""Secrets as they are printed: rows of a list, values, and JSON."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from ..errors import NotFound
from ..items import Details, Field, Overview
from ..uses import Use
from .terminal import Usage, emit, shown

HEAD = ("SECRET", "KIND", "ENVIRONMENT", "EXPIRES", "TAGS")


def split(words: str) -> tuple[str, str]:
    """Take ``VAULT/PATH/NAME`` apart at its first slash."""
    vault, slash, address = words.partition("/")
    if not (vault and slash and address) or "" in address.split("/"):
        raise Usage(f"{words} is not of the form VAULT/NAME or VAULT/PATH/NAME")
    return vault, address


def row(vault: str, overview: Overview) -> tuple[str, ...]:
    """Give what a list shows of a secret."""
    cells = (
        f"{vault}/{overview.address}",
        overview.kind,
        overview.environment or "-",
        overview.expires_at or "-",
        ",".join(overview.tags) or "-",
    )
    return tuple(map(shown, cells))


def overview_media(overview: Overview) -> dict[str, Any]:
    """Give the JSON of an overview, without what only a search needs."""
    media = overview.media()
    del media["fingerprints"]
    return media


def use_media(use: Use | None) -> dict[str, str | None]:
    """Give the JSON of when a secret was last read, and by whom."""
    by = str(use.user_id) if use else None
    return {"last_used_at": use.used_at if use else None, "last_used_by": by}


def print_value(arguments: Namespace, about: dict[str, Any], details: Details) -> None:
    """Print a value as it is; a newline follows only on a terminal."""
    named = arguments.field
    value = details.value if named is None else field_of(details.fields, named).value
    if arguments.json:
        emit({**about, **details.media()})
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(value.encode())
    if sys.stdout.isatty():
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()


def field_of(fields: Sequence[Field], name: str) -> Field:
    """Return the first field of a name."""
    for one in fields:
        if one.name == name:
            return one
    names = ", ".join(shown(one.name) for one in fields)
    raise NotFound(f"there is no field {name}; there are: {names}")
