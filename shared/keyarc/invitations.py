"""Invitations by link: all that they hold comes from one secret, which no server sees."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from . import hkdf, seal
from .commits import Invite, Join, Role, State, join_message, may
from .encoding import Broken, ObjectType, b64, parse_id, parse_u64, strict_json, unb64
from .identity import IdCert, parse_idcert
from .pins import decode_pin, encode_pin, integer, members, pairs, read_role, read_text
from .vault_keys import VAULT_KEY, check_vault_key

_FORMAT: Final = 1
_SECRET: Final = 32


@dataclass(frozen=True)
class InvitationKeys:
    """What the secret of a link comes to: the invitation's id and its two keys."""

    invite_id: UUID
    signer: Ed25519PrivateKey = field(repr=False)
    seal_key: bytes = field(repr=False)

    @classmethod
    def derive(cls, secret: bytes) -> Self:
        """Compute them."""
        if len(secret) != _SECRET:
            raise Broken
        mk = hkdf.derive(secret, bytes(32), b"keyarc/ka1/invitation\0", 32)
        seed = hkdf.expand(mk, b"keyarc/ka1/invite-sign", 32)
        return cls(
            UUID(bytes=hkdf.expand(mk, b"keyarc/ka1/invite-id", 16)),
            Ed25519PrivateKey.from_private_bytes(seed),
            hkdf.expand(mk, b"keyarc/ka1/invite-seal", 32),
        )

    @property
    def public_key(self) -> bytes:
        """The key that the vault's history names."""
        return self.signer.public_key().public_bytes_raw()

    def invite(self, role: Role, expires_ms: int) -> Invite:
        """Return the op that opens the invitation."""
        return Invite(self.invite_id, self.public_key, role, expires_ms)

    def join(self, vault_id: UUID, idcert: IdCert) -> Join:
        """Return the op that answers it."""
        signed = self.signer.sign(join_message(vault_id, self.invite_id, idcert))
        return Join(self.invite_id, idcert, signed)


@dataclass(frozen=True)
class Invitation:
    """What the inviter tells the joiner; *pin* is the vault's state after it was opened."""

    inviter: IdCert
    email: str
    role: Role
    expires_ms: int
    pin: State
    keys: Mapping[int, bytes] = field(repr=False)

    @property
    def vault_id(self) -> UUID:
        """The vault's id."""
        return self.pin.vault_id

    def seal(self, link: InvitationKeys) -> bytes:
        """Return the type 50 object."""
        fields = invitation_fields(self.vault_id, link.invite_id)
        return seal.seal(link.seal_key, ObjectType.INVITATION, fields, self.encode())

    @classmethod
    def open(cls, link: InvitationKeys, vault_id: UUID, blob: bytes) -> Self:
        """Return what the inviter sealed, if it agrees with itself.

        The state must name the inviter, who may invite to that role, and this invitation; and
        there must be the current key, each key being the one of its epoch.
        """
        fields = invitation_fields(vault_id, link.invite_id)
        opened = cls.decode(seal.open(link.seal_key, ObjectType.INVITATION, fields, blob))
        pin, invite = opened.pin, link.invite(opened.role, opened.expires_ms)
        inviter = pin.roster.get(opened.inviter.user_id)
        if inviter is None or inviter.idcert_hash != opened.inviter.hash:
            raise Broken
        if not may(pin, opened.inviter.user_id, invite) or pin.epoch not in opened.keys:
            raise Broken
        if opened.vault_id != vault_id or pin.invites.get(link.invite_id) != invite:
            raise Broken
        for epoch, vault_key in opened.keys.items():
            check_vault_key(vault_key, vault_id, epoch, pin.epochs)
        return opened

    def encode(self) -> bytes:
        """Return the plaintext of a type 50 object."""
        media = {
            "ka": _FORMAT,
            "vault_id": str(self.vault_id),
            "inviter": b64(self.inviter.raw),
            "email": self.email,
            "role": int(self.role),
            "expires_ms": str(self.expires_ms),
            "pin": encode_pin(self.pin),
            "keys": {str(epoch): b64(key) for epoch, key in sorted(self.keys.items())},
        }
        return json.dumps(media, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def decode(cls, plaintext: bytes) -> Self:
        """Read the plaintext of a type 50 object."""
        names = ("ka", "vault_id", "inviter", "email", "role", "expires_ms", "pin", "keys")
        media = members(strict_json(plaintext), *names)
        if integer(media["ka"]) != _FORMAT:
            raise Broken
        return cls(
            parse_idcert(unb64(media["inviter"])),
            read_text(media["email"]),
            read_role(media["role"]),
            parse_u64(media["expires_ms"]),
            decode_pin(parse_id(media["vault_id"]), media["pin"]),
            _read_keys(media["keys"]),
        )


def make_secret() -> bytes:
    """Return the secret of a new link."""
    return os.urandom(_SECRET)


def invitation_fields(vault_id: UUID, invite_id: UUID) -> tuple[bytes, bytes]:
    """Return the context of an invitation."""
    return (vault_id.bytes, invite_id.bytes)


def _read_keys(media: Any) -> dict[int, bytes]:
    return {parse_u64(epoch): unb64(key, VAULT_KEY) for epoch, key in pairs(media)}
