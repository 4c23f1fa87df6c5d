"""The one way into a vault: who may do what, and how its signed history grows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from shared import problems
from shared import vault_contents_sql as contents_sql
from shared import vault_log_sql as sql
from shared import vault_roster_sql as roster_sql
from shared.caller import Actor
from shared.db import Connection
from shared.keyarc import commits
from shared.keyarc.commits import (
    Commit,
    Delete,
    Genesis,
    Invite,
    Member,
    Op,
    Profile,
    ProfileMark,
    Put,
    Role,
    State,
)
from shared.keyarc.encoding import Broken, sha256
from shared.keyarc.identity import parse_idcert
from shared.permissions import HOLDERS, OF_MACHINES, Permission
from shared.vault_contents_sql import Content

CREATING: tuple[type[Op], ...] = (Genesis, Profile)
APPENDING: tuple[type[Op], ...] = (Put, Delete)


class Corrupt(Exception):
    """The stored rows of a vault are not what its head was signed for: a fault of the server."""


@dataclass(frozen=True, slots=True)
class Head:
    """The place of a commit in its vault's history; *fresh* unless it was sent before."""

    seq: int
    hash: bytes
    fresh: bool


def require_session(
    conn: Connection, actor: Actor, *, machines: bool = False, invite_id: UUID | None = None
) -> None:
    """Refuse a caller whose session is over, and a machine unless the route is for *machines*.

    Whoever is shown the invitation *invite_id*, and is not of its vault yet, may see its rows.
    """
    standing = sql.standing(conn, actor.session_id, actor.user_id, invite_id=invite_id)
    if standing.machine is None:
        raise problems.SessionEnded
    if standing.machine and not machines:
        raise problems.Forbidden


def require(conn: Connection, actor: Actor, permission: Permission, vault_id: UUID) -> Role:
    """Return the caller's role, in one question with their session.

    A stranger is told what someone is told who asks for a vault that does not exist.
    """
    standing = sql.standing(conn, actor.session_id, actor.user_id, vault_id)
    if standing.machine is None:
        raise problems.SessionEnded
    if standing.role is None:
        raise problems.NotFound
    role = Role(standing.role)
    if role not in HOLDERS[permission] or (standing.machine and permission not in OF_MACHINES):
        raise problems.Forbidden
    return role


def read(
    raw: bytes, signature: bytes, vault_id: UUID | None, actor: Actor, *, only: Collection[type[Op]]
) -> Commit:
    """Return the commit that the caller sends to a vault; it must be their own, and for it.

    Where *vault_id* is None the commit alone names a vault. One with other ops than *only* is
    refused before it can cost anything.
    """
    try:
        commit = commits.parse(raw, signature, only=only)
    except Broken:
        raise problems.BrokenCommit from None
    if (commit.vault_id, commit.author_id) != (vault_id or commit.vault_id, actor.user_id):
        raise problems.BrokenCommit
    return commit


def create(conn: Connection, commit: Commit, profile: bytes, idcert: bytes) -> Head:
    """Begin a vault: a genesis with *idcert*, the one its author registered, and a profile.

    The very same commit again, after a lost answer, is answered like the first time.
    """
    match commit.ops:
        case (Genesis() as genesis, Profile() as op):
            fits = genesis.idcert.raw == idcert and op.blob_hash == sha256(profile)
        case _:
            fits = False
    if not fits:
        raise problems.BrokenCommit
    state = State(commit.vault_id)
    apply(state, commit)
    if sql.add(conn, state, profile):
        roster_sql.admit(conn, commit.vault_id, Role.OWNER, genesis.idcert)
        sql.add_epoch(conn, commit.vault_id, state.epoch, genesis.vk_commit)
        sql.add_commit(conn, commit)
        return Head(commit.seq, commit.hash, fresh=True)
    vault = sql.own(conn, commit.vault_id)
    if vault is None or vault.head_hash != commit.hash:
        raise problems.VaultExists
    return Head(commit.seq, commit.hash, fresh=False)


def append(conn: Connection, commit: Commit, contents: Sequence[Content]) -> Head:
    """Add a commit of puts and deletions, with the content of each put in the order of the puts.

    Whoever comes second with the same number waits here for the first, and is then stale; only
    the very commit that is the head already is answered like the first time.
    """
    puts = _puts(commit, contents)
    vault = sql.lock(conn, commit.vault_id)
    if vault.head_hash == commit.hash:
        return Head(commit.seq, commit.hash, fresh=False)
    touched = sorted(commits.touched(commit.ops))
    state = load(conn, vault, commit)
    _load_secrets(conn, state, touched)
    before = _live(state, touched)
    apply(state, commit)
    sql.add_commit(conn, commit)
    if puts:
        contents_sql.put(conn, commit.vault_id, commit.seq, puts, contents)
    if deletions := [op for op in commit.ops if isinstance(op, Delete)]:
        contents_sql.remove(conn, commit.vault_id, commit.seq, deletions)
    live = vault.secrets - before + _live(state, touched)
    if not sql.advance(conn, state, commit.prev, live):
        raise problems.StaleHead(vault.head_seq, vault.head_hash)
    return Head(commit.seq, commit.hash, fresh=True)


def _puts(commit: Commit, contents: Sequence[Content]) -> list[Put]:
    """Return the puts, refusing ops of another service and content that is not the puts'."""
    puts = [op for op in commit.ops if isinstance(op, Put)]
    told = [(put.secret_id, put.overview_hash, put.details_hash) for put in puts]
    sent = [
        (content.secret_id, sha256(content.overview), sha256(content.details))
        for content in contents
    ]
    if told != sent or not all(isinstance(op, Put | Delete) for op in commit.ops):
        raise problems.BrokenCommit
    return puts


def load(conn: Connection, vault: sql.Vault, commit: Commit) -> State:
    """Return the stored state without secrets, which is all that a commit of members needs."""
    state = State(commit.vault_id, vault.head_seq, vault.head_hash, vault.head_state)
    for member in sql.members(conn, commit.vault_id, commit.author_id):
        idcert = parse_idcert(member.idcert) if member.idcert else None
        state.roster[member.user_id] = Member(Role(member.role), member.idcert_hash, idcert)
    state.invites = {
        invite.invite_id: Invite(
            invite.invite_id, invite.invite_pk, Role(invite.role), invite.expires_ms
        )
        for invite in sql.invites(conn, commit.vault_id)
    }
    state.epochs = [epoch.vk_commit for epoch in sql.epochs(conn, commit.vault_id)]
    state.profile = ProfileMark(vault.profile_epoch, vault.profile_seq, vault.profile_hash)
    state.buckets = [vault.buckets[at : at + 32] for at in range(0, len(vault.buckets), 32)]
    return state


def apply(state: State, commit: Commit) -> None:
    """Let *state* become what follows by the rules of clients, or raise the problem."""
    try:
        commits.apply(state, commit)
    except commits.Stale:
        raise problems.StaleHead(state.seq, state.head) from None
    except commits.Forbidden:
        raise problems.Forbidden from None
    except Broken:
        raise problems.BrokenCommit from None


def _load_secrets(conn: Connection, state: State, buckets: Sequence[int]) -> None:
    """Take in the secrets of *buckets*, which is all that a commit of contents needs."""
    live = contents_sql.live(conn, state.vault_id, buckets)
    deletions = contents_sql.deleted(conn, state.vault_id, buckets)
    deleted = {deletion.secret_id: deletion.version for deletion in deletions}
    try:
        state.load(buckets, live, deleted)
    except Broken as ex:
        raise Corrupt from ex


def _live(state: State, buckets: Sequence[int]) -> int:
    return sum(len(state.secrets[bucket]) for bucket in buckets)
