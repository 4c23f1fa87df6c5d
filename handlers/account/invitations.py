"""Invitations by link: what its holder finds, and their signed answer."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from falcon import HTTP_CREATED, Request, Response

from handlers.account import invitations_sql as sql
from handlers.account import people_sql, rosters, sessions_sql, vaults, vaults_sql
from shared import db, limits, pages, problems, schemas, vault_history, vault_log
from shared.caller import Actor
from shared.db import Connection
from shared.keyarc.commits import Commit, Join
from shared.operations import Operation
from shared.permissions import Permission
from shared.schemas import Schema, fields
from shared.vault_log import Head


class OpenInvitation(Schema):
    """An invitation as those who keep its vault list it."""

    invite_id = schemas.Id()
    role = vaults.RoleName()
    inviter_id = schemas.Id()
    created_at = fields.AwareDateTime(format="iso")
    expires_at = fields.AwareDateTime(format="iso")


class Page(Schema):
    """Every invitation that nobody used or cancelled: *next* is always null."""

    items = fields.List(schemas.Nested(OpenInvitation))
    next = schemas.U64(allow_none=True)


class Invitation(Schema):
    """What the holder of a link opens, and all that their answer is built on."""

    vault_id = schemas.Id()
    blob = schemas.Bytes()
    expires_at = fields.AwareDateTime(format="iso")
    head = schemas.Nested(vaults.Head)
    buckets = schemas.Bytes()
    idcerts = fields.List(schemas.Bytes())
    profile = schemas.Nested(vaults.Profile)


PAGE = Page()
INVITATION = Invitation()
SIGNED = rosters.Signed()


class VaultInvitations:
    """``/api/account/vaults/{vault_id}/invitations``."""

    operations: ClassVar[Mapping[str, Operation]] = {"on_get": Operation(response=PAGE)}

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response, vault_id: UUID) -> None:
        with self._pool.connection() as conn:
            vault_log.require(conn, req.context.actor, Permission.INVITATION_LIST, vault_id)
            invitations = sql.of(conn, vault_id)
        resp.media = PAGE.dump(pages.page(invitations))


class OneInvitation:
    """``/api/account/invitations/{invite_id}`` and its ``/commits``.

    One that is unknown, used, cancelled or over, or whose inviter may not invite any more, is the
    same to everybody: it is not there.
    """

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_get": Operation(response=INVITATION),
        "on_get_commits": Operation(
            response=vault_history.PAGE, query={"after": "the last commit that is known"}
        ),
        "on_post": Operation(request=SIGNED, response=vault_history.PLACE, status=201),
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response, invite_id: UUID) -> None:
        actor = req.context.actor
        self._count(actor)
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor, invite_id=invite_id)
            invitation = sql.get(conn, invite_id, actor.user_id)
            members = vaults_sql.members(conn, [invitation.vault_id])
        self._forgive(actor)
        resp.media = INVITATION.dump(_told(invitation, members))

    def on_get_commits(self, req: Request, resp: Response, invite_id: UUID) -> None:
        """Give what was signed since the invitation: what came before is for members."""
        after = pages.after(req)
        actor = req.context.actor
        self._count(actor)
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor, invite_id=invite_id)
            invitation = sql.get(conn, invite_id, actor.user_id)
            since = max(after, invitation.seq)
            resp.media = vault_history.page(conn, invitation.vault_id, since)
        self._forgive(actor)

    def on_post(self, req: Request, resp: Response, invite_id: UUID) -> None:
        """Join the vault, by a commit that the joiner and the link have signed."""
        draft = schemas.read(SIGNED, req)
        actor = req.context.actor
        self._count(actor)
        with self._pool.connection() as conn:
            # Whoever rotates keys, or deletes the account, must not miss a vault that is joined.
            sessions_sql.hold_person(conn, actor.user_id)
            vault_log.require_session(conn, actor, invite_id=invite_id)
            commit = vault_log.read(draft["commit"], draft["signature"], None, actor, only=(Join,))
            head = _join(conn, req, commit, invite_id)
        self._forgive(actor)
        resp.status = HTTP_CREATED
        resp.media = vault_history.PLACE.dump(head)

    def _count(self, actor: Actor) -> None:
        limits.take(self._pool, *_tries(actor))

    def _forgive(self, actor: Actor) -> None:
        limits.forgive(self._pool, *_tries(actor))


def _tries(actor: Actor) -> tuple[tuple[limits.Rule, limits.Subject], ...]:
    return (
        (limits.INVITATION_PERSON, actor.user_id),
        (limits.INVITATION_NETWORK, limits.network(actor.address)),
    )


def _join(conn: Connection, req: Request, commit: Commit, invite_id: UUID) -> Head:
    """Append the answer to an invitation; one that was taken already is answered once more."""
    (op,) = commit.ops
    if not isinstance(op, Join) or op.invite_id != invite_id:
        raise problems.BrokenCommit
    if sql.is_taken(conn, commit):
        return Head(commit.seq, commit.hash, fresh=False)
    invitation = sql.get(conn, invite_id, commit.author_id)
    if invitation.member:
        raise problems.AlreadyMember
    registered = people_sql.get(conn, commit.author_id)
    if (commit.vault_id, op.idcert.raw) != (invitation.vault_id, registered.idcert):
        raise problems.BrokenCommit
    return rosters.append(conn, req, commit)


def _told(invitation: sql.Invitation, members: list[vaults_sql.Member]) -> dict[str, Any]:
    return {
        "vault_id": invitation.vault_id,
        "blob": invitation.blob,
        "expires_at": invitation.expires_at,
        "head": {
            "seq": invitation.head_seq,
            "hash": invitation.head_hash,
            "state": invitation.head_state,
        },
        "buckets": invitation.buckets,
        "idcerts": [member.idcert for member in members],
        "profile": {
            "epoch": invitation.profile_epoch,
            "seq": invitation.profile_seq,
            "blob": invitation.profile,
        },
    }
