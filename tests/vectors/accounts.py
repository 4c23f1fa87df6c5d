"""Vectors of identities, their certificates and words, and the objects of an account."""

from typing import Any

from shared.keyarc import account_keys, seal
from shared.keyarc.account_keys import Identity
from shared.keyarc.encoding import ObjectType
from shared.keyarc.identity import IdCert, idcert_body
from shared.keyarc.words import words
from tests.vectors.material import person, some

P = 2**255 - 19
ED_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
X_8 = (
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
)


def idcert(name: str, key_epoch: int = 1) -> IdCert:
    """Return the certificate of someone in the vectors."""
    previous = person(name, key_epoch - 1) if key_epoch > 1 else None
    return person(name, key_epoch).idcert(previous)


def make() -> dict[str, Any]:
    """Return the content of ``identity.json``."""
    owner, rotated = person("owner"), person("owner", 2)
    return {
        "identities": [_identity(owner), _identity(rotated, owner), _identity(person("admin"))],
        "sealed": [_sealed(owner), _sealed(rotated)],
        "idcerts_refused": [
            {"why": why, "previous": previous.hex(), "idcert": raw.hex()}
            for why, (previous, raw) in _wrong_idcerts().items()
        ],
        "ed25519_public_keys_refused": [
            {"why": why, "key": key.hex()} for why, key in wrong_ed_pks().items()
        ],
        "xwing_public_keys_refused": [
            {"why": why, "key": key.hex()} for why, key in wrong_x_pks().items()
        ],
        "signatures_refused": _wrong_signatures(),
    }


def _identity(identity: Identity, previous: Identity | None = None) -> dict[str, Any]:
    mlkem, x25519 = account_keys.derive_xwing(identity.x_seed)
    cert = identity.idcert(previous)
    of = (identity.user_id, identity.ed_pk, identity.x_pk, identity.key_epoch)
    return {
        "user_id": str(identity.user_id),
        "key_epoch": identity.key_epoch,
        "ed_seed": identity.ed_seed.hex(),
        "ed_pk": identity.ed_pk.hex(),
        "x_seed": identity.x_seed.hex(),
        "mlkem_seed": mlkem.private_bytes_raw().hex(),
        "x25519_private_key": x25519.private_bytes_raw().hex(),
        "x_pk": identity.x_pk.hex(),
        "signed": idcert_body(*of).hex(),
        "previous_idcert": previous.idcert().raw.hex() if previous else None,
        "idcert": cert.raw.hex(),
        "idcert_hash": cert.hash.hex(),
        "words": words(*of),
    }


def _sealed(identity: Identity) -> dict[str, Any]:
    user_key, salt = some("user key", 32), some("identity salt", 32)
    fields = account_keys.identity_fields(identity.user_id, 4, identity.key_epoch)
    seeds = identity.ed_seed + identity.x_seed
    blob = seal.seal_with_salt(salt, user_key, ObjectType.IDENTITY, fields, seeds)
    return {
        "user_key": user_key.hex(),
        "user_id": str(identity.user_id),
        "keyset": 4,
        "key_epoch": identity.key_epoch,
        "salt": salt.hex(),
        "blob": blob.hex(),
        "ed_pk": identity.ed_pk.hex(),
        "x_pk": identity.x_pk.hex(),
    }


def _wrong_idcerts() -> dict[str, tuple[bytes, bytes]]:
    """Return certificates to refuse, each after the one it claims to follow (or nothing)."""
    first, second, stranger = idcert("owner"), idcert("owner", 2), person("stranger")
    raw, prefix = first.raw, b"keyarc/ka1/identity\0"
    other = b"keyarc/ka1/identitx\0"
    signed_other = other + raw[len(prefix) : -64]
    small = _self_signed(bytes([1]) + bytes(31), bytes([1]) + bytes(63))
    usurped = Identity(first.user_id, stranger.ed_seed, stranger.x_seed, 2)
    return {
        "empty": (b"", b""),
        "one byte short": (b"", raw[:-1]),
        "one byte long": (b"", raw + b"\0"),
        "another prefix": (b"", other + raw[len(prefix) :]),
        "another prefix, signed": (b"", signed_other + person("owner").sign(signed_other)),
        "another user id": (b"", prefix + stranger.user_id.bytes + raw[36:]),
        "another Ed25519 key": (b"", raw[:36] + stranger.ed_pk + raw[68:]),
        "another X-Wing key": (b"", raw[:68] + stranger.x_pk + raw[1284:]),
        "key epoch 0": (b"", _signed(person("owner"), 0)),
        "key epoch 1 with a second signature": (b"", raw + raw[-64:]),
        "key epoch 2 without a second signature": (b"", second.raw[:-64]),
        "signature changed": (b"", raw[:-1] + bytes([raw[-1] ^ 1])),
        "an Ed25519 key of small order, whose forgery holds": (b"", small),
        "a rotation that the old key did not sign": (raw, usurped.idcert(stranger).raw),
        "a rotation of somebody else": (idcert("admin").raw, second.raw),
        "a rotation that skips an epoch": (raw, person("owner", 3).idcert(person("owner")).raw),
        "the same epoch again": (raw, raw),
        "back to the epoch before": (second.raw, raw),
    }


def _signed(identity: Identity, key_epoch: int) -> bytes:
    body = idcert_body(identity.user_id, identity.ed_pk, identity.x_pk, key_epoch)
    return body + identity.sign(body)


def _self_signed(ed_pk: bytes, signature: bytes) -> bytes:
    owner = person("owner")
    return idcert_body(owner.user_id, ed_pk, owner.x_pk, 1) + signature


def wrong_ed_pks() -> dict[str, bytes]:
    """Return Ed25519 keys to refuse: small order, not canonical, not 32 bytes."""
    good = person("owner").ed_pk
    found = {"empty": b"", "31 bytes": good[:-1], "33 bytes": good + b"\0"}
    small = {"0": 0, "1": 1, "-1": P - 1, "order 8": int.from_bytes(ED_8, "little")}
    small["order 8, mirrored"] = P - small["order 8"]
    above = {"p": P, "p + 1": P + 1, "p + 3": P + 3, "2^255 - 1": 2**255 - 1}
    for name, y in (small | above).items():
        found[f"y = {name}"] = y.to_bytes(32, "little")
        found[f"y = {name}, sign bit set"] = (y | 1 << 255).to_bytes(32, "little")
    return found


def wrong_x_pks() -> dict[str, bytes]:
    """Return X-Wing keys to refuse: length, ML-KEM modulus, X25519 halves of low order."""
    good = person("owner").x_pk
    found = {
        "empty": b"",
        "one byte short": good[:-1],
        "one byte long": good + b"\0",
        "first coefficient is 3329": b"\x01\x0d" + good[2:],
        "second coefficient is 4095": good[:1] + bytes([good[1] | 0xF0]) + b"\xff" + good[3:],
        "last coefficient is 4095": good[:1150]
        + bytes([good[1150] | 0xF0])
        + b"\xff"
        + good[1152:],
    }
    low = {"0": 0, "1": 1, "-1": P - 1, "p": P, "p + 1": P + 1}
    low |= {f"order 8 ({at})": int.from_bytes(u, "little") for at, u in enumerate(X_8, start=1)}
    for name, u in low.items():
        found[f"u = {name}"] = good[:1184] + u.to_bytes(32, "little")
        found[f"u = {name}, top bit set"] = good[:1184] + (u | 1 << 255).to_bytes(32, "little")
    return found


def _wrong_signatures() -> list[dict[str, str]]:
    owner, message = person("owner"), b"keyarc/ka1/commit\0 and so on"
    good = owner.sign(message)
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(good[32:], "little")
    cases = {
        "another message": (owner.ed_pk, b"keyarc/ka1/commit\0", good),
        "another key": (person("admin").ed_pk, message, good),
        "R changed": (owner.ed_pk, message, bytes([good[0] ^ 1]) + good[1:]),
        "S + L": (owner.ed_pk, message, good[:32] + (scalar + order).to_bytes(32, "little")),
        "63 bytes": (owner.ed_pk, message, good[:-1]),
        "65 bytes": (owner.ed_pk, message, good + b"\0"),
        "empty": (owner.ed_pk, message, b""),
        "zeros": (owner.ed_pk, message, bytes(64)),
        "small-order key, R the identity, S = 0": (
            bytes([1]) + bytes(31),
            message,
            bytes([1]) + bytes(63),
        ),
    }
    return [
        {"why": why, "ed_pk": key.hex(), "message": signed.hex(), "signature": signature.hex()}
        for why, (key, signed, signature) in cases.items()
    ]
