"""A person's sessions: where they are signed in, and how to end that."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from falcon import HTTP_NO_CONTENT, Request, Response

from handlers.account import sessions_sql as sql
from shared import audit, db, pages, problems, schemas, vault_log
from shared.audit import Action
from shared.operations import Operation
from shared.schemas import Schema, fields


class Session(Schema):
    """Where somebody is signed in; *current* is the session that asks."""

    session_id = schemas.Id()
    device = fields.String()
    browser = fields.Boolean()
    network = schemas.Network()
    created_at = fields.AwareDateTime(format="iso")
    last_seen_at = fields.AwareDateTime(format="iso")
    expires_at = fields.AwareDateTime(format="iso")
    current = fields.Boolean()


class Sessions(Schema):
    """Every session that lives; they are few, and come on one page."""

    items = fields.List(schemas.Nested(Session))
    next = fields.String(allow_none=True)


class Ended(Schema):
    """How many sessions were ended."""

    ended = fields.Integer()


SESSION = Session()
SESSIONS = Sessions()
ENDED = Ended()


class SessionList:
    """``/api/account/sessions``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_get": Operation(response=SESSIONS),
        "on_delete": Operation(response=ENDED),
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response) -> None:
        """List them, the one that was used last first."""
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor)
            living = sql.living(conn, actor.user_id)
        items = [
            SESSION.dump(session) | {"current": session.session_id == actor.session_id}
            for session in living
        ]
        resp.media = pages.page(items)

    def on_delete(self, req: Request, resp: Response) -> None:
        """End every session but the one that asks."""
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor)
            ended = sql.end_others(conn, actor.session_id, actor.user_id)
            for session_id in ended:
                audit.record(conn, req, Action.SESSION_REVOKED, None, session_id)
        resp.media = ENDED.dump({"ended": len(ended)})


class OneSession:
    """``/api/account/sessions/{session_id}``."""

    operations: ClassVar[Mapping[str, Operation]] = {"on_delete": Operation(status=204)}

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_delete(self, req: Request, resp: Response, session_id: UUID) -> None:
        """End one of one's own sessions; at once, wherever it asks."""
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor)
            if not sql.end(conn, session_id, actor.user_id):
                raise problems.NotFound
            audit.record(conn, req, Action.SESSION_REVOKED, None, session_id)
        resp.status = HTTP_NO_CONTENT
