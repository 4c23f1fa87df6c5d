"""A share opens for its recipient, from its sender, for its vault, and is otherwise broken."""

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.keyarc import account_keys, sharing
from shared.keyarc.account_keys import Identity
from shared.keyarc.commits import State
from shared.keyarc.encoding import Broken, u64
from shared.keyarc.sharing import Share, open_share, share
from shared.keyarc.vault_keys import check_vault_key, vk_commit
from tests.vectors import hpke_schedule
from tests.vectors.accounts import idcert
from tests.vectors.material import person, some, some_id
from tests.vectors.stories import VAULT, story, vault_key

KEYS = {1: vault_key(1), 2: vault_key(2)}
HEAD = story().steps[-1].after.head
OWNER, ADMIN = person("owner", 2), person("admin")
OWNER_CERT, ADMIN_CERT = idcert("owner", 2), idcert("admin")


def state() -> State:
    return story().steps[-1].after


def right(sender: Identity) -> dict[str, Any]:
    """Return what a share from *sender* to the admin is bound to."""
    return {
        "vault_id": VAULT,
        "epoch": 2,
        "sender_id": sender.user_id,
        "sender_ed_pk": sender.ed_pk,
        "recipient_id": ADMIN.user_id,
        "recipient_x_pk": ADMIN.x_pk,
        "head": HEAD,
    }


def sealed(sender: Identity, plaintext: bytes, **different: Any) -> Share:
    """Return a share of any plaintext, signed by *sender*."""
    info = sharing.share_info(**(right(sender) | different))
    ciphertext = sharing.SUITE.encrypt(plaintext, ADMIN.hpke_key().public_key(), info)
    return Share(2, HEAD, ciphertext, sender.sign(sharing.share_message(info, ciphertext)))


def plaintext(keys: dict[int, bytes]) -> bytes:
    return b"".join(u64(epoch) + key for epoch, key in keys.items())


SENT = share(OWNER, ADMIN_CERT, VAULT, HEAD, KEYS)


@pytest.mark.parametrize("epochs", [{2}, {1, 2}])
def test_a_share_opens_for_its_recipient(epochs: set[int]) -> None:
    keys = {epoch: KEYS[epoch] for epoch in epochs}

    sent = share(OWNER, ADMIN_CERT, VAULT, HEAD, keys)

    assert open_share(ADMIN, OWNER_CERT, state(), sent) == keys
    assert len(sent.ciphertext) == 1120 + 40 * len(keys) + 16


def test_a_share_is_sealed_as_the_published_key_schedule_says() -> None:
    info = sharing.share_info(**right(OWNER))
    mlkem, x25519 = account_keys.derive_xwing(ADMIN.x_seed)
    shared = hpke_schedule.decapsulate(mlkem, x25519, SENT.ciphertext[:1120])
    schedule = hpke_schedule.derive(shared, info)

    opened = AESGCM(schedule.key).decrypt(schedule.base_nonce, SENT.ciphertext[1120:], b"")

    assert opened == plaintext(KEYS)


def test_nobody_else_opens_a_share() -> None:
    sent = share(OWNER, ADMIN_CERT, VAULT, HEAD, KEYS)

    for other in (person("viewer"), OWNER, Identity(ADMIN.user_id, ADMIN.ed_seed, some("x", 32))):
        with pytest.raises(Broken):
            open_share(other, OWNER_CERT, state(), sent)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_bit_of_a_share_can_change(data: st.DataObject) -> None:
    part = data.draw(st.sampled_from(["ciphertext", "signature", "head"]))
    raw = bytearray(getattr(SENT, part))
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8

    changed = Share(**(vars(SENT) | {part: bytes(raw)}))
    with pytest.raises(Broken):
        open_share(ADMIN, OWNER_CERT, state(), changed)


@pytest.mark.parametrize("epoch", [0, 1, 3])
def test_a_share_is_for_its_epoch(epoch: int) -> None:
    with pytest.raises(Broken):
        open_share(ADMIN, OWNER_CERT, state(), replace(SENT, epoch=epoch))


@pytest.mark.parametrize(
    "different",
    [
        {"vault_id": some_id("another vault")},
        {"epoch": 1},
        {"sender_id": some_id("stranger")},
        {"sender_ed_pk": person("stranger").ed_pk},
        {"recipient_id": some_id("stranger")},
        {"recipient_x_pk": person("stranger").x_pk},
        {"head": some("head", 32)},
    ],
    ids=lambda different: next(iter(different)),
)
def test_a_share_for_another_place_is_broken_though_its_signature_is_right(
    different: dict[str, Any],
) -> None:
    elsewhere = sealed(OWNER, plaintext(KEYS), **different)
    message = sharing.share_message(sharing.share_info(**right(OWNER)), elsewhere.ciphertext)

    for sent in (elsewhere, replace(elsewhere, signature=OWNER.sign(message))):
        with pytest.raises(Broken):
            open_share(ADMIN, OWNER_CERT, state(), sent)


def test_a_share_that_somebody_else_signs_again_is_broken() -> None:
    """M34: who sent a share is inside its seal, so that nobody else can sign for it."""
    thief = person("viewer")
    info = sharing.share_info(**right(thief))
    signature = thief.sign(sharing.share_message(info, SENT.ciphertext))

    for granter in (OWNER_CERT, idcert("viewer")):
        with pytest.raises(Broken):
            open_share(ADMIN, granter, state(), replace(SENT, signature=signature))


@pytest.mark.parametrize("name", ["viewer", "stranger"])
def test_only_the_one_who_had_to_send_a_share_can(name: str) -> None:
    """M21: a share that is right in all but its sender brings no key."""
    sent = sealed(person(name), plaintext(KEYS))

    with pytest.raises(Broken):
        open_share(ADMIN, OWNER_CERT, state(), sent)


def test_a_share_opens_though_its_granter_has_left_since() -> None:
    gone = replace(state(), roster={})

    assert open_share(ADMIN, OWNER_CERT, gone, SENT) == KEYS


def test_a_share_by_the_key_before_is_broken() -> None:
    sent = sealed(person("owner"), plaintext(KEYS))

    with pytest.raises(Broken):
        open_share(ADMIN, OWNER_CERT, state(), sent)


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        plaintext(KEYS)[:-1],
        plaintext(KEYS) + b"\0",
        plaintext({2: KEYS[2], 1: KEYS[1]}),
        plaintext({2: KEYS[2]}) * 2,
        plaintext({1: KEYS[1]}),
        plaintext({1: KEYS[1], 2: KEYS[1]}),
        plaintext({0: KEYS[1], 2: KEYS[2]}),
        plaintext({2: KEYS[2], 3: KEYS[1]}),
        plaintext({1: some("another key", 32), 2: KEYS[2]}),
    ],
    ids=[
        "no key",
        "short",
        "long",
        "out of order",
        "an epoch twice",
        "not the current epoch",
        "one key for two epochs",
        "epoch 0",
        "an epoch to come",
        "a key that the history does not commit to",
    ],
)
def test_keys_that_are_not_those_of_the_history_are_broken(wrong: bytes) -> None:
    with pytest.raises(Broken):
        open_share(ADMIN, OWNER_CERT, state(), sealed(OWNER, wrong))


def test_a_commitment_is_to_one_key_vault_and_epoch() -> None:
    made = {
        vk_commit(key, vault_id, epoch)
        for key in (KEYS[1], KEYS[2])
        for vault_id in (VAULT, some_id("another vault"))
        for epoch in (1, 2, 3)
    }

    assert len(made) == 12


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_broken(length: int) -> None:
    with pytest.raises(Broken):
        vk_commit(bytes(length), VAULT, 1)


@pytest.mark.parametrize("epoch", [-1, 0, 3])
def test_a_key_of_an_epoch_that_is_not_there_is_broken(epoch: int) -> None:
    with pytest.raises(Broken):
        check_vault_key(KEYS[2], VAULT, epoch, state().epochs)
