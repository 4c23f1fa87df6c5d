"""The folder of a local instance: who holds it, and the secrets made for it once."""

import fcntl
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from machines.failures import Failure

ROLES = ("keyarc_account", "keyarc_auth", "keyarc_keys")


@dataclass(frozen=True)
class Secrets:
    """What the operator of a real installation sets with ``fly secrets``."""

    jwt_secret: str
    passwords: Mapping[str, str]


def claim(folder: Path) -> int:
    """Hold *folder* until the descriptor returned is closed, or its process ends."""
    try:
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        held = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as ex:
        raise Failure(f"The folder {folder} cannot be used for data: {ex.strerror}.") from ex
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as ex:
        os.close(held)
        raise Failure(
            f"KeyArc already runs on {folder}: stop it, or start another with --data and --port."
        ) from ex
    return held


def secrets_of(folder: Path) -> Secrets:
    """Read the secrets of *folder*; the first call makes them, readable by the owner only."""
    file = folder / "secrets.json"
    if not file.exists():
        made = Secrets(
            secrets.token_urlsafe(48), {role: secrets.token_urlsafe(24) for role in ROLES}
        )
        fresh = folder / "secrets.json.new"
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(asdict(made)))
        fresh.rename(file)
    return Secrets(**json.loads(file.read_text()))
