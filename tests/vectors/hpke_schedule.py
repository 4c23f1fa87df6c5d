"""X-Wing and the key schedule of HPKE, written once more from their documents.

Published answers hold it (`tests.keyarc.test_known_answers`), and it holds the library's shares.
"""

import hashlib
import hmac
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

AES_256_GCM: Final = 2

_XWING_LABEL: Final = bytes.fromhex("5c2e2f2f5e5c")


class Schedule(NamedTuple):
    """What HPKE's base mode derives from a shared secret (RFC 9180, section 5.1)."""

    context: bytes
    secret: bytes
    key: bytes
    base_nonce: bytes


def decapsulate(mlkem: MLKEM768PrivateKey, x25519: X25519PrivateKey, encapsulated: bytes) -> bytes:
    """Return X-Wing's shared secret (draft-connolly-cfrg-xwing-kem, section 5.5)."""
    ct_m, ct_x = encapsulated[:1088], encapsulated[1088:]
    return hashlib.sha3_256(
        mlkem.decapsulate(ct_m)
        + x25519.exchange(X25519PublicKey.from_public_bytes(ct_x))
        + ct_x
        + x25519.public_key().public_bytes_raw()
        + _XWING_LABEL
    ).digest()


def derive(shared: bytes, info: bytes, aead: int = AES_256_GCM) -> Schedule:
    """Return the key schedule of base mode with X-Wing, HKDF-SHA256 and *aead*."""
    suite = b"HPKE" + bytes.fromhex("647a" + "0001") + aead.to_bytes(2, "big")

    def extract(salt: bytes, label: bytes, ikm: bytes) -> bytes:
        return hmac.digest(salt, b"HPKE-v1" + suite + label + ikm, "sha256")

    def expand(label: bytes, length: int) -> bytes:
        labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + context
        return hmac.digest(secret, labelled + b"\1", "sha256")[:length]

    context = b"\0" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared, b"secret", b"")
    return Schedule(context, secret, expand(b"key", 32), expand(b"base_nonce", 12))
