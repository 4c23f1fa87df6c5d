"""The search of the tests for leaks finds what it is made to find."""

import base64
import gzip
import zlib

import pytest

from tests.leaks import leaked

TEXT = "canary-0123456789-abcdefgh"
RAW = b'{"name": "' + TEXT.encode() + b'"}'
NOISE = bytes(range(256)) * 3


@pytest.mark.parametrize(
    "form",
    [
        RAW,
        TEXT.encode("utf-16-le"),
        RAW.hex().encode(),
        "".join(f"%{byte:02X}" for byte in RAW).encode(),
        RAW.hex().upper().encode(),
        base64.b64encode(RAW),
        base64.b64encode(b"x" + RAW),
        base64.urlsafe_b64encode(b"xy" + RAW).rstrip(b"="),
        b"abc" + base64.b64encode(RAW),
        gzip.compress(RAW, mtime=0),
        zlib.compress(RAW),
        gzip.compress(RAW, mtime=0).hex().encode(),
        base64.b64encode(gzip.compress(RAW, mtime=0)),
    ],
)
def test_a_text_is_found_in_every_form(form: bytes) -> None:
    assert leaked(TEXT, NOISE + b" " + form + b" " + NOISE)


def test_a_text_that_is_not_there_is_not_found() -> None:
    assert not leaked(TEXT, NOISE + gzip.compress(b"something else") + b"canary-0123456789")
