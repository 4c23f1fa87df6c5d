"""HTTP/1.1 as it goes over a connection: heads that are read strictly, bodies that pass through."""

import re
from asyncio import IncompleteReadError, LimitOverrunError, StreamReader
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

BLOCK_BYTES = 65_536
LINE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*)")
CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]*\r\n")
# For one connection only; Transfer-Encoding stays, because the chunks pass as they are.
HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authorization", "proxy-connection", "te", "upgrade"}
)

Headers = list[tuple[str, str]]


class Malformed(Exception):
    """What came is not HTTP/1.1, or may be read in two ways."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first line of a request or of an answer, and the headers."""

    first: str
    headers: Headers

    def values(self, name: str) -> list[str]:
        """Return every value of the header *name*."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def closes(self) -> bool:
        """Whether nothing follows on this connection."""
        return "HTTP/1.0" in self.first or "close" in _tokens(self.values("Connection"))

    @property
    def passing(self) -> Headers:
        """The headers that are meant for whoever comes behind."""
        dropped = HOP_BY_HOP | _tokens(self.values("Connection"))
        return [(name, value) for name, value in self.headers if name.lower() not in dropped]

    @property
    def length(self) -> int | None:
        """The bytes of the body, None where it comes in chunks, -1 where nothing is said."""
        coding, lengths = self.values("Transfer-Encoding"), set(self.values("Content-Length"))
        if coding:
            if lengths or [each.lower() for each in coding] != ["chunked"]:
                raise Malformed
            return None
        if not lengths:
            return -1
        [told, *others] = lengths
        if others or not (told.isascii() and told.isdecimal()):
            raise Malformed
        return int(told)


async def read_head(reader: StreamReader) -> Head | None:
    """Read a head; None where the other side has hung up."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except IncompleteReadError as ex:
        if ex.partial:
            raise Malformed from ex
        return None
    except LimitOverrunError as ex:
        raise Malformed from ex
    first, *lines = raw.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    found = [LINE.fullmatch(line) for line in lines]
    headers = [(each[1], each[2].rstrip()) for each in found if each]
    if len(headers) < len(lines) or not re.fullmatch(r"[^\r\n\0]+", first):
        raise Malformed
    return Head(first, headers)


def head(first: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """Return a head as it goes over the wire."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"{first}\r\n{lines}\r\n".encode("latin-1")


async def body(reader: StreamReader, length: int | None) -> AsyncIterator[bytes]:
    """Yield a body as it comes: *length* bytes, chunks with their sizes (None), or to the end (-1).

    One that ends too early raises IncompleteReadError.
    """
    if length is None:
        async for block in _chunks(reader):
            yield block
    elif length < 0:
        while block := await reader.read(BLOCK_BYTES):
            yield block
    else:
        async for block in _exactly(reader, length):
            yield block


async def _exactly(reader: StreamReader, length: int) -> AsyncIterator[bytes]:
    while length:
        block = await reader.read(min(length, BLOCK_BYTES))
        if not block:
            raise IncompleteReadError(b"", length)
        length -= len(block)
        yield block


async def _chunks(reader: StreamReader) -> AsyncIterator[bytes]:
    size = 1
    while size:
        line = await reader.readuntil(b"\r\n")
        found = CHUNK.fullmatch(line)
        if found is None:
            raise Malformed
        yield line
        size = int(found[1], 16)
        if size:
            async for block in _exactly(reader, size + 2):
                yield block
    while (line := await reader.readuntil(b"\r\n")) != b"\r\n":
        yield line  # a trailer
    yield line


def _tokens(values: Iterable[str]) -> frozenset[str]:
    return frozenset(token.strip().lower() for value in values for token in value.split(","))
