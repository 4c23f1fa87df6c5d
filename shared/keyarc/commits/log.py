"""A commit: the signed link of a vault's history, as bytes and as fields."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol
from uuid import UUID

from ..encoding import Broken, Reader, sha256, u32, u64
from ..identity import SIGNATURE, IdCert
from ..identity import verify as verify_signature
from .ops import (
    Add,
    Delete,
    Genesis,
    Invite,
    Join,
    Op,
    Put,
    Rekey,
    Remove,
    SetRole,
    Uninvite,
    read_op,
    write_op,
)

MAX_OPS: Final = 10_000
NO_HASH: Final = bytes(32)

_PREFIX: Final = b"keyarc/ka1/commit\0"


class Signer(Protocol):
    """Whoever writes commits: `account_keys.Identity`."""

    @property
    def user_id(self) -> UUID:
        """Return whose signatures these are."""

    @property
    def key_epoch(self) -> int:
        """Return which of their keys signs."""

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature of *message*."""


@dataclass(frozen=True)
class Commit:
    """One commit, made by `parse`; its signature is not checked until `verify`."""

    vault_id: UUID
    seq: int
    prev: bytes
    time_ms: int
    author_id: UUID
    author_key_epoch: int
    state: bytes
    ops: tuple[Op, ...]
    raw: bytes
    signature: bytes

    @cached_property
    def hash(self) -> bytes:
        """H of the commit and its signature: what the next one names as ``prev``."""
        return sha256(self.raw, self.signature)


def build(
    *,
    vault_id: UUID,
    seq: int,
    prev: bytes,
    time_ms: int,
    author_id: UUID,
    author_key_epoch: int,
    state: bytes,
    ops: Sequence[Op],
) -> bytes:
    """Return the bytes that the author signs."""
    head = (
        _PREFIX,
        vault_id.bytes,
        u64(seq),
        prev,
        u64(time_ms),
        author_id.bytes,
        u64(author_key_epoch),
        state,
        u32(len(ops)),
    )
    return b"".join((*head, *map(write_op, ops)))


def parse(raw: bytes, signature: bytes, *, only: Collection[type[Op]] | None = None) -> Commit:
    """Return the commit, refusing what no author may write whatever the state.

    A server that takes *only* some ops verifies the certificates of no others.
    """
    reader = Reader(raw)
    if reader.take(len(_PREFIX)) != _PREFIX or len(signature) != SIGNATURE:
        raise Broken
    vault_id, seq, prev, time_ms = reader.id(), reader.u64(), reader.take(32), reader.u64()
    author_id, author_key_epoch, state = reader.id(), reader.u64(), reader.take(32)
    count = reader.u32()
    if not 1 <= count <= MAX_OPS:
        raise Broken
    ops = tuple([read_op(reader, only) for _ in range(count)])
    reader.end()
    _check_ops(seq, prev, ops)
    return Commit(
        vault_id, seq, prev, time_ms, author_id, author_key_epoch, state, ops, raw, signature
    )


def verify(commit: Commit, idcert: IdCert) -> None:
    """Refuse a commit that is not signed by the key of *idcert*, in its author's name."""
    if (commit.author_id, commit.author_key_epoch) != (idcert.user_id, idcert.key_epoch):
        raise Broken
    verify_signature(idcert.ed_pk, commit.raw, commit.signature)


def join_message(vault_id: UUID, invite_id: UUID, idcert: IdCert) -> bytes:
    """Return what the invitation's key signs in a `Join`."""
    return b"keyarc/ka1/sig/join\0" + vault_id.bytes + invite_id.bytes + idcert.hash


def _check_ops(seq: int, prev: bytes, ops: tuple[Op, ...]) -> None:
    first = isinstance(ops[0], Genesis)
    if first != (seq == 1) or first != (prev == NO_HASH) or seq < 1:
        raise Broken
    if any(isinstance(op, Genesis) for op in ops[1:]):
        raise Broken
    if len(ops) > 1 and any(isinstance(op, Join) for op in ops):
        raise Broken
    if len({_subject(op) for op in ops}) != len(ops):
        raise Broken


def _subject(op: Op) -> tuple[str, UUID | None]:
    """Return what *op* is about: a commit touches each secret, person and invitation once."""
    match op:
        case Put() | Delete():
            return ("secret", op.secret_id)
        case SetRole() | Remove():
            return ("person", op.user_id)
        case Add() | Rekey() | Genesis():
            return ("person", op.idcert.user_id)
        case Invite() | Uninvite() | Join():
            return ("invite", op.invite_id)
        case _:
            return (type(op).__name__, None)
