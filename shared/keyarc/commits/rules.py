"""Which commit may follow which state: the one place where a vault's rules stand."""

from collections.abc import Sequence
from typing import Final, assert_never
from uuid import UUID

from ..encoding import Broken
from ..identity import IdCert, parse_idcert
from ..identity import verify as verify_signature
from .log import Commit, Signer, build, join_message, parse, verify
from .ops import (
    Add,
    Delete,
    Genesis,
    Invite,
    Join,
    Op,
    Profile,
    Put,
    Rekey,
    Remove,
    Role,
    Rotate,
    SetRole,
    Uninvite,
)
from .state import Member, ProfileMark, State, bucket_hash, bucket_of, touched

_KEEPERS: Final = frozenset({Role.OWNER, Role.ADMIN})
_WRITERS: Final = _KEEPERS | {Role.MEMBER}
_WHO: Final[dict[type[Op], frozenset[Role]]] = {
    Put: _WRITERS,
    Delete: _WRITERS,
    SetRole: frozenset({Role.OWNER}),
    Rotate: _KEEPERS,
    Profile: _KEEPERS,
    Uninvite: _KEEPERS,
}


class Forbidden(Broken):
    """The author's role does not allow the commit."""


class Stale(Broken):
    """The commit does not follow the head."""


def apply(state: State, commit: Commit) -> None:
    """Verify *commit* and let *state* become what follows; on any error *state* is as before."""
    if commit.vault_id != state.vault_id:
        raise Broken
    if (commit.seq, commit.prev) != (state.seq + 1, state.head):
        raise Stale
    verify(commit, _author(state, commit))
    draft = _outcome(state, commit.author_id, commit.time_ms, commit.ops)
    if draft.buckets is not None and draft.hash() != commit.state:
        raise Broken
    draft.seq, draft.head, draft.signed = commit.seq, commit.hash, commit.state
    state.adopt(draft)


def write(state: State, author: Signer, time_ms: int, ops: Sequence[Op]) -> Commit:
    """Return the signed commit of *ops* on *state*, which stays as it is until `apply`."""
    draft = _outcome(state, author.user_id, time_ms, ops)
    raw = build(
        vault_id=state.vault_id,
        seq=state.seq + 1,
        prev=state.head,
        time_ms=time_ms,
        author_id=author.user_id,
        author_key_epoch=author.key_epoch,
        state=draft.hash(),
        ops=ops,
    )
    return parse(raw, author.sign(raw))


def may(state: State, author_id: UUID, op: Op) -> bool:
    """Return whether the author's role in *state* allows *op*."""
    role = state.roster[author_id].role
    match op:
        case Add(role=given) | Invite(role=given):
            return role is Role.OWNER or (role is Role.ADMIN and given not in _KEEPERS)
        case Remove(user_id=user_id):
            member = state.roster.get(user_id)
            ordinary = member is None or member.role not in _KEEPERS
            return user_id == author_id or role is Role.OWNER or (role is Role.ADMIN and ordinary)
        case Rekey():
            return op.idcert.user_id == author_id
        case _:
            return role in _WHO.get(type(op), ())


def _author(state: State, commit: Commit) -> IdCert:
    """Return the certificate that the commit must be signed with."""
    first = commit.ops[0]
    if isinstance(first, Genesis | Join):
        return first.idcert
    member = state.roster.get(commit.author_id)
    if member is None:
        raise Forbidden
    if member.idcert is None:
        raise Broken
    return member.idcert


def _outcome(state: State, author_id: UUID, time_ms: int, ops: Sequence[Op]) -> State:
    """Return a copy of *state* after *ops*, each of which is allowed by *state* as it is."""
    draft = state.draft(ops)
    judged, rest = state, ops
    if isinstance(ops[0], Genesis):
        _begin(draft, ops[0])
        judged, rest = draft, ops[1:]
    elif isinstance(ops[0], Join):
        _join(draft, ops[0], time_ms)
        rest = ops[1:]
    if rest and author_id not in judged.roster:
        raise Forbidden
    if not all(may(judged, author_id, op) for op in rest):
        raise Forbidden
    for op in rest:
        _do(draft, op)
    if draft.buckets is not None:
        for bucket in touched(ops):
            draft.buckets[bucket] = bucket_hash(draft.secrets[bucket].values())
    return draft


def _begin(draft: State, op: Genesis) -> None:
    draft.roster[op.idcert.user_id] = Member(Role.OWNER, op.idcert.hash, op.idcert)
    draft.epochs.append(op.vk_commit)


def _join(draft: State, op: Join, time_ms: int) -> None:
    invite = draft.invites.pop(op.invite_id, None)
    if invite is None or time_ms > invite.expires_ms:
        raise Broken
    verify_signature(
        invite.public_key, join_message(draft.vault_id, op.invite_id, op.idcert), op.signature
    )
    _admit(draft, op.idcert, invite.role)


def _admit(draft: State, idcert: IdCert, role: Role) -> None:
    if idcert.user_id in draft.roster:
        raise Broken
    draft.roster[idcert.user_id] = Member(role, idcert.hash, idcert)


def _do(draft: State, op: Op) -> None:
    match op:
        case Put() | Delete():
            _write_secret(draft, op)
        case Add():
            _admit(draft, op.idcert, op.role)
        case SetRole() | Remove() | Rekey():
            _change_member(draft, op)
        case Rotate() | Profile():
            _change_vault(draft, op)
        case Invite() | Uninvite():
            _change_invites(draft, op)
        case Genesis() | Join():
            raise Broken
        case _:
            assert_never(op)


def _change_member(draft: State, op: SetRole | Remove | Rekey) -> None:
    user_id = op.idcert.user_id if isinstance(op, Rekey) else op.user_id
    member = draft.roster.pop(user_id, None)
    if member is None:
        raise Broken
    match op:
        case SetRole():
            draft.roster[user_id] = Member(op.role, member.idcert_hash, member.idcert)
        case Rekey():
            parse_idcert(op.idcert.raw, previous=member.idcert)
            draft.roster[user_id] = Member(member.role, op.idcert.hash, op.idcert)
    if not any(member.role is Role.OWNER for member in draft.roster.values()):
        raise Forbidden


def _change_vault(draft: State, op: Rotate | Profile) -> None:
    if isinstance(op, Profile):
        if op.epoch != draft.epoch:
            raise Broken
        draft.profile = ProfileMark(op.epoch, draft.seq + 1, op.blob_hash)
    else:
        if op.epoch != draft.epoch + 1:
            raise Broken
        draft.epochs.append(op.vk_commit)
        draft.invites.clear()


def _change_invites(draft: State, op: Invite | Uninvite) -> None:
    known = op.invite_id in draft.invites
    if known == isinstance(op, Invite):
        raise Broken
    if isinstance(op, Invite):
        draft.invites[op.invite_id] = op
    else:
        del draft.invites[op.invite_id]


def _write_secret(draft: State, op: Put | Delete) -> None:
    if isinstance(op, Put) and op.epoch != draft.epoch:
        raise Broken
    if draft.buckets is None:
        return
    known = draft.secrets[bucket_of(op.secret_id)]
    if op.version != draft.next_version(op.secret_id):
        raise Broken
    if isinstance(op, Put):
        draft.deleted.pop(op.secret_id, None)
        known[op.secret_id] = op
    elif known.pop(op.secret_id, None) is None:
        raise Broken
    else:
        draft.deleted[op.secret_id] = op.version
