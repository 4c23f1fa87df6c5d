"""What of a request may travel on (target, some headers, the body), and how the answer returns."""

import hashlib
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO

from falcon import Request, Response
from falcon.typing import ReadableIO

from handlers.gateway.upstream import (
    BLOCK_BYTES,
    Answer,
    Question,
    Slow,
    Unreachable,
    Upstream,
    named_by_connection,
)
from shared import bodies, problems

SPOOL_BYTES = 1 << 20  # larger bodies wait on disk: a small machine must take several at once

# No path of ours needs an escape, so none is let through: no %2f, no %00, nothing to decode twice.
PATH = re.compile(r"(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~-]+)+", re.ASCII)
QUERY = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%(?!00)[0-9A-Fa-f]{2})*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Body:
    """A body that was read to its end; *file* is None where the request had none."""

    file: IO[bytes] | None
    length: int
    sha256: bytes


def target(req: Request) -> str:
    """Return the path with its query as they came over the wire; raise Malformed for odd ones.

    gunicorn's RAW_URI is the one spelling that the gateway, what it signs and the service share.
    """
    raw: str = req.env["RAW_URI"]
    path, _, query = raw.partition("?")
    if not PATH.fullmatch(path) or not QUERY.fullmatch(query):
        raise problems.Malformed
    if req.env.get("SCRIPT_NAME") or req.env["PATH_INFO"] != path:
        raise problems.Malformed
    return raw


def headers(req: Request, allowed: Iterable[str]) -> dict[str, str]:
    """Return those of the *allowed* headers that are plain and not meant for this hop alone."""
    dropped = named_by_connection([req.get_header("Connection", default="")])
    found = ((name, req.get_header(name)) for name in allowed if name.lower() not in dropped)
    return {name: value for name, value in found if value and value.isascii()}


def body(req: Request, limit: int) -> Body:
    """Read the body; raise TooLarge before reading where the length is told, Malformed if short."""
    declared = req.content_length
    coding = req.get_header("Transfer-Encoding")
    if coding is not None and coding.lower() != "chunked":
        raise problems.Malformed
    if declared is None and coding is None:
        return Body(None, 0, hashlib.sha256().digest())
    if declared is not None and declared > limit:
        raise problems.TooLarge
    read = _read(req.stream, limit)
    if declared is not None and read.length != declared:
        raise problems.Malformed
    return read


def ask(upstream: Upstream, question: Question) -> Answer:
    """Ask, and turn silence into the problems 502 and 504."""
    try:
        return upstream.ask(question)
    except Slow as ex:
        raise problems.GatewayTimeout from ex
    except Unreachable as ex:
        raise problems.BadGateway from ex


def hand_back(answer: Answer, resp: Response) -> None:
    """Make *answer* the response, streamed where it is long."""
    resp.status = answer.status
    for name, value in answer.headers:
        resp.append_header(name, value)
    if isinstance(answer.body, bytes):
        resp.data = answer.body
    elif answer.length is None:
        resp.stream = answer.body
    else:
        resp.set_stream(answer.body, answer.length)


def _read(stream: ReadableIO, limit: int) -> Body:
    spool = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - Body carries it
    digest, length = hashlib.sha256(), 0
    try:
        while block := stream.read(BLOCK_BYTES):
            length += len(block)
            if length > limit:
                raise problems.TooLarge
            digest.update(block)
            spool.write(block)
    except bodies.UNREADABLE as ex:
        raise problems.Malformed from ex
    spool.seek(0)
    return Body(spool, length, digest.digest())
