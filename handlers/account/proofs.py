"""What is dangerous takes a fresh proof, which auth writes and one deed uses up."""

from handlers.account import sessions_sql as sql
from shared import problems, vault_log
from shared.caller import Actor
from shared.db import Connection


def require(conn: Connection, actor: Actor) -> None:
    """Refuse a caller who has not proved password and second factor in the last five minutes."""
    vault_log.require_session(conn, actor)
    if not sql.take_proof(conn, actor.session_id, actor.user_id):
        raise problems.ProofNeeded
