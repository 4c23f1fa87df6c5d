"""What is new and cannot be shown again: told, written to the kit, and typed back."""

import contextlib
from collections.abc import Iterator, Mapping

from ..errors import Unreachable, Unverified
from . import kit
from .kit import Kit
from .terminal import Usage, ask, interactive, note

TRIES = 3


@contextlib.contextmanager
def kept(file: str | None, page: Kit, new: Mapping[str, str]) -> Iterator[None]:
    """Have *new* kept by the person before the block sends it.

    Where the block fails the kit is worth nothing and is taken away, unless nobody knows what
    became of the request.
    """
    for name, text in new.items():
        print(f"{name + ':':<16}{text}")
    written = kit.write(file, page)
    try:
        if interactive():
            _typed_back(new)
        yield
    except Unverified:
        raise
    except Unreachable:
        note("Whether the server has made the change is not known: keep what was shown.")
        raise
    except BaseException:
        if written is not None:
            written.unlink(missing_ok=True)
        raise


def _typed_back(new: Mapping[str, str]) -> None:
    """Have the last group of each typed: what was not written down is found out now."""
    for title, text in new.items():
        name, last = title.lower(), text.rsplit("-", 1)[1]
        for left in reversed(range(TRIES)):
            typed = ask(f"Type the last group of the {name}:", "run without a terminal")
            if typed.upper() == last:
                break
            if not left:
                raise Usage(f"that is not the last group of the {name}; nothing was sent")
            note("That is not it.")
