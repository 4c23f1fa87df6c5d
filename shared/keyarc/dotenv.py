r"""Read ``.env`` files in the dialect of motdotla/dotenv, and refuse what that dialect skips.

Comments begin at ``#`` (inside an unquoted value too), values may stand in single, double or back
quotes and then run over several lines, ``export`` may stand in front, ``NAME: value`` is an
assignment, and ``\n`` and ``\r`` are escapes in double quotes only. Nothing is expanded and no
command is run. A name that is given twice has its last value.

The original passes over what it cannot read; a vault must not lose a key that way, so here any
line that is neither empty, nor a comment, nor an assignment is an error with its number.
"""

import codecs
import re
from dataclasses import dataclass

from .errors import Failure

# What JavaScript's \s and trim() hold, without the line feed: a value begins on its own line.
BLANK = "[\\t\\v\\f\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff]"
EMPTY = re.compile(rf"{BLANK}*(?:#[^\n]*)?(?:\n|\Z)")
ASSIGNMENT = re.compile(
    rf"{BLANK}*(?:export{BLANK}+)?(?P<name>[A-Za-z0-9_.-]+)(?:{BLANK}*=|:(?={BLANK})){BLANK}*"
)
QUOTED = {quote: re.compile(rf"{quote}((?:\\{quote}|[^{quote}])*){quote}") for quote in "'\"`"}
UNQUOTED = re.compile(r"[^#\n]*")
ENDS = re.compile(rf"{BLANK}+\Z")

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Malformed(Failure):
    """A line that is no assignment; ``line`` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Assignment:
    """One variable, its value, and the line on which it begins."""

    name: str
    value: str
    line: int


def decode(raw: bytes) -> str:
    """Give the text of a file in UTF-8 or, with its byte order mark, UTF-16."""
    mark, encoding = next((bom for bom in BOMS if raw.startswith(bom[0])), (b"", "utf-8"))
    body = raw[len(mark) :]
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as ex:
        line = body[: ex.start].decode(encoding, "replace").count("\n") + 1
        raise Malformed(line, "this is neither UTF-8 nor UTF-16 text") from ex
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise Malformed(line, "a NUL character (UTF-16 needs its byte order mark)")
    return text


def parse(text: str) -> list[Assignment]:
    """Give each variable once, in the order in which the names first appear."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found: dict[str, Assignment] = {}
    place, line = 0, 1
    while place < len(text):
        blank = EMPTY.match(text, place)
        if blank is None:
            end, assignment = _assignment(text, place, line)
            found[assignment.name] = assignment
        else:
            end = blank.end()
        line += text.count("\n", place, end)
        place = end
    return list(found.values())


def _assignment(text: str, place: int, line: int) -> tuple[int, Assignment]:
    """Read the assignment at *place* up to the start of the next line."""
    head = ASSIGNMENT.match(text, place)
    if head is None:
        raise Malformed(line, "expected NAME=value, a comment or nothing")
    start = head.end()
    quote = text[start : start + 1]
    if quote in QUOTED:
        value, end = _quoted(text, start, line)
    else:
        plain = UNQUOTED.match(text, start)
        value, end = (ENDS.sub("", plain[0]), plain.end()) if plain else ("", start)
    rest = EMPTY.match(text, end)
    if rest is None:
        after = line + text.count("\n", start, end)
        raise Malformed(after, f"text after the closing {quote} (only a comment may follow)")
    return rest.end(), Assignment(head["name"], value, line)


def _quoted(text: str, start: int, line: int) -> tuple[str, int]:
    quote = text[start]
    body = QUOTED[quote].match(text, start)
    if body is None:
        raise Malformed(line, f"the {quote} that opens here is never closed")
    value = body[1]
    if quote == '"':
        value = value.replace("\\n", "\n").replace("\\r", "\r")
    return value, body.end()
