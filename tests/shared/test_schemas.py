"""Fields take one spelling of each value, and no other."""

from typing import Any
from uuid import UUID

import pytest
from marshmallow import ValidationError

from shared import schemas
from shared.keyarc.encoding import ObjectType, b64


class Body(schemas.Schema):
    """One of each."""

    blob = schemas.Blob(ObjectType.KEYRING)
    data = schemas.Bytes(4)
    email = schemas.Email()
    id = schemas.Id()
    items = schemas.List(schemas.U64(), longest=2)
    suite = schemas.Only(1)
    text = schemas.Text(5)


BODY = Body()
ID = "5f0c7d3e-6d8a-4c9b-8a51-0b6f3a2f9d11"
BLOB = b"KA\x01\x40" + bytes(208)


def test_of_a_million_unknown_keys_one_is_named() -> None:
    with pytest.raises(ValidationError) as caught:
        BODY.load(dict.fromkeys(map(str, range(1_000_000)), 0))

    assert caught.value.messages == {"0": ["Unknown field."]}


def test_values_come_in_and_go_out_alike() -> None:
    media = {
        "blob": b64(BLOB),
        "data": "AAAAAA",
        "id": ID,
        "items": ["0", "9223372036854775807"],
        "suite": 1,
    }

    values = BODY.load(media)

    assert values["blob"] == BLOB
    assert values["id"] == UUID(ID)
    assert values["items"] == [0, 2**63 - 1]
    assert BODY.dump(values) == media


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("blob", b64(BLOB[:-1])),
        ("blob", b64(b"KA\x01\x41" + BLOB[4:])),
        ("blob", b64(b"KA\x01\x40" + bytes(80 + 524_288))),
        ("blob", BLOB.hex()),
        ("data", "AAAAAA=="),
        ("data", "AAAAAB"),
        ("data", "AAAA+A"),
        ("data", "AAAAA A"),
        ("data", "AAAA"),
        ("data", 0),
        ("email", "a@b\x7f"),
        ("email", ["a@b"]),
        ("id", ID.upper()),
        ("id", ID.replace("-", "")),
        ("id", "{" + ID + "}"),
        ("id", 7),
        ("items", ["0", "0", "0"]),
        ("items", "0"),
        ("items", [0]),
        ("items", ["00"]),
        ("items", ["-0"]),
        ("items", ["\uff19"]),
        ("items", ["9223372036854775808"]),
        ("suite", 2),
        ("suite", "1"),
        ("suite", 1.0),
        ("suite", True),
        ("text", "      "),
        ("text", "abcdef"),
        ("text", "a\tb"),
        ("text", 5),
        ("other", 1),
    ],
)
def test_every_other_spelling_is_refused(name: str, wrong: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        BODY.load({name: wrong})

    assert list(caught.value.messages_dict) == [name]


@pytest.mark.parametrize("name", list(BODY.fields))
def test_null_is_no_value(name: str) -> None:
    with pytest.raises(ValidationError):
        BODY.load({name: None})


def test_a_message_does_not_repeat_what_was_sent() -> None:
    with pytest.raises(ValidationError) as caught:
        BODY.load(dict.fromkeys(BODY.fields, "hunter2"))

    assert "hunter2" not in str(caught.value.messages_dict)
