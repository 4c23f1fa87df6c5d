"""Vectors of passwords, account keys, recovery codes and machine tokens."""

import unicodedata
from typing import Any
from uuid import UUID

from shared.keyarc import kdf
from shared.keyarc.encoding import verifier
from shared.keyarc.machine_keys import MachineToken
from tests.vectors.material import some, some_id

USER = some_id("user")
PASSWORDS = {
    "ascii": "correct horse battery staple",
    "twelve characters": "abcdefghijkl",
    "composed (NFC)": "Zürich-Straßé-1",
    "decomposed (NFD)": "Zu\u0308rich-Straße\u0301-1",
    "ligature and full width (NFKC changes it)": "of\ufb01ce-\uff30\uff41\uff53\uff53-\u2460\u2461",
    "the same after NFKC": "office-Pass-12",
    "hangul, composed": "비밀번호비밀번호비밀번호",
    "hangul, decomposed": unicodedata.normalize("NFD", "비밀번호비밀번호비밀번호"),
    "emoji": "🔑🔒🗝️🔐🔑🔒🗝️🔐🔑🔒",
    "spaces are kept": "  two spaces  ",
    "64 bytes": "x" * 64,
    "65 bytes": "x" * 65,
    "1024 bytes": "ü" * 512,
}
PASSWORDS_MISTYPED = {
    "empty": "",
    "eleven characters": "abcdefghijk",
    "twelve that are eleven after NFKC": "abcdefghiju\u0308",
    "six emoji of two UTF-16 units": "🔑🔒🗝🔐🔑🔒",
    "1026 bytes": "ü" * 513,
}


def make() -> dict[str, Any]:
    """Return the content of ``kdf.json``."""
    salt, account_key = some("password salt", 16), some("account key", 16)
    return {
        "user_id": str(USER),
        "salt": salt.hex(),
        "account_key": account_key.hex(),
        "passwords": [
            {"name": name, "password": password, **_from_password(password, salt, account_key)}
            for name, password in PASSWORDS.items()
        ],
        "passwords_mistyped": [
            {"why": why, "password": password} for why, password in PASSWORDS_MISTYPED.items()
        ],
        "salts_refused": [bytes(length).hex() for length in (0, 8, 15, 17, 32)],
        "recovery": _from_recovery_code(some("recovery code", 20)),
        "account_keys": [_account_key(key) for key in (account_key, bytes(16), b"\xff" * 16)],
        "account_keys_mistyped": _mistyped(kdf.show_account_key(account_key)),
        "recovery_codes": [
            _recovery_code(code) for code in (some("recovery code", 20), bytes(20), b"\xff" * 20)
        ],
        "recovery_codes_mistyped": _mistyped(kdf.show_recovery_code(some("recovery code", 20))),
        "machine_tokens": [
            _machine(MachineToken(some_id("machine"), some("machine secret", 32))),
            _machine(MachineToken(UUID(int=0), bytes(32))),
            _machine(MachineToken(UUID(bytes=b"\xff" * 16), b"\xff" * 32)),
        ],
        "machine_tokens_mistyped": _garbled(
            MachineToken(some_id("machine"), some("machine secret", 32)).show()
        ),
    }


def _from_password(password: str, salt: bytes, account_key: bytes) -> dict[str, str]:
    stretched = kdf.stretch(password, salt)
    master_key = kdf.derive_master_key(stretched, account_key, USER)
    return {
        "normalised_utf8": kdf.normalise_password(password).hex(),
        "argon2id": stretched.hex(),
        **_from_master_key(master_key),
    }


def _from_recovery_code(code: bytes) -> dict[str, str]:
    master_key = kdf.derive_recovery_master_key(code, USER)
    return {"recovery_code": code.hex(), **_from_master_key(master_key)}


def _from_master_key(master_key: bytes) -> dict[str, str]:
    auth = kdf.derive_auth(master_key)
    return {
        "master_key": master_key.hex(),
        "auth": auth.hex(),
        "kek": kdf.derive_kek(master_key).hex(),
        "verifier": verifier(USER, auth).hex(),
    }


def _account_key(key: bytes) -> dict[str, Any]:
    shown = kdf.show_account_key(key)
    return {"account_key": key.hex(), "shown": shown, "typed": _typed(shown)}


def _recovery_code(code: bytes) -> dict[str, Any]:
    shown = kdf.show_recovery_code(code)
    return {"recovery_code": code.hex(), "shown": shown, "typed": _typed(shown)}


def _machine(token: MachineToken) -> dict[str, Any]:
    """Return what follows from a token."""
    return {
        "machine_id": str(token.machine_id),
        "secret": token.secret.hex(),
        "shown": token.show(),
        "copied": [f" {token.show()}\n", f"{token.show()}\r\n"],
        "master_key": token.master_key.hex(),
        "auth": token.auth.hex(),
        "verifier": verifier(token.machine_id, token.auth).hex(),
        "user_key": token.user_key.hex(),
    }


def _garbled(shown: str) -> list[str]:
    """Return what is no token: each differs from one by a single slip."""
    other = "7" if shown[-1] != "7" else "8"
    return [
        "",
        "kat1_",
        shown[:-1],
        shown + "0",
        shown[:-1] + other,
        shown[:5] + shown[6] + shown[5] + shown[7:],
        shown.removeprefix("kat1_"),
        "kat2_" + shown[5:],
        "KAT1_" + shown[5:],
        shown.upper(),
        "kat1_" + shown[5:].upper(),
        shown[:-1] + "u",
        shown[:-1] + "o",
        shown[:40] + " " + shown[40:],
        shown[:-1] + "\uff10",
        f'"{shown}"',
    ]


def _typed(shown: str) -> list[str]:
    """Return ways to type a shown form that mean the same."""
    return [
        shown.lower(),
        shown.replace("-", ""),
        shown.replace("-", " "),
        f"  {shown}\n",
        shown.replace("0", "O").replace("1", "I"),
        shown.replace("0", "o").replace("1", "l"),
    ]


def _mistyped(shown: str) -> list[str]:
    """Return ways to type a shown form that are offline recognised as slips."""
    other = "7" if shown[-1] != "7" else "8"
    swapped = shown[1] + shown[0] + shown[2:]
    return [
        "",
        shown[:-1],
        shown + "0",
        shown[5:],
        shown[:-1] + other,
        swapped,
        shown[:-1] + "U",
        shown[:-1] + "*",
        "\uff21" + shown[1:],
        shown.replace("-", "_"),
    ]
