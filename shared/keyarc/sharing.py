"""Vault keys for one other person: HPKE to their X-Wing key, signed by who shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PublicKey, Suite

from .account_keys import Identity
from .commits import State
from .encoding import Broken, Reader, sha256, u64
from .identity import IdCert, verify
from .vault_keys import VAULT_KEY, check_vault_key

SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

_MLKEM_PK: Final = 1184


@dataclass(frozen=True)
class Share:
    """Vault keys on their way to one member."""

    epoch: int
    head: bytes
    ciphertext: bytes
    signature: bytes


def share(
    sender: Identity, recipient: IdCert, vault_id: UUID, head: bytes, keys: Mapping[int, bytes]
) -> Share:
    """Return *keys* (by epoch, up to the current one) for *recipient*.

    *recipient* must come from the vault's signed roster or from the keyring, never from a
    directory; *head* is the hash of the commit that the sender saw last.
    """
    epoch = max(keys)
    info = share_info(
        vault_id=vault_id,
        epoch=epoch,
        sender_id=sender.user_id,
        sender_ed_pk=sender.ed_pk,
        recipient_id=recipient.user_id,
        recipient_x_pk=recipient.x_pk,
        head=head,
    )
    plaintext = b"".join(u64(number) + keys[number] for number in sorted(keys))
    ciphertext = SUITE.encrypt(plaintext, hpke_public_key(recipient.x_pk), info)
    return Share(epoch, head, ciphertext, sender.sign(share_message(info, ciphertext)))


def open_share(recipient: Identity, granter: IdCert, state: State, sent: Share) -> dict[int, bytes]:
    """Return the vault keys by epoch.

    *granter* is who had to send them, with the certificate of then: the author of the commit that
    began *sent*'s epoch, or that added the recipient (`History.granters`). Whether they are a
    member today is of no matter. Every key must be the one that the signed history commits to.
    """
    info = share_info(
        vault_id=state.vault_id,
        epoch=sent.epoch,
        sender_id=granter.user_id,
        sender_ed_pk=granter.ed_pk,
        recipient_id=recipient.user_id,
        recipient_x_pk=recipient.x_pk,
        head=sent.head,
    )
    verify(granter.ed_pk, share_message(info, sent.ciphertext), sent.signature)
    try:
        plaintext = SUITE.decrypt(sent.ciphertext, recipient.hpke_key(), info)
    except (InvalidTag, ValueError):
        raise Broken from None
    keys = _read_keys(plaintext)
    if max(keys) != sent.epoch:
        raise Broken
    for epoch, vault_key in keys.items():
        check_vault_key(vault_key, state.vault_id, epoch, state.epochs)
    return keys


def share_info(
    *,
    vault_id: UUID,
    epoch: int,
    sender_id: UUID,
    sender_ed_pk: bytes,
    recipient_id: UUID,
    recipient_x_pk: bytes,
    head: bytes,
) -> bytes:
    """Return HPKE's ``info``: all that a share is bound to."""
    return b"".join(
        (
            b"keyarc/ka1/share\0",
            vault_id.bytes,
            u64(epoch),
            sender_id.bytes,
            sender_ed_pk,
            recipient_id.bytes,
            sha256(recipient_x_pk),
            head,
        )
    )


def hpke_public_key(x_pk: bytes) -> MLKEM768X25519PublicKey:
    """Return the key to seal for; *x_pk* was checked when it came in."""
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(x_pk[:_MLKEM_PK]),
        X25519PublicKey.from_public_bytes(x_pk[_MLKEM_PK:]),
    )


def share_message(info: bytes, ciphertext: bytes) -> bytes:
    """Return what the sender signs."""
    return b"keyarc/ka1/sig/share\0" + sha256(info) + sha256(ciphertext)


def _read_keys(plaintext: bytes) -> dict[int, bytes]:
    if not plaintext or len(plaintext) % (8 + VAULT_KEY):
        raise Broken
    reader = Reader(plaintext)
    pairs = [
        (reader.u64(), reader.take(VAULT_KEY)) for _ in range(len(plaintext) // (8 + VAULT_KEY))
    ]
    epochs = [epoch for epoch, _ in pairs]
    if epochs != sorted(set(epochs)):
        raise Broken
    return dict(pairs)
