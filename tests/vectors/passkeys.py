"""Vectors of passkeys: no library but the page's opens by one, so they are computed right here."""

from typing import Any
from uuid import UUID

from shared.keyarc import hkdf, kdf, seal
from shared.keyarc.encoding import ObjectType, lp, sha256, u64
from tests.vectors.material import some, some_id

USER = some_id("owner of a passkey")
PRF = some("output of a passkey's PRF", 32)
USER_KEY = some("user key", 32)
CREDENTIAL_ID = some("credential of a passkey", 32)


def make() -> dict[str, Any]:
    """Return the content of ``passkey.json``."""
    ids = (CREDENTIAL_ID, some("short credential", 16), some("long credential", 512))
    return {
        "prf_input": sha256(b"keyarc/ka1/prf\0").hex(),
        "passkeys": [_passkey(PRF, credential_id, keyset=1) for credential_id in ids]
        + [_passkey(bytes(32), CREDENTIAL_ID, keyset=2**63 - 1)],
        "refused": _refused(),
    }


def _master_key(prf: bytes, user_id: UUID, credential_id: bytes) -> bytes:
    label = b"keyarc/ka1/passkey\0" + lp(user_id.bytes) + lp(credential_id)
    return hkdf.derive(prf, bytes(32), label, 32)


def _sealed(
    prf: bytes, credential_id: bytes, keyset: int, user_key: bytes, kind: ObjectType
) -> bytes:
    kek = kdf.derive_kek(_master_key(prf, USER, credential_id))
    fields = (USER.bytes, u64(keyset), credential_id)
    return seal.seal_with_salt(some("salt of a passkey", 32), kek, kind, fields, user_key)


def _passkey(
    prf: bytes,
    credential_id: bytes,
    keyset: int,
    user_key: bytes = USER_KEY,
    kind: ObjectType = ObjectType.USER_KEY_BY_PASSKEY,
) -> dict[str, Any]:
    master_key = _master_key(prf, USER, credential_id)
    return {
        "user_id": str(USER),
        "prf": prf.hex(),
        "credential_id": credential_id.hex(),
        "keyset": str(keyset),
        "master_key": master_key.hex(),
        "kek": kdf.derive_kek(master_key).hex(),
        "user_key": user_key.hex(),
        "sealed": _sealed(prf, credential_id, keyset, user_key, kind).hex(),
    }


def _refused() -> list[dict[str, Any]]:
    """Return what must not open: each differs from what does by one thing."""
    right = _passkey(PRF, CREDENTIAL_ID, keyset=3)
    sealed = bytes.fromhex(right["sealed"])
    cases: dict[str, dict[str, Any]] = {
        "by another passkey's PRF": {"prf": some("another PRF", 32).hex()},
        "a PRF of 31 bytes": {"prf": PRF[:-1].hex()},
        "a PRF of 64 bytes": {"prf": (PRF + PRF).hex()},
        "no PRF": {"prf": ""},
        "of another person": {"user_id": str(some_id("somebody else"))},
        "of another credential": {"credential_id": some("another credential", 32).hex()},
        "of a credential of 513 bytes": _passkey(PRF, some("long credential", 513), 3),
        "of no credential": {"credential_id": ""},
        "of an older keyset": {"keyset": "2"},
        "changed": {"sealed": (sealed[:-1] + bytes([sealed[-1] ^ 1])).hex()},
        "cut short": {"sealed": sealed[:-1].hex()},
        "empty": {"sealed": ""},
        "sealed as by a password": _passkey(
            PRF, CREDENTIAL_ID, 3, kind=ObjectType.USER_KEY_BY_PASSWORD
        ),
        "a user key of 31 bytes": _passkey(PRF, CREDENTIAL_ID, 3, user_key=USER_KEY[:-1]),
    }
    return [{"why": why, **right, **different} for why, different in cases.items()]
