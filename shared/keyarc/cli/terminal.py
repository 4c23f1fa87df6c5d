"""Speaking with a person, and with a program where there is no terminal.

Nothing prompts unless standard input is a terminal: what is missing is then an error that names the
option or the variable. Prompts go to stderr, so that stdout holds results alone.
"""

import getpass
import json
import os
import sys
import time
import unicodedata
from collections.abc import Mapping
from typing import Any

from ..errors import Failure
from ..moments import parse_moment

JSON_VERSION = 1


class Usage(Failure):
    """The command was not given what it needs."""


def interactive() -> bool:
    """Whether a person can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def ask(prompt: str, instead: str) -> str:
    """Ask for a line; *instead* names what to give where there is no terminal."""
    if not interactive():
        raise Usage(f"there is no terminal to ask on: {instead}")
    print(prompt, end=" ", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise Usage(f"nothing was answered: {instead}")
    return line.strip()


def ask_hidden(prompt: str, instead: str) -> str:
    """Ask for something that must not be seen."""
    if not interactive():
        raise Usage(f"there is no terminal to ask on: {instead}")
    try:
        return getpass.getpass(f"{prompt} ")
    except EOFError as ex:
        raise Usage(f"nothing was answered: {instead}") from ex


def agree(question: str, instead: str) -> bool:
    """Ask for a yes; anything else is a no."""
    return ask(f"{question} [y/N]", instead).lower() in {"y", "yes"}


def variable(name: str) -> str | None:
    """Give an environment variable, None where it is unset or empty."""
    return os.environ.get(name) or None


def password(prompt: str = "Password:") -> str:
    """Give the password of KEYARC_PASSWORD, else ask for it."""
    return variable("KEYARC_PASSWORD") or ask_hidden(prompt, "set KEYARC_PASSWORD")


def new_password(prompt: str, name: str = "KEYARC_NEW_PASSWORD") -> str:
    """Give a password that is to be, of the variable *name*, else asked for twice."""
    given = variable(name)
    if given is not None:
        return given
    chosen = ask_hidden(prompt, f"set {name}")
    if ask_hidden("Again:", f"set {name}") != chosen:
        raise Usage("the two passwords differ")
    return chosen


def required(value: str | None, option: str, name: str) -> str:
    """Give an option, else its variable."""
    found = value or variable(name)
    if found is None:
        raise Usage(f"give {option} or set {name}")
    return found


def emit(media: Mapping[str, Any]) -> None:
    """Print the versioned JSON of ``--json``."""
    readable = sys.stdout.encoding.lower().replace("_", "-") in {"utf-8", "utf8"}
    print(json.dumps({"keyarc": JSON_VERSION, **media}, ensure_ascii=not readable, indent=2))


def count_down(seconds: int) -> None:
    """Wait, and show on the terminal how long it still takes; Ctrl-C ends it."""
    for left in range(seconds, 0, -1):
        print(f"\rkeyarc: too many tries: going on in {left} s \x1b[K", end="", file=sys.stderr)
        sys.stderr.flush()
        time.sleep(1)
    print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def note(sentence: str) -> None:
    """Tell a person something that is no result."""
    print(sentence, file=sys.stderr)


def shown(text: str) -> str:
    """Give *text* without anything that could steer a terminal: others may have written it."""
    return "".join("\ufffd" if unicodedata.category(one) in UNSHOWN else one for one in text)


UNSHOWN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def when(moment: str) -> str:
    """Give a moment of the server's as this device's clock tells it, to the minute."""
    return f"{parse_moment(moment).astimezone():%Y-%m-%d %H:%M}"


def line_of_input() -> str:
    """Give the one line of standard input."""
    line = sys.stdin.readline() if sys.stdin is not None else ""
    return line.strip()


def table(rows: list[tuple[str, ...]]) -> None:
    """Print rows in aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
