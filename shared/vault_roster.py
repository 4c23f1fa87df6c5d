"""How the roster of a vault changes, and with it its key, its profile and its invitations."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from shared import problems, vault_log
from shared import vault_log_sql as log_sql
from shared import vault_roster_sql as sql
from shared.db import Connection
from shared.keyarc.commits import (
    Add,
    Commit,
    How,
    Invite,
    Join,
    Op,
    Profile,
    Rekey,
    Remove,
    Rotate,
    SetRole,
    State,
    Uninvite,
)
from shared.keyarc.encoding import sha256
from shared.vault_log import Head
from shared.vault_roster_sql import Share

CHANGING: tuple[type[Op], ...] = (Add, SetRole, Remove, Rotate, Profile, Invite, Uninvite)
TAKEN: tuple[type[Op], ...] = (*CHANGING, Join, Rekey)

# A rotation gives each of them a share, all in one request of 1 MiB.
MOST_MEMBERS: Final = 200
LONGEST_INVITATION_MS: Final = 366 * 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What comes along with a commit: sealed, and where the commit names it, by its hash."""

    profile: bytes | None = None
    shares: list[Share] = field(default_factory=list)
    invitations: list[tuple[UUID, bytes]] = field(default_factory=list)


def append(conn: Connection, commit: Commit, enclosed: Enclosed | None = None) -> Head:
    """Add a commit of `TAKEN` ops with all that belongs to it, and nothing else; no secret changes.

    It holds the vault's row until the transaction ends: whoever appends to several vaults in one
    transaction does so in the order of their ids, or two of them could wait for each other. That
    a certificate is the one its owner registered is for the caller to know.
    """
    if not all(isinstance(op, TAKEN) for op in commit.ops):
        raise problems.BrokenCommit
    enclosed = enclosed or Enclosed()
    vault = log_sql.lock(conn, commit.vault_id)
    if vault.head_hash == commit.hash:
        return Head(commit.seq, commit.hash, fresh=False)
    state = vault_log.load(conn, vault, commit)
    members, invites = len(state.roster), dict(state.invites)
    vault_log.apply(state, commit)
    if not (_is_whole(commit) and _belongs(commit, state, enclosed)):
        raise problems.BrokenCommit
    if len(state.roster) > max(members, MOST_MEMBERS):
        raise problems.VaultFull
    for op in commit.ops:
        _change(conn, commit, op, state)
    log_sql.add_commit(conn, commit)
    _keep(conn, commit, state, enclosed)
    _keep_invites(conn, commit, invites, state, dict(enclosed.invitations))
    if not log_sql.advance(conn, state, commit.prev, vault.secrets):
        raise problems.StaleHead(vault.head_seq, vault.head_hash)
    return Head(commit.seq, commit.hash, fresh=True)


def is_rotated(commit: Commit) -> bool:
    """Tell whether the vault has another key from *commit* on."""
    return any(isinstance(op, Rotate) for op in commit.ops)


def _is_whole(commit: Commit) -> bool:
    """Tell whether nobody is removed by others but with the key, and no invitation lasts on."""
    removed = {op.user_id for op in commit.ops if isinstance(op, Remove)}
    latest = time.time_ns() // 1_000_000 + LONGEST_INVITATION_MS
    invites = [op for op in commit.ops if isinstance(op, Invite)]
    return (is_rotated(commit) or removed <= {commit.author_id}) and all(
        invite.expires_ms <= latest for invite in invites
    )


def _belongs(commit: Commit, state: State, enclosed: Enclosed) -> bool:
    """Tell whether what came along is what *commit*, which led to *state*, asks for."""
    profiles = [op.blob_hash for op in commit.ops if isinstance(op, Profile)]
    invites = [op.invite_id for op in commit.ops if isinstance(op, Invite)]
    sent = [] if enclosed.profile is None else [sha256(enclosed.profile)]
    return (
        profiles == sent
        and sorted(invites) == sorted(invite_id for invite_id, _ in enclosed.invitations)
        and _recipients(commit, state) == sorted(share.recipient_id for share in enclosed.shares)
        and all(
            (share.head, share.epoch) == (commit.prev, state.epoch) for share in enclosed.shares
        )
    )


def _recipients(commit: Commit, state: State) -> list[UUID]:
    """Return who must be given the vault's keys; a machine that is made has them from its maker."""
    if is_rotated(commit):
        return sorted(state.roster.keys() - {commit.author_id})
    added = [op for op in commit.ops if isinstance(op, Add)]
    return sorted(op.idcert.user_id for op in added if op.how is not How.MACHINE)


def _change(conn: Connection, commit: Commit, op: Op, state: State) -> None:
    vault_id = commit.vault_id
    match op:
        case Add():
            sql.admit(conn, vault_id, op.role, op.idcert, accepted=False)
        case Join():
            sql.admit(conn, vault_id, state.roster[op.idcert.user_id].role, op.idcert)
        case SetRole():
            sql.set_role(conn, vault_id, op.user_id, op.role)
        case Remove():
            sql.remove(conn, vault_id, op.user_id, commit.seq)
        case Rekey():
            sql.rekey(conn, vault_id, op.idcert)
        case Rotate():
            log_sql.add_epoch(conn, vault_id, op.epoch, op.vk_commit)


def _keep(conn: Connection, commit: Commit, state: State, enclosed: Enclosed) -> None:
    if enclosed.profile is not None and state.profile is not None:
        log_sql.set_profile(conn, commit.vault_id, state.profile, enclosed.profile)
    for share in enclosed.shares:
        sql.share(conn, commit.vault_id, commit.author_id, share)


def _keep_invites(
    conn: Connection,
    commit: Commit,
    before: Mapping[UUID, Invite],
    state: State,
    blobs: Mapping[UUID, bytes],
) -> None:
    """Let the open invitations be those of *state*; the ones of before a rotation are all over."""
    stay = {} if is_rotated(commit) else before
    over = [one for one in before if one not in stay or one not in state.invites]
    if over:
        sql.close_invites(conn, commit.vault_id, over)
    seq, author_id = commit.seq, commit.author_id
    # In order: two vaults that open the same ids at once must not wait for each other.
    for invite_id in sorted(state.invites.keys() - stay.keys()):
        invite, blob = state.invites[invite_id], blobs[invite_id]
        if not sql.invite(conn, commit.vault_id, invite, seq=seq, inviter_id=author_id, blob=blob):
            raise problems.BrokenCommit
