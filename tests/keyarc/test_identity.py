"""A certificate holds the keys that its signature says, and none that let anyone forge."""

from copy import copy

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from shared.keyarc import account_keys, seal
from shared.keyarc.account_keys import Identity
from shared.keyarc.encoding import Broken, ObjectType
from shared.keyarc.identity import check_ed_pk, check_x_pk, idcert_body, parse_idcert, verify
from tests.vectors.accounts import idcert, wrong_ed_pks
from tests.vectors.material import person, some, some_id

USER_KEY = some("user key", 32)
SEEDS = st.binary(min_size=32, max_size=32)
IDENTITY = ObjectType.IDENTITY


@given(SEEDS, SEEDS, st.uuids(), st.integers(1, 2**63 - 1))
def test_an_identity_comes_back_from_its_seal(
    ed_seed: bytes, x_seed: bytes, user_id: object, keyset: int
) -> None:
    identity = Identity(some_id(str(user_id)), ed_seed, x_seed)

    blob = identity.seal(USER_KEY, keyset)

    assert Identity.open(USER_KEY, blob, identity.user_id, keyset, 1) == identity
    with pytest.raises(Broken):
        Identity.open(USER_KEY, blob, identity.user_id, keyset, 2)
    with pytest.raises(Broken):
        Identity.open(USER_KEY, blob, some_id("other"), keyset, 1)


@given(SEEDS, SEEDS)
def test_a_certificate_says_what_its_identity_is(ed_seed: bytes, x_seed: bytes) -> None:
    identity = Identity(some_id("user"), ed_seed, x_seed)

    cert = parse_idcert(identity.idcert().raw)

    assert (cert.user_id, cert.key_epoch) == (identity.user_id, 1)
    assert (cert.ed_pk, cert.x_pk) == (identity.ed_pk, identity.x_pk)
    assert len(cert.raw) == 1356


def test_a_rotated_certificate_is_signed_by_both_keys() -> None:
    first, second = idcert("owner"), idcert("owner", 2)

    assert parse_idcert(second.raw, previous=first) == second
    assert len(second.raw) == 1420


@pytest.mark.parametrize("key_epoch", [1, 2])
def test_no_bit_of_a_certificate_can_change(key_epoch: int) -> None:
    cert = idcert("owner", key_epoch)
    previous = idcert("owner") if key_epoch > 1 else None

    for at in range(len(cert.raw)):
        changed = bytearray(cert.raw)
        changed[at] ^= 1 << at % 8
        with pytest.raises(Broken):
            parse_idcert(bytes(changed), previous)


def test_no_prefix_of_a_certificate_is_one() -> None:
    raw = idcert("owner", 2).raw

    for length in range(len(raw)):
        with pytest.raises(Broken):
            parse_idcert(raw[:length])


def test_a_small_order_key_signs_anything_for_the_library_and_nothing_for_us() -> None:
    key, signature = bytes([1]) + bytes(31), bytes([1]) + bytes(63)

    Ed25519PublicKey.from_public_bytes(key).verify(signature, b"anything at all")

    with pytest.raises(Broken):
        verify(key, b"anything at all", signature)
    with pytest.raises(Broken):
        check_ed_pk(key)


def test_a_certificate_with_a_key_of_small_order_is_broken() -> None:
    owner = person("owner")

    for key in wrong_ed_pks().values():
        body = idcert_body(owner.user_id, key, owner.x_pk, 1)
        with pytest.raises(Broken):
            parse_idcert(body + bytes([1]) + bytes(63))


@given(SEEDS)
def test_honest_keys_are_imported(seed: bytes) -> None:
    identity = Identity(some_id("user"), seed, seed)

    check_ed_pk(identity.ed_pk)
    check_x_pk(identity.x_pk)


@given(SEEDS, st.binary(max_size=100), st.integers(0, 511))
def test_a_signature_is_for_its_message_and_key(seed: bytes, message: bytes, bit: int) -> None:
    identity = Identity(some_id("user"), seed, seed)
    signature = identity.sign(message)
    changed = bytearray(signature)
    changed[bit // 8] ^= 1 << bit % 8

    verify(identity.ed_pk, message, signature)

    for wrong in (
        (identity.ed_pk, message + b"\0", signature),
        (identity.ed_pk, message, bytes(changed)),
        (person("owner").ed_pk, message, signature),
    ):
        with pytest.raises(Broken):
            verify(*wrong)


def test_identities_are_random() -> None:
    made = [Identity.make(some_id("user")) for _ in range(50)]

    assert len({one.ed_seed for one in made} | {one.x_seed for one in made}) == 100


def test_an_identity_does_not_print_its_seeds() -> None:
    identity = person("owner")

    assert identity.ed_seed.hex() not in repr(identity)
    assert repr(identity.ed_seed) not in repr(identity)
    assert repr(identity.x_seed) not in repr(copy(identity))


@pytest.mark.parametrize("length", [0, 31, 33, 63, 65])
def test_seeds_of_another_length_are_broken(length: int) -> None:
    fields = account_keys.identity_fields(some_id("user"), 1, 1)
    blob = seal.seal(USER_KEY, IDENTITY, fields, bytes(length))

    with pytest.raises(Broken):
        Identity.open(USER_KEY, blob, some_id("user"), 1, 1)


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
@pytest.mark.parametrize(
    "kind", [ObjectType.USER_KEY_BY_PASSWORD, ObjectType.USER_KEY_BY_RECOVERY_CODE]
)
def test_a_user_key_of_another_length_is_broken(kind: ObjectType, length: int) -> None:
    kek = some("kek", 32)
    blob = account_keys.wrap_user_key(bytes(length), kek, kind, some_id("user"), 1)

    with pytest.raises(Broken):
        account_keys.unwrap_user_key(blob, kek, kind, some_id("user"), 1)


@pytest.mark.parametrize("blob", [b"", b"KA\1\1", bytes(212)])
def test_a_missing_user_key_is_broken_and_none_is_made_instead(blob: bytes) -> None:
    with pytest.raises(Broken):
        account_keys.unwrap_user_key(
            blob, some("kek", 32), ObjectType.USER_KEY_BY_PASSWORD, some_id("user"), 1
        )
