"""The key of a vault and epoch, its commitment, and the contexts of what it seals."""

import hmac
import os
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from . import hkdf
from .encoding import Broken, u64

VAULT_KEY: Final = 32


def make_vault_key() -> bytes:
    """Return a new vault key (VK)."""
    return os.urandom(VAULT_KEY)


def vk_commit(vault_key: bytes, vault_id: UUID, epoch: int) -> bytes:
    """Return what stands for the key in the signed history; it tells nothing about the key."""
    if len(vault_key) != VAULT_KEY:
        raise Broken
    info = b"keyarc/ka1/vkc\0" + vault_id.bytes + u64(epoch)
    return hkdf.expand(vault_key, info, 32)


def check_vault_key(vault_key: bytes, vault_id: UUID, epoch: int, epochs: Sequence[bytes]) -> None:
    """Refuse a key that is not the one of *epoch* in the signed history (`State.epochs`)."""
    if not is_vault_key(vault_key, vault_id, epoch, epochs):
        raise Broken


def is_vault_key(vault_key: bytes, vault_id: UUID, epoch: int, epochs: Sequence[bytes]) -> bool:
    """Tell whether a key is the one of *epoch* in the signed history (`State.epochs`)."""
    if not 1 <= epoch <= len(epochs):
        return False
    return hmac.compare_digest(vk_commit(vault_key, vault_id, epoch), epochs[epoch - 1])


def secret_fields(
    vault_id: UUID, secret_id: UUID, version: int, epoch: int
) -> tuple[bytes, bytes, bytes, bytes]:
    """Return the context of a secret's overview and of its details."""
    return (vault_id.bytes, secret_id.bytes, u64(version), u64(epoch))


def profile_fields(vault_id: UUID, epoch: int, seq: int) -> tuple[bytes, bytes, bytes]:
    """Return the context of a vault's profile, which commit *seq* sets."""
    return (vault_id.bytes, u64(epoch), u64(seq))
