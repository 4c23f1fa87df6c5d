"""Who is of a vault: signed commits of its roster, its key, its profile and its invitations."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from falcon import HTTP_CREATED, Request, Response

from handlers.account import people_sql
from shared import audit, db, limits, problems, schemas, vault_history, vault_log, vault_roster
from shared.audit import Action
from shared.caller import Actor
from shared.db import Connection
from shared.keyarc.commits import (
    Add,
    Commit,
    How,
    Invite,
    Join,
    Op,
    Remove,
    Rotate,
    SetRole,
    Uninvite,
)
from shared.keyarc.encoding import ObjectType
from shared.operations import Operation
from shared.permissions import Permission
from shared.schemas import Schema
from shared.vault_log import Head
from shared.vault_roster import MOST_MEMBERS, Enclosed
from shared.vault_roster_sql import Share

MOST_INVITATIONS = 20  # in one commit

# Whoever changes their keys signs for each vault of theirs in one request: nobody else decides
# that these are too many. Beyond, people join by a link.
MOST_VAULTS = 100


class Signed(Schema):
    """A signed commit."""

    commit = schemas.Bytes(required=True)
    signature = schemas.Bytes(64, required=True)


class OfVault(Signed):
    """A signed commit, and the vault that it is for."""

    vault_id = schemas.Id(required=True)


class SealedShare(Schema):
    """The vault's keys for one member."""

    recipient_id = schemas.Id(required=True)
    epoch = schemas.U64(required=True)
    head = schemas.Bytes(32, required=True)
    ciphertext = schemas.Ciphertext(required=True)
    signature = schemas.Bytes(64, required=True)


class SealedInvitation(Schema):
    """What the holder of a link opens."""

    invite_id = schemas.Id(required=True)
    blob = schemas.Blob(ObjectType.INVITATION, required=True)


class Draft(Signed):
    """A signed commit, and what it asks for: a profile, shares, invitations."""

    profile = schemas.Blob(ObjectType.VAULT_PROFILE, load_default=None, allow_none=True)
    shares = schemas.List(schemas.Nested(SealedShare), longest=MOST_MEMBERS, load_default=list)
    invitations = schemas.List(
        schemas.Nested(SealedInvitation), longest=MOST_INVITATIONS, load_default=list
    )


PEOPLE: dict[type[Op], Action] = {
    Remove: Action.MEMBER_REMOVED,
    SetRole: Action.MEMBER_ROLE_CHANGED,
}
INVITATIONS: dict[type[Op], Action] = {
    Invite: Action.INVITATION_CREATED,
    Join: Action.INVITATION_ACCEPTED,
    Uninvite: Action.INVITATION_CANCELLED,
}

DRAFT = Draft()


class RosterCommits:
    """``/api/account/vaults/{vault_id}/commits``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_post": Operation(request=DRAFT, response=vault_history.PLACE, status=201)
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_post(self, req: Request, resp: Response, vault_id: UUID) -> None:
        """Change who is of a vault, as far as the rules of commits allow it to the author."""
        draft = schemas.read(DRAFT, req)
        actor = req.context.actor
        limits.take(self._pool, (limits.ROSTER_PERSON, actor.user_id))
        with self._pool.connection() as conn:
            require(conn, actor, vault_id)
            commit = read(actor, {"vault_id": vault_id, **draft}, only=vault_roster.CHANGING)
            _check_people(conn, commit)
            head = append(conn, req, commit, _enclosed(draft))
        resp.status = HTTP_CREATED
        resp.media = vault_history.PLACE.dump(head)


def require(conn: Connection, actor: Actor, vault_id: UUID) -> None:
    """Refuse whoever is not of the vault; what its roles may, the rules of commits say."""
    vault_log.require(conn, actor, Permission.ROSTER_CHANGE, vault_id)


def read(actor: Actor, draft: Mapping[str, Any], *, only: Collection[type[Op]]) -> Commit:
    """Return the commit of an `OfVault`."""
    raw, signature = draft["commit"], draft["signature"]
    return vault_log.read(raw, signature, draft["vault_id"], actor, only=only)


def in_order(commits: Iterable[Commit]) -> list[Commit]:
    """Return commits in the one order in which nobody waits for each other."""
    return sorted(commits, key=lambda commit: commit.vault_id)


def append(
    conn: Connection, req: Request, commit: Commit, enclosed: Enclosed | None = None
) -> Head:
    """Append for a caller who may ask for it, and say in the audit log what was done."""
    head = vault_roster.append(conn, commit, enclosed)
    if head.fresh:
        for action, object_ids in _deeds(commit).items():
            audit.record(conn, req, action, commit.vault_id, *object_ids)
    return head


def _enclosed(draft: Mapping[str, Any]) -> Enclosed:
    shares = [Share(**share) for share in draft["shares"]]
    invitations = [(one["invite_id"], one["blob"]) for one in draft["invitations"]]
    return Enclosed(draft["profile"], shares, invitations)


def _check_people(conn: Connection, commit: Commit) -> None:
    """Refuse newcomers who are not registered like that, and other roles for machines.

    A newcomer's row is held: they neither leave nor change their keys until the commit is stored.
    It comes before the vault's row, as wherever both are held.
    """
    adds = [op for op in commit.ops if isinstance(op, Add)]
    added = {op.idcert.user_id: op.idcert.raw for op in adds}
    changed = {op.user_id for op in commit.ops if isinstance(op, SetRole)}
    if added:
        people_sql.hold(conn, list(added))
    if not (added or changed):
        return
    known = {one.user_id: one for one in people_sql.among(conn, [*added, *changed])}
    if any(op.how is How.MACHINE for op in adds) or not added.keys() | changed <= known.keys():
        raise problems.BrokenCommit
    if any(known[user_id].idcert != idcert for user_id, idcert in added.items()):
        raise problems.BrokenCommit
    if any(known[user_id].vaults >= MOST_VAULTS for user_id in added):
        raise problems.BrokenCommit


def _deeds(commit: Commit) -> dict[Action, list[UUID]]:
    """Return what a commit does, and with whom or which."""
    deeds: dict[Action, list[UUID]] = {}
    for op in commit.ops:
        action, object_ids = _deed(commit, op)
        deeds.setdefault(action, []).extend(object_ids)
    return deeds


def _deed(commit: Commit, op: Op) -> tuple[Action, list[UUID]]:
    match op:
        case Add():
            return Action.MEMBER_ADDED, [op.idcert.user_id]
        case Remove(user_id=commit.author_id):
            return Action.MEMBER_LEFT, [op.user_id]
        case SetRole() | Remove():
            return PEOPLE[type(op)], [op.user_id]
        case Invite() | Uninvite() | Join():
            return INVITATIONS[type(op)], [op.invite_id]
        case _:
            return Action.VAULT_ROTATED if isinstance(op, Rotate) else Action.VAULT_CHANGED, []
