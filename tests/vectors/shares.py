"""Vectors of a share. HPKE is randomised: the sealed sample was made once and is kept here."""

import hashlib
import hmac
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from shared.keyarc import account_keys, sharing
from shared.keyarc.account_keys import Identity
from shared.keyarc.encoding import u64
from shared.keyarc.sharing import Share
from tests.vectors.accounts import idcert
from tests.vectors.material import person, some, some_id
from tests.vectors.stories import VAULT, story, vault_key

SEQ = 15
KEYS = {1: vault_key(1), 2: vault_key(2)}

_SAMPLE = Path(__file__).with_name("share_ciphertext.hex")
_XWING_LABEL = bytes.fromhex("5c2e2f2f5e5c")
_SUITE_ID = bytes.fromhex("647a" + "0001" + "0002")


def sender() -> Identity:
    """Return who shares: the owner, with their second key."""
    return person("owner", 2)


def recipient() -> Identity:
    """Return for whom."""
    return person("admin")


def sample() -> Share:
    """Return the share of the vectors."""
    head = story().steps[SEQ - 1].after.head
    ciphertext = bytes.fromhex(_SAMPLE.read_text(encoding="ascii"))
    return Share(2, head, ciphertext, sender().sign(sharing.share_message(_info(), ciphertext)))


def make() -> dict[str, Any]:
    """Return the content of ``share.json``."""
    sent = sample()
    return {
        "vault_id": str(VAULT),
        "after_seq": SEQ,
        "epoch": sent.epoch,
        "head": sent.head.hex(),
        "sender": {"user_id": str(sender().user_id), "idcert": idcert("owner", 2).raw.hex()},
        "recipient": {
            "user_id": str(recipient().user_id),
            "x_seed": recipient().x_seed.hex(),
            "x_pk": recipient().x_pk.hex(),
        },
        "keys": {str(epoch): key.hex() for epoch, key in KEYS.items()},
        "plaintext": b"".join(u64(epoch) + key for epoch, key in KEYS.items()).hex(),
        "info": _info().hex(),
        "hpke": _hpke(sent.ciphertext),
        "ciphertext": sent.ciphertext.hex(),
        "signed": sharing.share_message(_info(), sent.ciphertext).hex(),
        "signature": sent.signature.hex(),
        "refused": _refused(sent),
    }


def _info(**different: Any) -> bytes:
    right: dict[str, Any] = {
        "vault_id": VAULT,
        "epoch": 2,
        "sender_id": sender().user_id,
        "sender_ed_pk": sender().ed_pk,
        "recipient_id": recipient().user_id,
        "recipient_x_pk": recipient().x_pk,
        "head": story().steps[SEQ - 1].after.head,
    }
    return sharing.share_info(**(right | different))


def _hpke(ciphertext: bytes) -> dict[str, str]:
    """Return what HPKE computes on the way, written once more from the RFCs."""
    mlkem, x25519 = account_keys.derive_xwing(recipient().x_seed)
    ct_m, ct_x = ciphertext[:1088], ciphertext[1088:1120]
    ss_m = mlkem.decapsulate(ct_m)
    ss_x = x25519.exchange(X25519PublicKey.from_public_bytes(ct_x))
    pk_x = x25519.public_key().public_bytes_raw()
    shared = hashlib.sha3_256(ss_m + ss_x + ct_x + pk_x + _XWING_LABEL).digest()
    context = b"\0" + _extract(b"", b"psk_id_hash", b"") + _extract(b"", b"info_hash", _info())
    secret = _extract(shared, b"secret", b"")
    return {
        "encapsulated": ciphertext[:1120].hex(),
        "mlkem_shared_secret": ss_m.hex(),
        "x25519_shared_secret": ss_x.hex(),
        "xwing_shared_secret": shared.hex(),
        "key_schedule_context": context.hex(),
        "secret": secret.hex(),
        "key": _expand(secret, b"key", context, 32).hex(),
        "base_nonce": _expand(secret, b"base_nonce", context, 12).hex(),
    }


def _extract(salt: bytes, label: bytes, ikm: bytes) -> bytes:
    """LabeledExtract of RFC 9180."""
    return hmac.digest(salt, b"HPKE-v1HPKE" + _SUITE_ID + label + ikm, "sha256")


def _expand(secret: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """LabeledExpand of RFC 9180, for one block."""
    labelled = length.to_bytes(2, "big") + b"HPKE-v1HPKE" + _SUITE_ID + label + info
    return hmac.digest(secret, labelled + b"\1", "sha256")[:length]


def _refused(sent: Share) -> list[dict[str, Any]]:
    """Return shares of which the recipient must not take a key."""
    other = person("stranger")

    def signed(**different: Any) -> bytes:
        return sender().sign(sharing.share_message(_info(**different), sent.ciphertext))

    by_other = sharing.share_message(
        _info(sender_id=other.user_id, sender_ed_pk=other.ed_pk), sent.ciphertext
    )
    flipped = sent.ciphertext[:-1] + bytes([sent.ciphertext[-1] ^ 1])
    cases: dict[str, tuple[str, Share]] = {
        "no signature": ("owner", _with(sent, signature=b"")),
        "signature changed": (
            "owner",
            _with(sent, signature=sent.signature[:-1] + bytes([sent.signature[-1] ^ 1])),
        ),
        "ciphertext changed": ("owner", _with(sent, ciphertext=flipped)),
        "ciphertext changed and signed again": (
            "owner",
            _with(
                sent,
                ciphertext=flipped,
                signature=sender().sign(sharing.share_message(_info(), flipped)),
            ),
        ),
        "empty": ("owner", _with(sent, ciphertext=b"")),
        "another epoch": ("owner", _with(sent, epoch=1)),
        "another epoch, signed again": ("owner", _with(sent, epoch=1, signature=signed(epoch=1))),
        "another head": ("owner", _with(sent, head=some("head", 32))),
        "another head, signed again": (
            "owner",
            _with(sent, head=some("head", 32), signature=signed(head=some("head", 32))),
        ),
        "signed for another vault": (
            "owner",
            _with(sent, signature=signed(vault_id=some_id("another vault"))),
        ),
        "signed for another recipient": (
            "owner",
            _with(sent, signature=signed(recipient_id=other.user_id)),
        ),
        "signed by a stranger": ("stranger", _with(sent, signature=other.sign(by_other))),
    }
    return [
        {
            "why": why,
            "sender_idcert": idcert(name, 2 if name == "owner" else 1).raw.hex(),
            "epoch": one.epoch,
            "head": one.head.hex(),
            "ciphertext": one.ciphertext.hex(),
            "signature": one.signature.hex(),
        }
        for why, (name, one) in cases.items()
    ]


def _with(sent: Share, **different: Any) -> Share:
    return Share(**(vars(sent) | different))
