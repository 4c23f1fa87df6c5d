"""Write the vectors: ``python -m tests.vectors.make``."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.vectors import (
    accounts,
    approvals,
    derivations,
    encodings,
    histories,
    invitations,
    keyrings,
    objects,
    one_time_links,
    passkeys,
    shares,
)

FILES: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "approval.json": approvals.make,
    "encoding.json": encodings.make,
    "history.json": histories.make,
    "identity.json": accounts.make,
    "invitation.json": invitations.make,
    "kdf.json": derivations.make,
    "keyring.json": keyrings.make,
    "one_time_link.json": one_time_links.make,
    "passkey.json": passkeys.make,
    "seal.json": objects.make,
    "share.json": shares.make,
}


def path(name: str) -> Path:
    """Return where a file of vectors stands."""
    return Path(__file__).with_name(name)


def text(name: str) -> str:
    """Return what a file of vectors must say."""
    return json.dumps(FILES[name](), ensure_ascii=True, indent=1) + "\n"


def main() -> None:
    """Write every file."""
    for name in FILES:
        path(name).write_text(text(name), encoding="ascii")


if __name__ == "__main__":
    main()
