"""The access log of a vault: who did what, when and from where, in rows that form a chain.

Nobody signs the rows, the server writes them; but each holds the hash of the one before, and
clients remember how far they saw it. So what was once seen cannot be taken out unnoticed.
"""

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from .answers import field, items, raw, text
from .encoding import lp, parse_id, parse_u64, sha256, u32, u64
from .errors import AuditBroken
from .memories import AuditPin
from .session import Connection

BEGINNING = AuditPin(0, bytes(32))
NOBODY = bytes(16)


@dataclass(frozen=True, slots=True)
class Access:
    """One row. *address* is told to owners, admins and to whoever did it; else None."""

    seq: int
    at_ms: int
    action: str
    user_id: UUID | None
    session_id: UUID | None
    origin: bytes
    object_ids: tuple[UUID, ...]
    address: str | None
    salt: bytes | None

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read one of ``GET …/audit``."""
        return cls(
            seq=parse_u64(field(media, "seq")),
            at_ms=parse_u64(field(media, "at_ms")),
            action=text(media, "action"),
            user_id=_id_or_none(media, "user_id"),
            session_id=_id_or_none(media, "session_id"),
            origin=raw(media, "origin", 32),
            object_ids=tuple(items(media, "object_ids", parse_id)),
            address=None if field(media, "address") is None else text(media, "address"),
            salt=None if field(media, "salt") is None else raw(media, "salt", 16),
        )

    def hash(self, vault_id: UUID, before: bytes) -> bytes:
        """Return the hash of the row, of which *before* is that of the row before."""
        return sha256(
            b"keyarc/ka1/audit\0",
            vault_id.bytes,
            u64(self.seq),
            before,
            u64(self.at_ms),
            lp(self.action.encode()),
            self.user_id.bytes if self.user_id else NOBODY,
            self.session_id.bytes if self.session_id else NOBODY,
            self.origin,
            u32(len(self.object_ids)),
            *(one.bytes for one in self.object_ids),
        )


def audit_head(media: Any) -> AuditPin:
    """Read where a vault's access log ends."""
    return AuditPin(parse_u64(field(media, "seq")), raw(media, "hash", 32))


def follow(
    connection: Connection, vault_id: UUID, start: AuditPin, *ends: AuditPin
) -> list[Access]:
    """Give the rows after *start* up to the last of *ends*; they must go through all of these."""
    at, rows = start, list[Access]()
    last = max(end.seq for end in ends)
    for end in ends:
        if end.seq < start.seq:
            raise AuditBroken
    passed = {at.seq: at.hash}
    while at.seq < last:
        page = _page(connection, vault_id, at.seq)[: last - at.seq]
        if not page:
            raise AuditBroken
        for row in page:
            at = _step(vault_id, at, row)
            passed[at.seq] = at.hash
        rows += page
    if any(passed[end.seq] != end.hash for end in ends):
        raise AuditBroken
    return rows


def _step(vault_id: UUID, at: AuditPin, row: Access) -> AuditPin:
    if row.seq != at.seq + 1:
        raise AuditBroken
    if (row.address is None) != (row.salt is None):
        raise AuditBroken
    if row.salt and row.address and sha256(row.salt, row.address.encode()) != row.origin:
        raise AuditBroken
    return AuditPin(row.seq, row.hash(vault_id, at.hash))


def _page(connection: Connection, vault_id: UUID, after: int) -> list[Access]:
    path = f"/api/keys/vaults/{vault_id}/audit?after={after}"
    return items(connection.get(path), "items", Access.of)


def _id_or_none(media: Any, name: str) -> UUID | None:
    found = field(media, name)
    return None if found is None else parse_id(found)
