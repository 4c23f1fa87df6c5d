"""Vectors of sealed objects: one of every type, and what must not open."""

from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.keyarc import account_keys, keyring, seal, vault_keys
from shared.keyarc.encoding import ObjectType, u64
from tests.vectors.material import some, some_id

USER, VAULT, SECRET = some_id("user"), some_id("vault"), some_id("secret")

OVERVIEW = (
    '{"name":"OPENAI_API_KEY","kind":"api_key","provider":"openai","path":"backend/prod",'
    '"tags":["ai"],"environment":"production","expires_at":"2027-01-31","reminder":14,'
    '"rotate_days":90,"rotated_at":"1790000000000","check":null,"fingerprints":[],'
    '"updated_at":"1790000000000"}'
)
DETAILS = (
    '{"fields":[{"name":"value","value":"sk-proj-🔑-0123456789","concealed":true}],'
    '"notes":"for the nightly job","check":null,"certificate":null}'
)
PROFILE = '{"name":"Backend","description":"Keys of the backend","icon":"🗝️"}'

_FIELDS: dict[ObjectType, Sequence[bytes]] = {
    ObjectType.USER_KEY_BY_PASSWORD: account_keys.user_key_fields(USER, 1),
    ObjectType.USER_KEY_BY_RECOVERY_CODE: account_keys.user_key_fields(USER, 2),
    ObjectType.USER_KEY_BY_PASSKEY: (USER.bytes, u64(3), some("credential id", 48)),
    ObjectType.IDENTITY: account_keys.identity_fields(USER, 1, 1),
    ObjectType.VAULT_PROFILE: vault_keys.profile_fields(VAULT, 1, 1),
    ObjectType.SECRET_OVERVIEW: vault_keys.secret_fields(VAULT, SECRET, 3, 2),
    ObjectType.SECRET_DETAILS: vault_keys.secret_fields(VAULT, SECRET, 3, 2),
    ObjectType.KEYRING: keyring.keyring_fields(USER, 9),
    ObjectType.INVITATION: (VAULT.bytes, some_id("invitation").bytes),
    ObjectType.ONE_TIME_LINK: (some_id("link").bytes,),
}
_PLAINTEXTS: dict[ObjectType, bytes] = {
    ObjectType.USER_KEY_BY_PASSWORD: some("user key", 32),
    ObjectType.USER_KEY_BY_RECOVERY_CODE: some("user key", 32),
    ObjectType.USER_KEY_BY_PASSKEY: some("user key", 32),
    ObjectType.IDENTITY: some("identity seeds", 64),
    ObjectType.VAULT_PROFILE: PROFILE.encode(),
    ObjectType.SECRET_OVERVIEW: OVERVIEW.encode(),
    ObjectType.SECRET_DETAILS: DETAILS.encode(),
    ObjectType.KEYRING: b'{"ka":1,"min_suite":1,"vaults":{},"people":{},"invitations":{}}',
    ObjectType.INVITATION: some("invitation", 5000),
    ObjectType.ONE_TIME_LINK: b"",
}


def make() -> dict[str, Any]:
    """Return the content of ``seal.json``."""
    return {"sealed": [_sealed(kind) for kind in ObjectType], "refused": _refused()}


def sealed(kind: ObjectType) -> bytes:
    """Return the blob of *kind* in the vectors."""
    return seal.seal_with_salt(_salt(kind), _key(kind), kind, _FIELDS[kind], _PLAINTEXTS[kind])


def _key(kind: ObjectType) -> bytes:
    return some(f"key of {kind.name}", 32)


def _salt(kind: ObjectType) -> bytes:
    return some(f"salt of {kind.name}", 32)


def _sealed(kind: ObjectType) -> dict[str, Any]:
    ctx = seal.context(kind, _FIELDS[kind])
    keys = seal.derive_message_keys(_key(kind), _salt(kind), ctx)
    return {
        "name": kind.name.lower(),
        "type": int(kind),
        "key": _key(kind).hex(),
        "fields": [field.hex() for field in _FIELDS[kind]],
        "salt": _salt(kind).hex(),
        "plaintext": _PLAINTEXTS[kind].hex(),
        "context": ctx.hex(),
        "message_key": keys.key.hex(),
        "nonce": keys.nonce.hex(),
        "commitment": keys.commitment.hex(),
        "padded": seal.pad(_PLAINTEXTS[kind]).hex(),
        "blob": sealed(kind).hex(),
    }


def _refused() -> list[dict[str, Any]]:
    """Return openings that must end in Broken; each starts from the sealed overview."""
    kind = ObjectType.SECRET_OVERVIEW
    details = ObjectType.SECRET_DETAILS
    blob, fields = sealed(kind), _FIELDS[kind]
    key = _key(kind)
    with_details = (key, details, fields, _PLAINTEXTS[details])
    cases: dict[str, tuple[bytes, ObjectType, Sequence[bytes], bytes]] = {
        "another key": (_key(details), kind, fields, blob),
        "details where the overview belongs": (
            key,
            kind,
            fields,
            seal.seal_with_salt(_salt(details), *with_details),
        ),
        "the overview asked for as details": (key, details, fields, blob),
        "type byte changed": (key, details, fields, blob[:3] + bytes([details]) + blob[4:]),
        "first byte of the magic": (key, kind, fields, b"k" + blob[1:]),
        "suite 0": (key, kind, fields, blob[:2] + b"\0" + blob[3:]),
        "suite 2": (key, kind, fields, blob[:2] + b"\2" + blob[3:]),
        "salt changed": (key, kind, fields, _flip(blob, 4)),
        "commitment changed": (key, kind, fields, _flip(blob, 36)),
        "ciphertext changed": (key, kind, fields, _flip(blob, 68)),
        "tag changed": (key, kind, fields, _flip(blob, len(blob) - 1)),
        "one byte short": (key, kind, fields, blob[:-1]),
        "one block short": (key, kind, fields, blob[:-128]),
        "one byte long": (key, kind, fields, blob + b"\0"),
        "one block long": (key, kind, fields, blob + bytes(128)),
        "empty": (key, kind, fields, b""),
        "header only": (key, kind, fields, blob[:4]),
        "another vault": (key, kind, (some_id("other").bytes, *fields[1:]), blob),
        "another secret": (key, kind, (fields[0], some_id("other").bytes, *fields[2:]), blob),
        "another version": (key, kind, (*fields[:2], u64(2), fields[3]), blob),
        "another epoch": (key, kind, (*fields[:3], u64(1)), blob),
        "a field fewer": (key, kind, fields[:3], blob),
        "a field more": (key, kind, (*fields, b""), blob),
        "fields joined": (key, kind, (fields[0] + fields[1], *fields[2:]), blob),
        "filler that is not zero": (key, kind, fields, _with_padded(b"\0\0\0\1a\1" + bytes(122))),
        "length beyond the end": (key, kind, fields, _with_padded(b"\0\0\0\x7d" + bytes(124))),
    }
    return [
        {
            "why": why,
            "key": key.hex(),
            "type": int(kind),
            "fields": [field.hex() for field in fields],
            "blob": blob.hex(),
        }
        for why, (key, kind, fields, blob) in cases.items()
    ]


def _flip(blob: bytes, at: int) -> bytes:
    return blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :]


def _with_padded(padded: bytes) -> bytes:
    """Return an overview whose seal is right and whose padding is as given."""
    kind = ObjectType.SECRET_OVERVIEW
    blob = sealed(kind)
    ctx = seal.context(kind, _FIELDS[kind])
    keys = seal.derive_message_keys(_key(kind), _salt(kind), ctx)
    return blob[:68] + AESGCM(keys.key).encrypt(keys.nonce, padded, blob[:4] + ctx)
