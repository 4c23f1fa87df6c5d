"""Vectors of base64url, decimal numbers, ids, JSON and padding."""

from typing import Any

from shared.keyarc import seal
from shared.keyarc.encoding import b64, padded_length, strict_json
from tests.vectors.material import some

BASE64URL_REFUSED = ["A", "AA=", "AA==", "AB", "AAB", "A+/A", "AA AA", "AAAA\n", "AAAAA", "ÄAAA"]
U64_ACCEPTED = ["0", "1", "17", "9007199254740993", "9223372036854775807"]
U64_REFUSED = [
    "",
    "00",
    "01",
    "+1",
    "-1",
    "1.0",
    "1e3",
    " 1",
    "1\n",
    "0x1",
    "\u0661",
    "9223372036854775808",
    "18446744073709551615",
    "99999999999999999999",
]
ID_ACCEPTED = ["0f6cc1d4-9c7d-4d3f-8a6e-1b2c3d4e5f60", "00000000-0000-0000-0000-000000000000"]
ID_REFUSED = [
    "",
    "0F6CC1D4-9c7d-4d3f-8a6e-1b2c3d4e5f60",
    "0f6cc1d49c7d4d3f8a6e1b2c3d4e5f60",
    "{0f6cc1d4-9c7d-4d3f-8a6e-1b2c3d4e5f60}",
    "0f6cc1d4-9c7d-4d3f-8a6e-1b2c3d4e5f6",
    "0f6cc1d4-9c7d-4d3f-8a6e-1b2c3d4e5f60 ",
    "urn:uuid:0f6cc1d4-9c7d-4d3f-8a6e-1b2c3d4e5f60",
]
JSON_ACCEPTED = [
    "{}",
    "null",
    '"a"',
    ' { "a" : [ 1 , 2.5 , true ] } ',
    '{"a":9007199254740991,"b":-9007199254740991}',
    '"\\ud83d\\udd11"',
    '"🔑"',
    '{"__proto__":1,"constructor":2}',
    "[" * 16 + "]" * 16,
]
JSON_REFUSED = [
    "",
    "{",
    "[1,]",
    "{'a':1}",
    '{"a":1}x',
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"x":{"a":1,"a":2}}',
    '{"__proto__":1,"__proto__":2}',
    "NaN",
    "[Infinity]",
    "[-Infinity]",
    "1e999",
    "9007199254740992",
    "-9007199254740992",
    "123456789012345678901234567890",
    "1e300",
    "[01]",
    '"\\ud83d"',
    '"\\udd11\\ud83d"',
    '{"\\ud800":1}',
    '"a\nb"',
    "\ufeff{}",
    "[" * 17 + "]" * 17,
    '{"a":' * 17 + "1" + "}" * 17,
]
PLAINTEXT_LENGTHS = [
    *(0, 1, 32, 64, 123, 124, 125, 252, 253, 1000, 4091, 4092, 4093),
    *(4348, 4349, 5000, 8188, 8189, 10_000, 65_000, 65_532, 65_533, 100_000, 1_000_000),
]


def make() -> dict[str, Any]:
    """Return the content of ``encoding.json``."""
    return {
        "base64url": {
            "accepted": [
                {"bytes": some("base64url", length).hex(), "text": b64(some("base64url", length))}
                for length in (0, 1, 2, 3, 4, 5, 31, 32, 33, 64)
            ],
            "refused": BASE64URL_REFUSED,
        },
        "u64": {"accepted": U64_ACCEPTED, "refused": U64_REFUSED},
        "id": {"accepted": ID_ACCEPTED, "refused": ID_REFUSED},
        "json": {
            "accepted": [{"text": text, "value": strict_json(text)} for text in JSON_ACCEPTED],
            "refused": JSON_REFUSED,
            "refused_utf8": ["ff", "22c080" + "22", "22eda080" + "22", "efbbbf7b7d"],
        },
        "padding": {
            "lengths": [
                {"plaintext_length": length, "padded_length": padded_length(4 + length)}
                for length in PLAINTEXT_LENGTHS
            ],
            "padded": [
                {"plaintext": text.hex(), "padded": seal.pad(text).hex()}
                for text in (b"", b"sk-1", some("124 bytes", 124), some("125 bytes", 125))
            ],
            "refused": [
                {"why": why, "padded": padded.hex()} for why, padded in _wrong_padding().items()
            ],
        },
    }


def _wrong_padding() -> dict[str, bytes]:
    good = seal.pad(b"sk-1")
    return {
        "nothing at all": b"",
        "three bytes": good[:3],
        "one byte short": good[:-1],
        "one byte long": good + b"\0",
        "a whole block too many": good + bytes(128),
        "filler that is not zero, at its end": good[:-1] + b"\1",
        "filler that is not zero, at its start": good[:8] + b"\1" + good[9:],
        "length beyond the end": b"\0\0\0\x7d" + good[4:],
        "length of 4 GiB": b"\xff\xff\xff\xff" + good[4:],
        "length too small for two blocks": b"\0\0\0\x01" + bytes(252),
        "a multiple of 128 above 4 KiB where Padmé wants another": (4093).to_bytes(4, "big")
        + bytes(4093 + 127),
    }
