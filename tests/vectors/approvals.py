"""Vectors of a new device. HPKE is randomised: the sealed sample was made once and is kept here."""

from pathlib import Path
from typing import Any

from shared.keyarc import approval
from shared.keyarc.account_keys import derive_x_pk
from shared.keyarc.approval import Asked
from shared.keyarc.encoding import lp, sha256
from shared.keyarc.sharing import SUITE, hpke_public_key
from tests.vectors.material import some, some_id

EMAIL = "someone@example.com"
SEED = some("new device seed", 32)
ACCOUNT_KEY = some("account key of a new device", 16)
ASKED = Asked(some_id("owner of a new device"), EMAIL, derive_x_pk(SEED))

_SAMPLE = Path(__file__).with_name("approval_sealed.hex")


def make() -> dict[str, Any]:
    """Return the content of ``approval.json``."""
    sealed, long = (bytes.fromhex(line) for line in _SAMPLE.read_text("ascii").split())
    address = lp(EMAIL.encode())
    return {
        "user_id": str(ASKED.user_id),
        "email": EMAIL,
        "seed": SEED.hex(),
        "x_pk": ASKED.x_pk.hex(),
        "account_key": ACCOUNT_KEY.hex(),
        "request_hash": sha256(b"keyarc/ka1/device-request\0", address, ASKED.x_pk).hex(),
        "request_words": approval.request_words(EMAIL, ASKED.x_pk),
        "info": approval.approval_info(ASKED).hex(),
        "sealed": sealed.hex(),
        "approved_hash": sha256(
            b"keyarc/ka1/device-approved\0", address, ASKED.x_pk, sha256(sealed)
        ).hex(),
        "approved_words": approval.approved_words(EMAIL, ASKED.x_pk, sealed),
        "refused": _refused(sealed, long),
    }


def _refused(sealed: bytes, long: bytes) -> list[dict[str, str]]:
    """Return answers of which the new device must not take an account key."""
    other_seed = some("another device seed", 32)
    cases = {
        "of another person": {"user_id": str(some_id("somebody else"))},
        "for another address": {"email": "someone.else@example.com"},
        "opened by another key": {
            "seed": other_seed.hex(),
            "x_pk": derive_x_pk(other_seed).hex(),
        },
        "changed": {"sealed": (sealed[:-1] + bytes([sealed[-1] ^ 1])).hex()},
        "cut short": {"sealed": sealed[:-1].hex()},
        "empty": {"sealed": ""},
        "an account key of 17 bytes": {"sealed": long.hex()},
    }
    right = {
        "user_id": str(ASKED.user_id),
        "email": EMAIL,
        "seed": SEED.hex(),
        "x_pk": ASKED.x_pk.hex(),
        "sealed": sealed.hex(),
    }
    return [{"why": why, **right, **different} for why, different in cases.items()]


def sample() -> str:
    """Return the text of ``approval_sealed.hex``, different each time."""
    public_key, info = hpke_public_key(ASKED.x_pk), approval.approval_info(ASKED)
    sealed = (SUITE.encrypt(key, public_key, info) for key in (ACCOUNT_KEY, ACCOUNT_KEY + b"\0"))
    return "".join(f"{one.hex()}\n" for one in sealed)
