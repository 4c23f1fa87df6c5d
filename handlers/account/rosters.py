"""Who is of a vault: signed commits that change its roster."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from falcon import HTTP_CREATED, Request, Response

from shared import audit, db, schemas, vault_log, vault_roster
from shared.audit import Action
from shared.caller import Actor
from shared.db import Connection
from shared.keyarc.commits import Commit, Op, Remove
from shared.operations import Operation
from shared.schemas import Schema
from shared.vault_log import Head, Permission


class Draft(Schema):
    """A signed commit."""

    commit = schemas.Bytes(required=True)
    signature = schemas.Bytes(64, required=True)


class OfVault(Draft):
    """A signed commit, and the vault that it is for."""

    vault_id = schemas.Id(required=True)


class Place(Schema):
    """The place of a commit in the history."""

    seq = schemas.U64()
    hash = schemas.Bytes()


DRAFT = Draft()
PLACE = Place()


class RosterCommits:
    """``/api/account/vaults/{vault_id}/commits``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_post": Operation(request=DRAFT, response=PLACE, status=201)
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_post(self, req: Request, resp: Response, vault_id: UUID) -> None:
        """Remove somebody from a vault: a machine, or oneself."""
        draft = schemas.read(DRAFT, req)
        actor = req.context.actor
        with self._pool.connection() as conn:
            require(conn, actor, vault_id)
            commit = read(actor, {"vault_id": vault_id, **draft}, only=(Remove,))
            head = append(conn, req, commit)
        resp.status = HTTP_CREATED
        resp.media = PLACE.dump(head)


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


def append(conn: Connection, req: Request, commit: Commit) -> Head:
    """Append for a caller who is of the vault, and say it in the audit log."""
    head = vault_roster.append(conn, commit)
    if head.fresh:
        audit.record(conn, req, Action.VAULT_CHANGED, commit.vault_id)
    return head
