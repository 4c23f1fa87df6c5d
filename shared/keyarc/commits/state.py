"""What the commits of a vault add up to, and the hash of it that each of them signs."""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Self
from uuid import UUID

from ..encoding import Broken, sha256, u64
from ..identity import IdCert
from .log import NO_HASH
from .ops import Delete, Invite, Op, Put, Role, body

BUCKETS: Final = 256


@dataclass(frozen=True, slots=True)
class Member:
    """Someone of the roster; *idcert* is there once it was introduced."""

    role: Role
    idcert_hash: bytes
    idcert: IdCert | None = None


class ProfileMark(NamedTuple):
    """Which profile is the vault's: its epoch, the commit that set it, H of its blob."""

    epoch: int
    seq: int
    blob_hash: bytes


def bucket_of(secret_id: UUID) -> int:
    """Return the number of the bucket that a secret falls in: the first byte of its id."""
    return secret_id.int >> 120


def touched(ops: Iterable[Op]) -> set[int]:
    """Return the buckets that *ops* change."""
    return {bucket_of(op.secret_id) for op in ops if isinstance(op, Put | Delete)}


def bucket_hash(puts: Iterable[Put]) -> bytes:
    """Return b_i of the live secrets of a bucket."""
    rows = sorted(body(put) for put in puts)
    return sha256(*rows) if rows else NO_HASH


@dataclass
class State:
    """The state of a vault after commit *seq*.

    ``State(vault_id)`` is the vault before its genesis. Three sizes of it serve:

    - whole: every live secret is known;
    - in part (a server): all of *buckets*, but *secrets* only of those that were `load`-ed;
    - public (a device, from its pin): *buckets* is None. Commits then move everything but the
      secrets, and `settle` compares the whole with the list that the server gave.

    *secrets* holds, by bucket, the last put of each live secret; *deleted* the version that a
    deletion took; *signed* the state hash in the head commit.
    """

    vault_id: UUID
    seq: int = 0
    head: bytes = NO_HASH
    signed: bytes = NO_HASH
    roster: dict[UUID, Member] = field(default_factory=dict)
    invites: dict[UUID, Invite] = field(default_factory=dict)
    epochs: list[bytes] = field(default_factory=list)
    profile: ProfileMark | None = None
    buckets: list[bytes] | None = field(default_factory=lambda: [NO_HASH] * BUCKETS)
    secrets: dict[int, dict[UUID, Put]] = field(
        default_factory=lambda: {bucket: {} for bucket in range(BUCKETS)}
    )
    deleted: dict[UUID, int] = field(default_factory=dict)

    @property
    def epoch(self) -> int:
        """The current epoch; 0 before the genesis."""
        return len(self.epochs)

    def hash(self) -> bytes:
        """Return the state hash; needs *buckets*."""
        if self.buckets is None:
            raise Broken
        return self._hash_with(self.buckets)

    def introduce(self, idcert: IdCert) -> None:
        """Give a member of the roster the certificate that its hash stands for."""
        member = self.roster.get(idcert.user_id)
        if member is None or member.idcert_hash != idcert.hash:
            raise Broken
        self.roster[idcert.user_id] = Member(member.role, member.idcert_hash, idcert)

    def load(
        self, buckets: Iterable[int], puts: Iterable[Put], deleted: Mapping[UUID, int]
    ) -> None:
        """Take in every live secret of some *buckets*, and the versions of deletions there."""
        loaded: dict[int, dict[UUID, Put]] = {bucket: {} for bucket in buckets}
        for put in puts:
            loaded[bucket_of(put.secret_id)][put.secret_id] = put
        for bucket, known in loaded.items():
            if self.buckets is None or bucket_hash(known.values()) != self.buckets[bucket]:
                raise Broken
        self.secrets |= loaded
        self.deleted |= deleted

    def settle(self, puts: Iterable[Put], deleted: Mapping[UUID, int]) -> None:
        """Take in the list of every live secret, refusing one that the head does not sign."""
        secrets: dict[int, dict[UUID, Put]] = {bucket: {} for bucket in range(BUCKETS)}
        for put in puts:
            known = secrets[bucket_of(put.secret_id)]
            if put.secret_id in known:
                raise Broken
            known[put.secret_id] = put
        buckets = [bucket_hash(secrets[bucket].values()) for bucket in range(BUCKETS)]
        if self._hash_with(buckets) != self.signed:
            raise Broken
        self.buckets, self.secrets, self.deleted = buckets, secrets, dict(deleted)

    def public(self) -> "State":
        """Return a copy without secrets and certificates: what a keyring keeps."""
        roster = {one: Member(who.role, who.idcert_hash) for one, who in self.roster.items()}
        return State(
            self.vault_id,
            self.seq,
            self.head,
            self.signed,
            roster,
            dict(self.invites),
            list(self.epochs),
            self.profile,
            None,
            {},
        )

    def secret(self, secret_id: UUID) -> Put | None:
        """Return the last put of a live secret."""
        return self.secrets[bucket_of(secret_id)].get(secret_id)

    def next_version(self, secret_id: UUID) -> int:
        """Return the version that the next put or deletion of a secret takes."""
        put = self.secret(secret_id)
        return (put.version if put else self.deleted.get(secret_id, 0)) + 1

    def draft(self, ops: Iterable[Op]) -> Self:
        """Return a copy that *ops* can be tried on: it shares the buckets they do not touch."""
        draft = copy(self)
        draft.roster, draft.invites = dict(self.roster), dict(self.invites)
        draft.epochs, draft.deleted = list(self.epochs), dict(self.deleted)
        if self.buckets is not None:
            draft.buckets = list(self.buckets)
            draft.secrets = self.secrets | {b: dict(self.secrets[b]) for b in touched(ops)}
        return draft

    def adopt(self, draft: Self) -> None:
        """Become *draft*."""
        vars(self).update(vars(draft))

    def _hash_with(self, buckets: Iterable[bytes]) -> bytes:
        roster = (
            user_id.bytes + bytes([member.role]) + member.idcert_hash
            for user_id, member in sorted(self.roster.items())
        )
        invites = sorted(map(body, self.invites.values()))
        epochs = (u64(epoch) + commit for epoch, commit in enumerate(self.epochs, start=1))
        profile = NO_HASH
        if self.profile is not None:
            mark = self.profile
            profile = sha256(u64(mark.epoch), u64(mark.seq), mark.blob_hash)
        parts = (sha256(*roster), sha256(*invites), sha256(*epochs), profile)
        return sha256(b"keyarc/ka1/state\0", *parts, *buckets)
