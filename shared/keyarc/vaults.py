"""A vault as a list shows it, and how a new one begins."""

import json
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from . import seal
from .account_keys import Identity
from .answers import ListedVault, SealedProfile
from .answers import field as take
from .commits import Commit, Genesis, Profile, ProfileMark, Role, State, write
from .encoding import Broken, ObjectType, b64, sha256, strict_json
from .errors import Rollback
from .keyring import Keyring
from .pins import read_text
from .vault_keys import make_vault_key, profile_fields, vk_commit

PROFILE = ("name", "description", "icon")


@dataclass(frozen=True, slots=True)
class Vault:
    """A vault of one's own or one that was shared; *secrets* is the server's count."""

    id: UUID
    name: str
    description: str
    icon: str
    role: Role
    secrets: int


def open_vault(listed: ListedVault, pin: State, keyring: Keyring, user_id: UUID) -> Vault:
    """Open a vault's profile, which must be the one that *pin* names."""
    profile = listed.profile
    mark = ProfileMark(profile.epoch, profile.seq, sha256(profile.blob))
    if mark != pin.profile:
        raise Rollback
    key = keyring.vault_key(listed.vault_id, profile.epoch)
    media = open_profile(listed.vault_id, key, profile)
    member = pin.roster.get(user_id)
    if member is None:
        raise Broken
    return Vault(listed.vault_id, *media, member.role, listed.secrets)


def open_profile(vault_id: UUID, key: bytes, profile: SealedProfile) -> tuple[str, str, str]:
    """Give the name, the description and the icon of a vault, as its signed history has them.

    If those who may name it sealed something else, it is called by its id, and still serves.
    """
    fields = profile_fields(vault_id, profile.epoch, profile.seq)
    try:
        media = strict_json(seal.open(key, ObjectType.VAULT_PROFILE, fields, profile.blob))
        name, description, icon = (read_text(take(media, one)) for one in PROFILE)
    except Broken:
        return str(vault_id), "", ""
    return name, description, icon


def sealed_profile(vault: Vault, key: bytes, epoch: int, seq: int) -> bytes:
    """Seal the profile of a vault anew, for commit *seq*."""
    return _seal_profile(vault.id, (vault.name, vault.description, vault.icon), key, epoch, seq)


def _seal_profile(
    vault_id: UUID, said: tuple[str, str, str], key: bytes, epoch: int, seq: int
) -> bytes:
    media = dict(zip(PROFILE, said, strict=True))
    plaintext = json.dumps(media, ensure_ascii=False, separators=(",", ":")).encode()
    fields = profile_fields(vault_id, epoch, seq)
    return seal.seal(key, ObjectType.VAULT_PROFILE, fields, plaintext)


class Beginning:
    """A vault before it exists: its key, its genesis commit and its profile."""

    def __init__(
        self, author: Identity, name: str, description: str, icon: str, vault_id: UUID
    ) -> None:
        self.vault_id = vault_id
        self.key = make_vault_key()
        self.state = State(self.vault_id)
        self._profile = _seal_profile(self.vault_id, (name, description, icon), self.key, 1, 1)
        ops = (
            Genesis(author.idcert(), vk_commit(self.key, self.vault_id, 1)),
            Profile(1, sha256(self._profile)),
        )
        self.commit: Commit = write(self.state, author, time.time_ns() // 1_000_000, ops)

    @property
    def body(self) -> dict[str, Any]:
        """The request that makes it."""
        return {
            "vault_id": str(self.vault_id),
            "commit": b64(self.commit.raw),
            "signature": b64(self.commit.signature),
            "profile": b64(self._profile),
        }
