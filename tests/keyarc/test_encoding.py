"""Encodings have one spelling each, and decoders take nothing else."""

import json
import math
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.keyarc import encoding
from shared.keyarc.encoding import Broken, ObjectType, Reader

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-encoding.MAX_JSON_NUMBER, encoding.MAX_JSON_NUMBER)
    | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children),
    max_leaves=12,
)


@given(st.binary())
def test_base64url_comes_back(data: bytes) -> None:
    assert encoding.unb64(encoding.b64(data)) == data


@given(st.text(alphabet=st.characters(max_codepoint=0x17F), max_size=12))
def test_base64url_has_one_spelling(text: str) -> None:
    try:
        data = encoding.unb64(text)
    except Broken:
        return
    assert encoding.b64(data) == text


@pytest.mark.parametrize("value", [None, 1, 1.5, True, b"AAAA", [], {}, ["AAAA"]])
def test_what_is_no_text_is_broken(value: Any) -> None:
    for read in (encoding.unb64, encoding.parse_u64, encoding.parse_id):
        with pytest.raises(Broken):
            read(value)


def test_bytes_of_another_length_are_broken() -> None:
    assert encoding.unb64("AAAA", 3) == bytes(3)
    for length in (0, 2, 4):
        with pytest.raises(Broken):
            encoding.unb64("AAAA", length)


@given(st.integers(0, encoding.MAX_U64))
def test_a_number_comes_back_from_its_decimal_string(number: int) -> None:
    assert encoding.parse_u64(str(number)) == number


@given(st.uuids())
def test_an_id_comes_back_from_its_string(one: UUID) -> None:
    assert encoding.parse_id(str(one)) == one


@given(st.integers(0, encoding.MAX_U64) | st.just(encoding.MAX_U64))
def test_a_number_comes_back_from_its_eight_bytes(number: int) -> None:
    assert Reader(encoding.u64(number)).u64() == number


@pytest.mark.parametrize("number", [2**63, 2**64 - 1])
def test_a_number_from_two_to_the_63_is_not_written_and_not_read(number: int) -> None:
    with pytest.raises(Broken):
        encoding.u64(number)
    with pytest.raises(Broken):
        Reader(number.to_bytes(8, "big")).u64()


def test_a_reader_takes_fields_in_order_and_knows_its_end() -> None:
    raw = b"\1" + encoding.u32(2) + encoding.u64(3) + encoding.lp(b"ab") + encoding.lp32(b"cde")
    reader = Reader(raw + bytes(16))

    taken = [reader.u8(), reader.u32(), reader.u64(), reader.lp(), reader.lp32(), reader.id()]

    assert taken == [1, 2, 3, b"ab", b"cde", UUID(int=0)]
    reader.end()


def _read_fields(raw: bytes) -> None:
    reader = Reader(raw)
    for take in (Reader.u8, Reader.u32, Reader.u64, Reader.lp, Reader.lp32, Reader.id):
        take(reader)


@given(st.binary(max_size=9), st.binary(max_size=9), st.data())
def test_a_reader_never_gives_bytes_that_are_not_there(
    short: bytes, long: bytes, data: st.DataObject
) -> None:
    raw = bytes(13) + encoding.lp(short) + encoding.lp32(long) + bytes(16)
    _read_fields(raw)

    with pytest.raises(Broken):
        _read_fields(raw[: data.draw(st.integers(0, len(raw) - 1))])


def test_a_reader_refuses_what_is_left() -> None:
    with pytest.raises(Broken):
        Reader(b"\0").end()


@given(st.integers(4, 5_000_000))
def test_a_padded_length_hides_the_length_at_a_bounded_price(length: int) -> None:
    padded = encoding.padded_length(length)

    assert padded >= length
    assert encoding.padded_length(padded) == padded
    if length > 4096:
        assert padded <= length * 1.12
        significant = len(bin(padded).rstrip("0")) - 2
        assert significant <= math.floor(math.log2(math.floor(math.log2(length)))) + 2
    else:
        assert padded % 128 == 0
        assert padded - length < 128


@pytest.mark.parametrize("kind", ObjectType)
def test_a_blob_needs_magic_suite_type_and_a_padded_length(kind: ObjectType) -> None:
    good = b"KA\1" + bytes([kind]) + bytes(208)

    encoding.check_blob(good, kind)

    for wrong in range(256):
        for at in range(4):
            if wrong != good[at]:
                with pytest.raises(Broken):
                    encoding.check_blob(good[:at] + bytes([wrong]) + good[at + 1 :], kind)
    for length in [*range(212), *range(213, 340)]:
        with pytest.raises(Broken):
            encoding.check_blob(good[:4] + bytes(length - 4 if length > 4 else 0), kind)


@pytest.mark.parametrize("kind", ObjectType)
def test_only_objects_that_hold_keys_have_one_length(kind: ObjectType) -> None:
    blob = b"KA\1" + bytes([kind]) + bytes(208 + 128)

    if kind in (0x01, 0x02, 0x03, 0x10):
        with pytest.raises(Broken):
            encoding.check_blob(blob, kind)
    else:
        encoding.check_blob(blob, kind)


@given(JSON)
def test_json_comes_back(value: Any) -> None:
    assert encoding.strict_json(json.dumps(value)) == value
    assert encoding.strict_json(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=30))
def test_bytes_that_are_no_json_are_broken_and_nothing_else(raw: bytes) -> None:
    try:
        encoding.strict_json(raw)
    except Broken:
        return
    json.loads(raw)


@given(st.lists(st.text(max_size=3), min_size=1, max_size=4, unique=True), st.data())
def test_a_key_given_twice_is_broken_at_any_depth(keys: list[str], data: st.DataObject) -> None:
    twice = data.draw(st.sampled_from(keys))
    inner = ",".join(f"{json.dumps(key)}:1" for key in [*keys, twice])

    for text in (f"{{{inner}}}", f'{{"x":[{{{inner}}}]}}'):
        with pytest.raises(Broken):
            encoding.strict_json(text)


@given(st.integers(), st.sampled_from(["{}", "{}.0", "{}.5", "{}e0", "{}e400"]))
def test_a_number_beyond_two_to_the_53_is_broken(number: int, form: str) -> None:
    text = form.format(number)
    exact = number * 10**400 if "e400" in text else number
    if abs(exact) < encoding.MAX_JSON_NUMBER:
        assert float(encoding.strict_json(text)) == float(text)
    elif abs(exact) > encoding.MAX_JSON_NUMBER + 1:
        with pytest.raises(Broken):
            encoding.strict_json(text)


@pytest.mark.parametrize("brackets", ["[]", "{}"])
def test_json_nests_sixteen_deep_and_no_deeper(brackets: str) -> None:
    def nested(depth: int) -> str:
        if brackets == "[]":
            return "[" * depth + "]" * depth
        return '{"a":' * (depth - 1) + "{}" + "}" * (depth - 1)

    encoding.strict_json(nested(16))

    for depth in (17, 100, 100_000):
        with pytest.raises(Broken):
            encoding.strict_json(nested(depth))


def test_wide_json_is_not_deep_json() -> None:
    wide = [[[number]] for number in range(100)]

    assert encoding.strict_json(json.dumps(wide)) == wide
