"""Public keys and the certificate that a person signs for themselves."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final
from uuid import UUID

from .encoding import Broken, Reader, sha256, u64

ED_PK: Final = 32
X_PK: Final = 1216
SIGNATURE: Final = 64

_PREFIX: Final = b"keyarc/ka1/identity\0"
_SIGNED: Final = len(_PREFIX) + 16 + ED_PK + X_PK + 8
_MLKEM_PK: Final = 1184
_MLKEM_VECTOR: Final = 1152
_MLKEM_Q: Final = 3329

_P: Final = 2**255 - 19
_SIGN_BIT: Final = 1 << 255

# An order-8 point of each curve and its mirror; with 0, 1 and -1 these are all the coordinates
# of small order (RFC 8032, RFC 7748; listed in https://cr.yp.to/ecdh.html).
_ED_8: Final = int("05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826", 16)
_X_8A: Final = int("00b8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0", 16)
_X_8B: Final = int("57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5f", 16)
_ED_SMALL: Final = frozenset({0, 1, _P - 1, _ED_8, _P - _ED_8})
_X_LOW: Final = frozenset({0, 1, _P - 1, _X_8A, _X_8B})


@dataclass(frozen=True)
class IdCert:
    """Someone's public keys, signed by the Ed25519 key among them; made by `parse_idcert`."""

    user_id: UUID
    ed_pk: bytes
    x_pk: bytes
    key_epoch: int
    raw: bytes

    @cached_property
    def hash(self) -> bytes:
        """H of the whole certificate: how a roster names it."""
        return sha256(self.raw)


def idcert_body(user_id: UUID, ed_pk: bytes, x_pk: bytes, key_epoch: int) -> bytes:
    """Return what the signatures of a certificate sign."""
    return _PREFIX + user_id.bytes + ed_pk + x_pk + u64(key_epoch)


def parse_idcert(raw: bytes, previous: IdCert | None = None) -> IdCert:
    """Return the verified certificate.

    From key epoch 2 on it carries a signature by the key before, which only *previous* can
    prove: whoever knows the earlier certificate must hand it in.
    """
    reader = Reader(raw)
    if reader.take(len(_PREFIX)) != _PREFIX:
        raise Broken
    user_id, ed_pk, x_pk = reader.id(), reader.take(ED_PK), reader.take(X_PK)
    key_epoch, signature = reader.u64(), reader.take(SIGNATURE)
    handover = reader.take(SIGNATURE) if key_epoch > 1 else None
    reader.end()
    if key_epoch < 1:
        raise Broken
    check_x_pk(x_pk)
    verify(ed_pk, raw[:_SIGNED], signature)
    if previous is not None:
        if handover is None or (user_id, key_epoch) != (previous.user_id, previous.key_epoch + 1):
            raise Broken
        verify(previous.ed_pk, raw[:_SIGNED], handover)
    return IdCert(user_id, ed_pk, x_pk, key_epoch, raw)


def check_ed_pk(ed_pk: bytes) -> None:
    """Refuse an Ed25519 key that is not canonical or is of small order."""
    y = int.from_bytes(ed_pk, "little") & ~_SIGN_BIT
    if len(ed_pk) != ED_PK or y >= _P or y in _ED_SMALL:
        raise Broken


def check_x_pk(x_pk: bytes) -> None:
    """Refuse an X-Wing key whose ML-KEM half is not reduced or whose X25519 half is of low order.

    The first is the modulus check of FIPS 203, section 7.2.
    """
    if len(x_pk) != X_PK:
        raise Broken
    for at in range(0, _MLKEM_VECTOR, 3):
        pair = int.from_bytes(x_pk[at : at + 3], "little")
        if pair & 0xFFF >= _MLKEM_Q or pair >> 12 >= _MLKEM_Q:
            raise Broken
    u = int.from_bytes(x_pk[_MLKEM_PK:], "little") & ~_SIGN_BIT
    if u % _P in _X_LOW:
        raise Broken


def verify(ed_pk: bytes, message: bytes, signature: bytes) -> None:
    """Refuse a signature that is not by *ed_pk* over *message*.

    Cofactorless, S below L and R compared as bytes: so does OpenSSL, but for keys of small order.
    """
    # Loaded here: a service that checks no signature starts without it.
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PublicKey,
    )

    check_ed_pk(ed_pk)
    try:
        Ed25519PublicKey.from_public_bytes(ed_pk).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Broken from None
