"""Vectors of a share. HPKE is randomised: the sealed sample was made once and is kept here."""

from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from shared.keyarc import account_keys, sharing
from shared.keyarc.account_keys import Identity
from shared.keyarc.encoding import u64
from shared.keyarc.identity import IdCert
from shared.keyarc.sharing import Share
from tests.vectors import hpke_schedule
from tests.vectors.accounts import idcert
from tests.vectors.material import person, some, some_id
from tests.vectors.stories import VAULT, story, vault_key

SEQ = 15
KEYS = {1: vault_key(1), 2: vault_key(2)}

_SAMPLE = Path(__file__).with_name("share_ciphertext.hex")


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
    """Return what HPKE computes on the way."""
    mlkem, x25519 = account_keys.derive_xwing(recipient().x_seed)
    encapsulated = ciphertext[:1120]
    ephemeral = X25519PublicKey.from_public_bytes(encapsulated[1088:])
    shared = hpke_schedule.decapsulate(mlkem, x25519, encapsulated)
    schedule = hpke_schedule.derive(shared, _info())
    return {
        "encapsulated": encapsulated.hex(),
        "mlkem_shared_secret": mlkem.decapsulate(encapsulated[:1088]).hex(),
        "x25519_shared_secret": x25519.exchange(ephemeral).hex(),
        "xwing_shared_secret": shared.hex(),
        "key_schedule_context": schedule.context.hex(),
        "secret": schedule.secret.hex(),
        "key": schedule.key.hex(),
        "base_nonce": schedule.base_nonce.hex(),
    }


def _refused(sent: Share) -> list[dict[str, Any]]:
    """Return shares of which the recipient must not take a key."""
    other, granter = person("stranger"), idcert("owner", 2)

    def signed(**different: Any) -> bytes:
        return sender().sign(sharing.share_message(_info(**different), sent.ciphertext))

    by_other = sharing.share_message(
        _info(sender_id=other.user_id, sender_ed_pk=other.ed_pk), sent.ciphertext
    )
    flipped = sent.ciphertext[:-1] + bytes([sent.ciphertext[-1] ^ 1])
    cases: dict[str, tuple[IdCert, Share]] = {
        "no signature": (granter, _with(sent, signature=b"")),
        "signature changed": (
            granter,
            _with(sent, signature=sent.signature[:-1] + bytes([sent.signature[-1] ^ 1])),
        ),
        "ciphertext changed": (granter, _with(sent, ciphertext=flipped)),
        "ciphertext changed and signed again": (
            granter,
            _with(
                sent,
                ciphertext=flipped,
                signature=sender().sign(sharing.share_message(_info(), flipped)),
            ),
        ),
        "empty": (granter, _with(sent, ciphertext=b"")),
        "another epoch": (granter, _with(sent, epoch=1)),
        "another epoch, signed again": (granter, _with(sent, epoch=1, signature=signed(epoch=1))),
        "another head": (granter, _with(sent, head=some("head", 32))),
        "another head, signed again": (
            granter,
            _with(sent, head=some("head", 32), signature=signed(head=some("head", 32))),
        ),
        "signed for another vault": (
            granter,
            _with(sent, signature=signed(vault_id=some_id("another vault"))),
        ),
        "signed for another recipient": (
            granter,
            _with(sent, signature=signed(recipient_id=other.user_id)),
        ),
        "signed by a stranger": (granter, _with(sent, signature=other.sign(by_other))),
        "a stranger's, where the owner granted": (idcert("stranger"), sent),
        "of the granter's key before": (idcert("owner"), sent),
    }
    return [
        {
            "why": why,
            "sender_idcert": cert.raw.hex(),
            "epoch": one.epoch,
            "head": one.head.hex(),
            "ciphertext": one.ciphertext.hex(),
            "signature": one.signature.hex(),
        }
        for why, (cert, one) in cases.items()
    ]


def _with(sent: Share, **different: Any) -> Share:
    return Share(**(vars(sent) | different))
