"""What every change of keys begins and ends with."""

from falcon import Request

from handlers.account import (
    challenges_sql,
    device_requests_sql,
    email_sql,
    notices,
    proofs,
    recovery_sql,
    sessions_sql,
)
from handlers.account import keys_sql as sql
from shared import audit, problems
from shared.audit import Action
from shared.caller import Actor
from shared.db import Connection
from shared.letters import Change
from shared.mail import Post


def begin(conn: Connection, actor: Actor, expected: int) -> None:
    """Use the fresh proof up, and hold the keyset, which must be the *expected* one."""
    proofs.require(conn, actor)
    keyset = sql.hold(conn, actor.user_id)
    if keyset != expected:
        raise problems.StaleKeyset(keyset)


def end(conn: Connection, req: Request, post: Post, action: Action, change: Change) -> None:
    """End every way in but the session that asks, say what was done, and write to the person."""
    actor = req.context.actor
    end_other_ways(conn, actor)
    audit.record(conn, req, action)
    notices.tell(conn, post, actor, change)


def end_other_ways(conn: Connection, actor: Actor) -> None:
    """End whatever else the person, or somebody in their name, has open or has begun.

    Sessions come last: a login that waited for the keyset has its session by now.
    """
    challenges_sql.end_all(conn, actor.user_id)
    device_requests_sql.end_all(conn, actor.user_id)
    email_sql.end_all(conn, actor.user_id)
    recovery_sql.stop(conn, actor.user_id)
    sessions_sql.end_others(conn, actor.session_id, actor.user_id)
