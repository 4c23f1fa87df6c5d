"""What a keyring remembers of a vault, of a person and of an invitation, and its JSON."""

from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, get_args
from uuid import UUID

from .commits import Role, State
from .encoding import Broken, b64, parse_id, parse_u64, unb64
from .identity import IdCert, parse_idcert
from .pins import decode_pin, encode_pin, members, pairs, read_role, read_text
from .vault_keys import VAULT_KEY

Verified = Literal["link", "words"]

_HASH: Final = 32


@dataclass(frozen=True)
class Known:
    """A person whose identity was made sure of, how, and the address they are known by here."""

    idcert: IdCert
    verified: Verified
    email: str = ""


class AuditPin(NamedTuple):
    """How far the access log of a vault had come: its last row's number and hash."""

    seq: int
    hash: bytes


@dataclass(frozen=True)
class SentInvitation:
    """An invitation that this person made; *email* is for whom, or empty."""

    vault_id: UUID
    role: Role
    email: str
    expires_ms: int


@dataclass
class VaultKeys:
    """The keys of a vault by epoch, and the last state of it that was verified.

    *pin* is a public state (`State.public`); None while the vault is being created. A vault that
    was *left* is not expected from the server any more.
    """

    keys: dict[int, bytes] = field(default_factory=dict, repr=False)
    pin: State | None = None
    audit: AuditPin | None = None
    left: bool = False

    def is_candidate(self, epoch: int) -> bool:
        """Tell whether the history, as far as it is known here, has no key of that epoch yet.

        Whoever changes a vault's key keeps the new one before the change is sent, and somebody
        else may change it first: so the key of such an epoch may still become another.
        """
        return self.pin is not None and epoch > self.pin.epoch


def write_vault(vault: VaultKeys) -> dict[str, Any]:
    """Return the JSON of what is remembered of a vault."""
    audit = vault.audit
    return {
        "keys": {str(epoch): b64(key) for epoch, key in sorted(vault.keys.items())},
        "pin": None if vault.pin is None else encode_pin(vault.pin),
        "audit": None if audit is None else [str(audit.seq), b64(audit.hash)],
        "left": vault.left,
    }


def read_vault(vault_id: UUID, media: Any) -> VaultKeys:
    """Read what `write_vault` wrote."""
    vault = members(media, "keys", "pin", "audit", "left")
    keys = {parse_u64(epoch): unb64(key, VAULT_KEY) for epoch, key in pairs(vault["keys"])}
    pin, left = vault["pin"], vault["left"]
    if 0 in keys or not isinstance(left, bool):
        raise Broken
    pinned = None if pin is None else decode_pin(vault_id, pin)
    return VaultKeys(keys, pinned, _read_audit(vault["audit"]), left)


def _read_audit(media: Any) -> AuditPin | None:
    if media is None:
        return None
    if not isinstance(media, list) or len(media) != 2:
        raise Broken
    return AuditPin(parse_u64(media[0]), unb64(media[1], _HASH))


def write_known(known: Known) -> dict[str, Any]:
    """Return the JSON of what is remembered of a person."""
    return {
        "idcert": b64(known.idcert.raw),
        "verified": known.verified,
        "email": known.email,
    }


def read_known(user_id: str, media: Any) -> Known:
    """Read what `write_known` wrote."""
    known = members(media, "idcert", "verified", "email")
    idcert = parse_idcert(unb64(known["idcert"]))
    if known["verified"] not in get_args(Verified) or str(idcert.user_id) != user_id:
        raise Broken
    return Known(idcert, known["verified"], read_text(known["email"]))


def write_sent(sent: SentInvitation) -> dict[str, Any]:
    """Return the JSON of what is remembered of an invitation."""
    return {
        "vault_id": str(sent.vault_id),
        "role": int(sent.role),
        "email": sent.email,
        "expires_ms": str(sent.expires_ms),
    }


def read_sent(media: Any) -> SentInvitation:
    """Read what `write_sent` wrote."""
    sent = members(media, "vault_id", "role", "email", "expires_ms")
    return SentInvitation(
        parse_id(sent["vault_id"]),
        read_role(sent["role"]),
        read_text(sent["email"]),
        parse_u64(sent["expires_ms"]),
    )
