"""One command from its words to its exit code; every error is one sentence on stderr."""

import io
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from .. import patience
from ..encoding import Broken, Mistyped
from ..errors import (
    Conflict,
    Failure,
    NotFound,
    NotLoggedIn,
    TokenOver,
    Unreachable,
    Waiting,
    WrongCredentials,
)
from .arguments import parse
from .terminal import Usage, count_down

CODES: tuple[tuple[type[BaseException], int], ...] = (
    (Usage, 2),
    (Mistyped, 2),
    (NotLoggedIn, 3),
    (NotFound, 4),
    (Conflict, 5),
    (Broken, 6),
    (Unreachable, 7),
    (WrongCredentials, 8),
    (TokenOver, 9),
    (Waiting, 10),
    (Failure, 1),
    (OSError, 1),
)
TAMPERED = (
    "what the server answered is not what was sealed and signed, so nothing of it was used"
    " and nothing more was sent. Do not go on with this server before you know why"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    _ready_streams()
    arguments = parse(argv)
    if sys.stderr.isatty():
        patience.SHOWN_BY.set(count_down)
    module, function = arguments.command.split(":")
    try:
        code: int = getattr(import_module(f".{module}", __package__), function)(arguments) or 0
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:
        # Whoever read our output has gone; a second flush at exit must find somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except UnicodeEncodeError:
        # The streams take every character, so it came in by the command line or the environment.
        return _say(Usage("what was given is not UTF-8 text"))
    except tuple(kind for kind, _ in CODES) as ex:
        return _say(ex)
    return code


def _ready_streams() -> None:
    """Have output streams that take every character, and that are there even if closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - to the end
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _say(ex: BaseException) -> int:
    sentence = str(ex) or (TAMPERED if isinstance(ex, Broken) else type(ex).__name__)
    print(f"keyarc: {sentence.removesuffix('.')}.", file=sys.stderr)
    return next(code for kind, code in CODES if isinstance(ex, kind))
