"""What is dangerous goes one after the other, and takes a fresh proof that one deed uses up."""

from handlers.account import sessions_sql as sql
from shared import problems, vault_log
from shared.caller import Actor
from shared.db import Connection


def hold(conn: Connection, actor: Actor) -> None:
    """Wait for whoever changes what proves this person, or ends their account; then go on as them.

    Whether their session lives is looked at afterwards.
    """
    # First of all, and before the session's row: what such deeds do ends the other sessions, and
    # two of them at once would each wait for the session of the other, or outlive it.
    sql.hold_person(conn, actor.user_id)
    vault_log.require_session(conn, actor)


def require(conn: Connection, actor: Actor) -> None:
    """Refuse a caller who has not proved password and second factor in the last five minutes."""
    hold(conn, actor)
    if not sql.take_proof(conn, actor.session_id, actor.user_id):
        raise problems.ProofNeeded
