"""Seal and open: the one symmetric object of KA1 (README, "seal")."""

import hmac
import os
from collections.abc import Sequence
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from . import hkdf
from .encoding import (
    COMMITMENT,
    HEADER,
    MAGIC,
    SALT,
    SUITE,
    Broken,
    ObjectType,
    check_blob,
    lp,
    padded_length,
    u32,
)

_KEY: Final = 32
_LENGTH: Final = 4


class MessageKeys(NamedTuple):
    """What one message is sealed with; never used for a second one."""

    key: bytes
    nonce: bytes
    commitment: bytes


def pad(plaintext: bytes) -> bytes:
    """Return *plaintext* after its length, followed by zeros up to a length that tells little."""
    head = u32(len(plaintext))
    return (head + plaintext).ljust(padded_length(_LENGTH + len(plaintext)), b"\0")


def unpad(padded: bytes) -> bytes:
    """Return what was padded, refusing every other way to pad it."""
    length = int.from_bytes(padded[:_LENGTH], "big")
    end = _LENGTH + length
    if padded_length(end) != len(padded):
        raise Broken
    if padded.count(0, end) != len(padded) - end:
        raise Broken
    return padded[_LENGTH:end]


def context(kind: ObjectType, fields: Sequence[bytes]) -> bytes:
    """Return what a blob is bound to: suite, type and the fields that say where it belongs."""
    return b"keyarc/ka1\0" + bytes([SUITE, kind]) + b"".join(map(lp, fields))


def derive_message_keys(key: bytes, salt: bytes, ctx: bytes) -> MessageKeys:
    """Return key, nonce and commitment of one message."""
    if len(key) != _KEY:
        raise Broken
    okm = hkdf.derive(key, salt, b"keyarc/ka1/seal\0" + ctx, 76)
    return MessageKeys(okm[:32], okm[32:44], okm[44:])


def encrypt(keys: MessageKeys, padded: bytes, aad: bytes) -> bytes:
    """Return AES-256-GCM's ciphertext and tag."""
    return AESGCM(keys.key).encrypt(keys.nonce, padded, aad)


def decrypt(keys: MessageKeys, sealed: bytes, aad: bytes) -> bytes:
    """Return what `encrypt` was given."""
    try:
        return AESGCM(keys.key).decrypt(keys.nonce, sealed, aad)
    except InvalidTag:
        raise Broken from None


def seal(key: bytes, kind: ObjectType, fields: Sequence[bytes], plaintext: bytes) -> bytes:
    """Return the blob of *plaintext*, bound to *kind* and *fields*."""
    return seal_with_salt(os.urandom(SALT), key, kind, fields, plaintext)


def seal_with_salt(
    salt: bytes, key: bytes, kind: ObjectType, fields: Sequence[bytes], plaintext: bytes
) -> bytes:
    """Return the blob that `seal` makes with a given *salt*, which must never come twice."""
    ctx = context(kind, fields)
    keys = derive_message_keys(key, salt, ctx)
    header = bytes((*MAGIC, SUITE, kind))
    return header + salt + keys.commitment + encrypt(keys, pad(plaintext), header + ctx)


def open(key: bytes, kind: ObjectType, fields: Sequence[bytes], blob: bytes) -> bytes:  # noqa: A001 - seal and open are KA1's words
    """Return the plaintext of *blob*, or `Broken` whatever is wrong with it."""
    check_blob(blob, kind)
    ctx = context(kind, fields)
    keys = derive_message_keys(key, blob[HEADER : HEADER + SALT], ctx)
    body = HEADER + SALT + COMMITMENT
    # AES-GCM alone would let one blob open under two keys; the commitment forbids it.
    if not hmac.compare_digest(keys.commitment, blob[HEADER + SALT : body]):
        raise Broken
    return unpad(decrypt(keys, blob[body:], blob[:HEADER] + ctx))
