"""Changes to secrets, as one signed commit with its sealed blobs."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from . import seal
from .account_keys import Identity
from .answers import field
from .commits import MAX_OPS, Commit, Delete, Put, apply, may, write
from .encoding import Broken, ObjectType, b64, parse_u64, sha256, unb64
from .errors import Failure, Unreachable
from .expiry import reminder_day
from .http import refuse
from .items import Details, Overview
from .session import Connection
from .sync import Secret, VaultView
from .vault_keys import secret_fields

BLOB_BYTES = 64 * 1024
REQUEST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Write:
    """A new secret, or with *secret_id* a new version of one."""

    overview: Overview
    details: Details
    secret_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """The end of a secret; its history stays."""

    secret_id: UUID


Edit = Write | Removal
Plan = Callable[[VaultView], Sequence[Edit]]


def new_value(secret: Secret, overview: Overview, details: Details, value: str) -> Write:
    """Make a version with another first value; what was known about the old one is dropped.

    The same value again is none: it is as old as it was, and no leaver knows it less.
    """
    if value == details.value:
        return Write(overview, details, secret.id)
    fields = (replace(details.fields[0], value=value), *details.fields[1:])
    fresh = replace(overview, check=None, fingerprints=(), rotated_at="0")
    return Write(fresh, replace(details, fields=fields), secret.id)


class Draft:
    """The commit of some edits on one view of a vault; `adopt` makes the view what follows."""

    def __init__(self, view: VaultView, author: Identity, edits: Sequence[Edit]) -> None:
        if len(edits) > MAX_OPS:
            raise Failure(f"one change holds at most {MAX_OPS} secrets, not {len(edits)}")
        self._view = view
        self._overviews: dict[UUID, tuple[Overview, bytes]] = {}
        self._blobs: list[dict[str, str]] = []
        self.reminders: dict[UUID, date | None] = {}  # the days that become others
        now = time.time_ns() // 1_000_000
        ops = [self._op(edit, str(now)) for edit in edits]
        if not all(may(view.state, author.user_id, op) for op in ops):
            raise Failure("your role in this vault allows reading only")
        self.commit: Commit = write(view.state, author, now, ops)

    @property
    def body(self) -> dict[str, Any]:
        """The request that sends it."""
        size = sum(len(text) for blob in self._blobs for text in blob.values())
        if size + 2 * len(self.commit.raw) > REQUEST_BYTES:
            raise Failure("this is more than one change can hold (16 MiB): split it")
        return {
            "commit": b64(self.commit.raw),
            "signature": b64(self.commit.signature),
            "blobs": self._blobs,
        }

    def adopt(self) -> None:
        """Let the view become what the commit leads to."""
        view = self._view
        apply(view.state, self.commit)
        for op in self.commit.ops:
            if isinstance(op, Put):
                overview, sealed = self._overviews[op.secret_id]
                view.secrets[op.secret_id] = Secret(op, overview, sealed)
            elif isinstance(op, Delete):
                del view.secrets[op.secret_id]

    def _op(self, edit: Edit, now: str) -> Put | Delete:
        if isinstance(edit, Removal):
            return Delete(edit.secret_id, self._view.state.next_version(edit.secret_id))
        secret_id = edit.secret_id or uuid4()
        state = self._view.state
        version, epoch = state.next_version(secret_id), state.epoch
        fields = secret_fields(state.vault_id, secret_id, version, epoch)
        key = self._view.keys[epoch]
        rotated = now if edit.overview.rotated_at == "0" else edit.overview.rotated_at
        fresh = replace(edit.overview, updated_at=now, rotated_at=rotated)
        overview = seal.seal(key, ObjectType.SECRET_OVERVIEW, fields, fresh.encode())
        details = seal.seal(key, ObjectType.SECRET_DETAILS, fields, edit.details.encode())
        if max(len(overview), len(details)) > BLOB_BYTES:
            raise Failure(f"{fresh.address} is larger than a secret can be (64 KiB)")
        self._overviews[secret_id] = fresh, overview
        known = self._view.secrets.get(secret_id)
        day = reminder_day(fresh)
        if day != (reminder_day(known.overview) if known else None):
            self.reminders[secret_id] = day
        self._blobs.append(
            {"secret_id": str(secret_id), "overview": b64(overview), "details": b64(details)}
        )
        return Put(secret_id, version, epoch, sha256(overview), sha256(details))


def send(connection: Connection, draft: Draft) -> bool:
    """Send a commit, and let its view become what follows; False where somebody was faster."""
    path, body = f"/api/keys/vaults/{draft.commit.vault_id}/commits", draft.body
    try:
        answer = connection.ask("POST", path, body)
    except Unreachable:
        answer = connection.ask("POST", path, body)  # the same bytes: stored only once
    if answer.status == 409:
        return False
    if answer.status != 201:
        raise refuse(answer)
    said = parse_u64(field(answer.media, "seq")), unb64(field(answer.media, "hash"))
    if said != (draft.commit.seq, draft.commit.hash):
        raise Broken
    draft.adopt()
    return True
