"""The vaults of a person: the list, the beginning of a new one, and the end of one."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from falcon import HTTP_CREATED, HTTP_NO_CONTENT, Request, Response

from handlers.account import people_sql, proofs, sessions_sql
from handlers.account import vaults_sql as sql
from shared import audit, db, pages, problems, schemas, vault_log
from shared.audit import Action
from shared.keyarc.commits import Role
from shared.keyarc.encoding import ObjectType
from shared.operations import Operation
from shared.permissions import Permission
from shared.schemas import Schema, fields

ROLES = {role.value: role.name.lower() for role in Role}


class Head(Schema):
    """Where the history of a vault stands."""

    seq = schemas.U64()
    hash = schemas.Bytes()
    state = schemas.Bytes()


class Profile(Schema):
    """The sealed name, description and icon of a vault."""

    epoch = schemas.U64()
    seq = schemas.U64()
    blob = schemas.Bytes()


class RoleName(fields.String):
    """A role by its name; null for someone who has left."""

    def _serialize(self, value: Any, *_args: Any, **_kwargs: Any) -> str | None:
        return ROLES.get(value)


class Member(Schema):
    """Someone who is or was of a vault, with the certificate that verifies their commits."""

    user_id = schemas.Id()
    role = RoleName(allow_none=True)
    idcert = schemas.Bytes()


class Vault(Schema):
    """A vault as one of its members sees it in a list."""

    vault_id = schemas.Id()
    role = RoleName()
    joined_at = fields.AwareDateTime(format="iso")
    head = fields.Nested(Head)
    profile = fields.Nested(Profile)
    secrets = fields.Integer()
    members = fields.List(fields.Nested(Member))


class Page(Schema):
    """Every vault of the person: *next* is always null."""

    items = fields.List(fields.Nested(Vault))
    next = schemas.U64(allow_none=True)


class Draft(Schema):
    """A new vault: its signed genesis, and the profile that the genesis names."""

    vault_id = schemas.Id(required=True)
    commit = schemas.Bytes(required=True)
    signature = schemas.Bytes(64, required=True)
    profile = schemas.Blob(ObjectType.VAULT_PROFILE, required=True)


class Created(Schema):
    """The head of the new vault."""

    vault_id = schemas.Id()
    seq = schemas.U64()
    hash = schemas.Bytes()


PAGE = Page()
DRAFT = Draft()
CREATED = Created()


class Vaults:
    """``/api/account/vaults``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_get": Operation(response=PAGE),
        "on_post": Operation(request=DRAFT, response=CREATED, status=201),
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response) -> None:
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor, machines=True)
            vaults = sql.of(conn, actor.user_id)
            members = sql.members(conn, [vault.vault_id for vault in vaults])
        roster: dict[UUID, list[sql.Member]] = defaultdict(list)
        for member in members:
            roster[member.vault_id].append(member)
        # One without anybody was deleted between the two questions.
        items = [
            _item(vault, roster[vault.vault_id]) for vault in vaults if vault.vault_id in roster
        ]
        resp.media = PAGE.dump(pages.page(items))

    def on_post(self, req: Request, resp: Response) -> None:
        draft = schemas.read(DRAFT, req)
        actor = req.context.actor
        vault_id = draft["vault_id"]
        with self._pool.connection() as conn:
            # Whoever rotates keys, or deletes the account, must not miss a vault that begins now.
            sessions_sql.hold_person(conn, actor.user_id)
            vault_log.require_session(conn, actor)
            raw, signature = draft["commit"], draft["signature"]
            commit = vault_log.read(raw, signature, vault_id, actor, only=vault_log.CREATING)
            person = people_sql.get(conn, actor.user_id)
            head = vault_log.create(conn, commit, draft["profile"], person.idcert)
            if head.fresh:
                audit.record(conn, req, Action.VAULT_CREATED, vault_id)
        resp.status = HTTP_CREATED
        resp.media = CREATED.dump({"vault_id": vault_id, "seq": head.seq, "hash": head.hash})


class OneVault:
    """``/api/account/vaults/{vault_id}``."""

    operations: ClassVar[Mapping[str, Operation]] = {"on_delete": Operation(status=204)}

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_delete(self, req: Request, resp: Response, vault_id: UUID) -> None:
        """Delete it, after a fresh proof: at once, for good, and with its history."""
        actor = req.context.actor
        with self._pool.connection() as conn:
            proofs.require(conn, actor)
            vault_log.require(conn, actor, Permission.VAULT_DELETE, vault_id)
            if not sql.remove(conn, vault_id):
                raise problems.VaultsShared([str(vault_id)])
            audit.record(conn, req, Action.VAULT_DELETED, None, vault_id)
        resp.status = HTTP_NO_CONTENT


def _item(vault: sql.Vault, members: list[sql.Member]) -> dict[str, Any]:
    head = {"seq": vault.head_seq, "hash": vault.head_hash, "state": vault.head_state}
    profile = {
        "epoch": vault.profile_epoch,
        "seq": vault.profile_seq,
        "blob": vault.profile,
    }
    return {
        "vault_id": vault.vault_id,
        "role": vault.role,
        "joined_at": vault.joined_at,
        "head": head,
        "profile": profile,
        "secrets": vault.secrets,
        "members": members,
    }
