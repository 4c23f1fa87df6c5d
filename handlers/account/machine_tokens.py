"""A person's machine tokens: who else reads which of their vaults, and until when."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from falcon import HTTP_CREATED, HTTP_NO_CONTENT, Request, Response

from handlers.account import machine_tokens_sql as sql
from handlers.account import notices, proofs, rosters
from shared import audit, db, pages, problems, schemas, vault_log
from shared.audit import Action
from shared.caller import Actor
from shared.db import Connection
from shared.keyarc import encoding, identity
from shared.keyarc.commits import Add, Commit, How, Role
from shared.keyarc.encoding import Broken, ObjectType
from shared.keyarc.identity import IdCert
from shared.letters import Change
from shared.mail import Post
from shared.operations import Operation
from shared.schemas import Schema, fields

MOST_VAULTS = 100
LATEST = datetime(9999, 1, 1, tzinfo=UTC)  # beyond, no client of the database has a date


class MachineToken(Schema):
    """A machine token as its owner recognises it, with the vaults that it reads."""

    machine_id = schemas.Id()
    name = fields.String()
    vaults = fields.List(schemas.Id())
    created_at = fields.AwareDateTime(format="iso")
    expires_at = fields.AwareDateTime(format="iso", allow_none=True)
    last_used_at = fields.AwareDateTime(format="iso", allow_none=True)
    revoked_at = fields.AwareDateTime(format="iso", allow_none=True)
    expired = fields.Boolean()


class Page(Schema):
    """Every machine token there ever was: *next* is always null."""

    items = fields.List(schemas.Nested(MachineToken))
    next = schemas.U64(allow_none=True)


class Draft(Schema):
    """A new machine: what proves its token, its sealed keys, and a commit for each vault."""

    machine_id = schemas.Id(required=True)
    name = schemas.Text(100, required=True)
    auth = schemas.Bytes(32, required=True)
    identity = schemas.Blob(ObjectType.IDENTITY, required=True)
    idcert = schemas.Bytes(required=True)
    keyring = schemas.Blob(ObjectType.KEYRING, required=True)
    expires_at = fields.AwareDateTime(format="iso", required=True, allow_none=True)
    commits = schemas.List(schemas.Nested(rosters.OfVault), longest=MOST_VAULTS, required=True)


PAGE = Page()
DRAFT = Draft()
CREATED = MachineToken(only=("machine_id",))


class MachineTokens:
    """``/api/account/machine-tokens``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_get": Operation(response=PAGE),
        "on_post": Operation(request=DRAFT, response=CREATED, status=201),
    }

    def __init__(self, pool: db.Pool, post: Post) -> None:
        self._pool = pool
        self._post = post

    def on_get(self, req: Request, resp: Response) -> None:
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor)
            tokens = sql.of(conn, actor.user_id)
        resp.media = PAGE.dump(pages.page(tokens))

    def on_post(self, req: Request, resp: Response) -> None:
        """Make a machine, after a fresh proof, and a member of every vault that it is to read."""
        draft = schemas.read(DRAFT, req)
        actor = req.context.actor
        with self._pool.connection() as conn:
            proofs.require(conn, actor)
            _check_expiry(draft["expires_at"])
            idcert = _first_idcert(draft)
            commits = _commits(actor, draft, idcert)
            _add(conn, actor, draft)
            audit.record(conn, req, Action.MACHINE_TOKEN_CREATED, None, idcert.user_id)
            for commit in commits:
                rosters.require(conn, actor, commit.vault_id)
                rosters.append(conn, req, commit)
            notices.tell(conn, self._post, actor, Change.MACHINE)
        resp.status = HTTP_CREATED
        resp.media = CREATED.dump(draft)


class OneMachineToken:
    """``/api/account/machine-tokens/{machine_id}``."""

    operations: ClassVar[Mapping[str, Operation]] = {"on_delete": Operation(status=204)}

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_delete(self, req: Request, resp: Response, machine_id: UUID) -> None:
        """Revoke it: at once, and without a proof, since the reason may be that it leaked."""
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor)
            if sql.revoke(conn, actor.user_id, machine_id):
                audit.record(conn, req, Action.MACHINE_TOKEN_REVOKED, None, machine_id)
        resp.status = HTTP_NO_CONTENT


def _check_expiry(expires_at: datetime | None) -> None:
    if expires_at is not None and not datetime.now(UTC) < expires_at < LATEST:
        raise problems.Invalid({"expires_at": ["Not in the future, or too far in it."]})


def _first_idcert(draft: Mapping[str, Any]) -> IdCert:
    """Return the certificate, refusing what its own key did not sign, or is not the id's first."""
    try:
        idcert = identity.parse_idcert(draft["idcert"])
    except Broken as ex:
        raise problems.Invalid({"idcert": ["Not a valid identity certificate."]}) from ex
    if (idcert.user_id, idcert.key_epoch) != (draft["machine_id"], 1):
        raise problems.Invalid({"idcert": ["Not the first certificate of this id."]})
    return idcert


def _commits(actor: Actor, draft: Mapping[str, Any], idcert: IdCert) -> list[Commit]:
    """Return the commits, each of which adds this machine to its vault as one that only reads."""
    commits = [rosters.read(actor, one, only=(Add,)) for one in draft["commits"]]
    if not commits:
        raise problems.Invalid({"commits": ["A machine reads one vault at least."]})
    added = (Add(idcert, Role.VIEWER, How.MACHINE),)
    if any(commit.ops != added for commit in commits):
        raise problems.BrokenCommit
    return rosters.in_order(commits)


def _add(conn: Connection, actor: Actor, draft: dict[str, Any]) -> None:
    verifier = encoding.verifier(draft["machine_id"], draft["auth"])
    if not sql.add_user(conn, draft["machine_id"]):
        raise problems.AccountExists
    if not sql.add_token(conn, actor.user_id, verifier, draft):
        raise problems.NameTaken
    sql.add_keys(conn, draft)
