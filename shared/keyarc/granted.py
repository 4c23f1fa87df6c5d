"""Vault keys that somebody else granted: shares at the server, believed by who had to send them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from .answers import field, items, raw
from .encoding import Broken, parse_id, parse_u64
from .errors import KeyMissing
from .following import History
from .opened import Opened
from .session import Connection
from .sharing import Share, open_share
from .vault_keys import is_vault_key

SHARES = "/api/account/shares"


@dataclass(frozen=True, slots=True)
class SentShare:
    """A share as the server keeps it; *sender_id* is only what the server says."""

    vault_id: UUID
    recipient_id: UUID
    sender_id: UUID
    share: Share

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read one of ``GET /api/account/shares``."""
        return cls(
            vault_id=parse_id(field(media, "vault_id")),
            recipient_id=parse_id(field(media, "recipient_id")),
            sender_id=parse_id(field(media, "sender_id")),
            share=Share(
                epoch=parse_u64(field(media, "epoch")),
                head=raw(media, "head", 32),
                ciphertext=raw(media, "ciphertext"),
                signature=raw(media, "signature", 64),
            ),
        )


def shares(connection: Connection) -> list[SentShare]:
    """Give the newest share of each vault that somebody shared."""
    return items(connection.get(SHARES), "items", SentShare.of)


def share_of(connection: Connection, vault_id: UUID) -> SentShare:
    """Give one's share of a vault; `KeyMissing` where there is none."""
    for sent in shares(connection):
        if sent.vault_id == vault_id:
            return sent
    raise KeyMissing


def keys_of(opened: Opened, history: History) -> Mapping[int, bytes]:
    """Give the keys of a vault at the head of *history*, taking in a new one that was granted."""
    keyring, state = opened.keyring.keyring, history.state
    keys = keyring.vaults[state.vault_id].keys
    key = keys.get(state.epoch)
    if key is None or not is_vault_key(key, state.vault_id, state.epoch, state.epochs):
        sent = share_of(opened.connection, state.vault_id)
        try:
            granted = open_granted(opened, history, sent)
        except Broken:  # whoever changed the key can send what they like: that is none of its keys
            raise KeyMissing from None
        for epoch, vault_key in granted.items():
            keyring.add_vault_key(state.vault_id, epoch, vault_key)
    return keyring.vaults[state.vault_id].keys


def open_granted(opened: Opened, history: History, sent: SentShare) -> dict[int, bytes]:
    """Open a share of the current epoch, which *history* says who had to send."""
    state, own = history.state, opened.keys
    granter = history.granters.get(state.epoch)
    if granter is None or sent.share.epoch != state.epoch:
        raise KeyMissing
    if (sent.recipient_id, sent.sender_id) != (own.user_id, granter.user_id):
        raise Broken
    return open_share(own.identity, granter, state, sent.share)
