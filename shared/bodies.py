"""The body of a request: read once, whole, and never beyond what its route takes."""

from falcon import Request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]

from shared import problems

MAX_BYTES = 1 << 20
MAX_COMMIT_BYTES = 16 << 20

# The line that broke, and the server's word on chunks or trailers that are none.
UNREADABLE: tuple[type[Exception], ...] = (OSError, ParseException)


def read(req: Request) -> bytes:
    """Return the body; 413 above the resource's ``max_body``, 400 where it ends early."""
    found: bytes | None = getattr(req.context, "body", None)
    if found is None:
        found = req.context.body = _read(req, getattr(req.context, "max_body", MAX_BYTES))
    return found


def _read(req: Request, limit: int) -> bytes:
    length = req.content_length
    if length is None and req.get_header("Transfer-Encoding") is None:
        return b""
    if length is not None and length > limit:
        raise problems.TooLarge
    try:
        # The server ends the stream where the message ends; a chunked one tells no length.
        body: bytes = req.stream.read(limit + 1 if length is None else length)
    except UNREADABLE as ex:
        raise problems.Malformed from ex
    if len(body) > limit:
        raise problems.TooLarge
    if length is not None and len(body) != length:
        raise problems.Malformed
    return body
