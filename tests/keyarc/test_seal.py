"""What is sealed opens with its key, in its place, unchanged, and in no other way."""

import inspect
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.keyarc import seal
from shared.keyarc.encoding import Broken, ObjectType, padded_length
from tests.keyarc.two_keys import collide
from tests.vectors.material import some

KEY = some("key", 32)
FIELDS = (some("vault", 16), some("secret", 16), bytes(8), bytes(8))
OVERVIEW = ObjectType.SECRET_OVERVIEW

KINDS = st.sampled_from(list(ObjectType))
KEYS = st.binary(min_size=32, max_size=32)
CONTEXTS = st.lists(st.binary(max_size=20), max_size=4)
# Objects that hold keys hold 32 or 64 bytes.
FREE_KINDS = KINDS.filter(lambda kind: kind > ObjectType.IDENTITY)


def broken(key: bytes, kind: ObjectType, fields: Sequence[bytes], blob: bytes) -> bool:
    try:
        seal.open(key, kind, fields, blob)
    except Broken as ex:
        return ex.args == ()
    return False


@given(KEYS, FREE_KINDS, CONTEXTS, st.binary(max_size=9000))
def test_what_is_sealed_opens(
    key: bytes, kind: ObjectType, fields: list[bytes], plaintext: bytes
) -> None:
    blob = seal.seal(key, kind, fields, plaintext)

    assert seal.open(key, kind, fields, blob) == plaintext
    assert len(blob) == 84 + padded_length(4 + len(plaintext))


@given(KEYS, KINDS, CONTEXTS)
def test_keys_of_32_and_64_bytes_seal_to_one_length(
    key: bytes, kind: ObjectType, fields: list[bytes]
) -> None:
    for plaintext in (some("a key", 32), some("two keys", 64)):
        blob = seal.seal(key, kind, fields, plaintext)

        assert len(blob) == 212
        assert seal.open(key, kind, fields, blob) == plaintext


@given(CONTEXTS, CONTEXTS)
def test_an_object_opens_in_its_own_place_only(fields: list[bytes], others: list[bytes]) -> None:
    blob = seal.seal(KEY, OVERVIEW, fields, b"sk-1")

    assert broken(KEY, OVERVIEW, others, blob) == (fields != others)


@given(KINDS, KINDS)
def test_an_object_opens_as_its_own_type_only(kind: ObjectType, other: ObjectType) -> None:
    blob = seal.seal(KEY, kind, FIELDS, bytes(32))
    renamed = blob[:3] + bytes([other]) + blob[4:]

    assert broken(KEY, other, FIELDS, blob) == (kind != other)
    assert broken(KEY, other, FIELDS, renamed) == (kind != other)


@pytest.mark.parametrize("kind", [kind for kind in ObjectType if kind <= ObjectType.IDENTITY])
def test_an_object_that_holds_keys_is_broken_if_it_holds_more(kind: ObjectType) -> None:
    blob = seal.seal(KEY, kind, FIELDS, bytes(125))

    assert broken(KEY, kind, FIELDS, blob)


def test_an_object_opens_with_its_own_key_only() -> None:
    blob = seal.seal(KEY, OVERVIEW, FIELDS, b"sk-1")

    for bit in range(256):
        other = bytearray(KEY)
        other[bit // 8] ^= 1 << bit % 8
        assert broken(bytes(other), OVERVIEW, FIELDS, blob)


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_has_32_bytes(length: int) -> None:
    blob = seal.seal(KEY, OVERVIEW, FIELDS, b"sk-1")

    assert broken(bytes(length), OVERVIEW, FIELDS, blob)
    with pytest.raises(Broken):
        seal.seal(bytes(length), OVERVIEW, FIELDS, b"sk-1")


@pytest.mark.parametrize("kind", ObjectType)
def test_every_other_header_byte_is_broken(kind: ObjectType) -> None:
    blob = seal.seal(KEY, kind, FIELDS, bytes(32))

    for at in range(4):
        for value in set(range(256)) - {blob[at]}:
            assert broken(KEY, kind, FIELDS, blob[:at] + bytes([value]) + blob[at + 1 :])


@pytest.mark.parametrize("plaintext", [b"", b"sk-1", bytes(200)])
def test_every_flipped_bit_is_broken(plaintext: bytes) -> None:
    blob = seal.seal(KEY, OVERVIEW, FIELDS, plaintext)

    for bit in range(8 * len(blob)):
        flipped = bytearray(blob)
        flipped[bit // 8] ^= 1 << bit % 8
        assert broken(KEY, OVERVIEW, FIELDS, bytes(flipped))


def test_every_prefix_and_every_extension_is_broken() -> None:
    blob = seal.seal(KEY, OVERVIEW, FIELDS, bytes(200))

    for length in range(len(blob)):
        assert broken(KEY, OVERVIEW, FIELDS, blob[:length])
    for length in range(1, 300):
        assert broken(KEY, OVERVIEW, FIELDS, blob + bytes(length))
        assert broken(KEY, OVERVIEW, FIELDS, blob + blob[:length])


def test_one_ciphertext_for_two_keys_opens_with_the_key_it_is_committed_to_at_most() -> None:
    salt, other_key = some("salt", 32), some("other key", 32)
    ctx = seal.context(OVERVIEW, FIELDS)
    header = b"KA\1" + bytes([OVERVIEW])
    ours = seal.derive_message_keys(KEY, salt, ctx)
    theirs = seal.derive_message_keys(other_key, salt, ctx)

    sealed = collide(ours, theirs, header + ctx, blocks=8)

    assert len(seal.decrypt(ours, sealed, header + ctx)) == 128
    assert len(seal.decrypt(theirs, sealed, header + ctx)) == 128
    assert ours.commitment != theirs.commitment
    for key, keys in ((KEY, theirs), (other_key, ours)):
        assert broken(key, OVERVIEW, FIELDS, header + salt + keys.commitment + sealed)


def test_a_right_ciphertext_under_a_wrong_commitment_is_broken() -> None:
    blob = seal.seal(KEY, OVERVIEW, FIELDS, b"sk-1")

    for commitment in (bytes(32), b"\xff" * 32, some("commitment", 32)):
        assert broken(KEY, OVERVIEW, FIELDS, blob[:36] + commitment + blob[68:])


def test_the_same_plaintext_never_seals_alike() -> None:
    blobs = {seal.seal(KEY, OVERVIEW, FIELDS, b"sk-1") for _ in range(200)}

    assert len({blob[4:36] for blob in blobs}) == 200
    assert len({blob[36:68] for blob in blobs}) == 200
    assert len({blob[68:] for blob in blobs}) == 200


@given(st.binary(max_size=6000))
def test_padding_comes_off_again(plaintext: bytes) -> None:
    padded = seal.pad(plaintext)

    assert seal.unpad(padded) == plaintext
    assert len(padded) == padded_length(4 + len(plaintext))


@given(st.binary(max_size=700))
def test_there_is_one_way_to_pad(padded: bytes) -> None:
    try:
        plaintext = seal.unpad(padded)
    except Broken:
        return
    assert seal.pad(plaintext) == padded


@given(st.integers(0, 124), st.integers(0, 123))
def test_filler_is_zero(length: int, at: int) -> None:
    padded = bytearray(seal.pad(some("plaintext", length)))
    padded[4 + at] ^= 1

    if at >= length:
        with pytest.raises(Broken):
            seal.unpad(bytes(padded))


def test_nothing_chooses_a_suite_or_a_version_of_the_format() -> None:
    for function in (seal.seal, seal.open):
        names = list(inspect.signature(function).parameters)
        assert names[:3] == ["key", "kind", "fields"]
        assert len(names) == 4
