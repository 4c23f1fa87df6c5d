"""Answers that the database has written as JSON: sent as they are, packed where that pays."""

import zlib

from falcon import Request, Response

WORTH_PACKING_BYTES = 1024


def send(req: Request, resp: Response, text: str) -> None:
    """Send JSON, packed where the client takes it.

    Sealed bytes hold no repetition: coding their 64 letters in 6 bits is nearly all there is to
    gain, and takes less than half of the time.
    """
    body = text.encode()
    resp.content_type = "application/json"
    resp.append_header("Vary", "Accept-Encoding")
    if len(body) < WORTH_PACKING_BYTES or not _takes_gzip(req):
        resp.data = body
        return
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS | 16, 9, zlib.Z_HUFFMAN_ONLY)
    resp.data = packer.compress(body) + packer.flush()
    resp.set_header("Content-Encoding", "gzip")


def _takes_gzip(req: Request) -> bool:
    for part in req.get_header("Accept-Encoding", default="").lower().split(","):
        coding, _, parameter = part.partition(";")
        if coding.strip() in {"gzip", "*"}:
            return parameter.strip().replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
