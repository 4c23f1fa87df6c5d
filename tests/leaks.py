"""Looks for a text in bytes the way somebody would who wants to find it."""

import base64
import re
import zlib
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_to_bytes

BASE64_RUN = re.compile(rb"[A-Za-z0-9+/_-]{24,}")
HEX_RUN = re.compile(rb"(?:[0-9a-fA-F]{2}){12,}")
GZIP_OR_ZLIB = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
FEWEST_UNPACKED = 8


def leaked(text: str | bytes, haystack: bytes) -> bool:
    """Tell whether *text* stands in *haystack*: as it is, escaped, in hex, base64 or compressed."""
    return text in leaks([text], haystack)


def leaks(texts: Iterable[str | bytes], haystack: bytes) -> list[str | bytes]:
    """Return which of *texts* stand in *haystack*."""
    seen = list(views(haystack))
    return [text for text in texts if any(form in view for form in forms(text) for view in seen)]


def forms(text: str | bytes) -> list[bytes]:
    """Return how *text* is written before anybody packs it."""
    return [text] if isinstance(text, bytes) else [text.encode(), text.encode("utf-16-le")]


def views(haystack: bytes) -> Iterator[bytes]:
    """Yield *haystack* and everything that can be decoded out of it."""
    for view in (haystack, *decoded(haystack)):
        yield view
        yield from unpacked(view)


def decoded(haystack: bytes) -> Iterator[bytes]:
    """Yield what escapes and runs of hex and of base64 stand for, all runs of a kind as one."""
    yield unquote_to_bytes(haystack)
    yield b"\n".join(bytes.fromhex(run.decode()) for run in HEX_RUN.findall(haystack))
    runs = [run.replace(b"-", b"+").replace(b"_", b"/") for run in BASE64_RUN.findall(haystack)]
    # A run may begin within a group of four, for instance after a name without a separator.
    for begin in range(4):
        parts = (run[begin:] for run in runs)
        whole = (part[:-1] if len(part) % 4 == 1 else part for part in parts)
        yield b"\n".join(base64.b64decode(part + b"==") for part in whole)


def unpacked(view: bytes) -> Iterator[bytes]:
    """Yield what every gzip or zlib stream in *view* holds."""
    whole = memoryview(view)  # slices of it are no copies
    for match in GZIP_OR_ZLIB.finditer(view):
        try:
            content = zlib.decompressobj(wbits=47).decompress(whole[match.start() :])
        except zlib.error:
            continue
        if len(content) >= FEWEST_UNPACKED:
            yield content
