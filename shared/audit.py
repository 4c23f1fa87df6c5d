"""What was done, by whom, from where: written in the transaction of the deed."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from falcon import Request

from shared import caller, db
from shared.db import Connection


class Action(StrEnum):
    """What a row of the audit log may say."""

    ACCOUNT_CREATED = "account.created"
    KEYRING_REPLACED = "keyring.replaced"
    PERSON_LOOKED_UP = "person.looked_up"
    SECRET_READ = "secret.read"  # noqa: S105
    SESSION_ENDED = "session.ended"
    SESSION_REFUSED = "session.refused"
    SESSION_REUSED = "session.reused"
    SESSION_STARTED = "session.started"
    VAULT_CHANGED = "vault.changed"
    VAULT_CREATED = "vault.created"


ADD = """
    INSERT INTO audit_log
           (action, user_id, session_id, vault_id, object_id, address, request_id)
    SELECT %(action)s, %(user_id)s, %(session_id)s, %(vault_id)s, object_id,
           %(address)s, %(request_id)s
      FROM unnest(%(object_ids)s::uuid[]) AS object_id
"""


def record(
    conn: Connection,
    req: Request,
    action: Action,
    vault_id: UUID | None = None,
    object_id: UUID | None = None,
    *,
    user_id: UUID | None = None,
    session_id: UUID | None = None,
) -> None:
    """Add a row; the person is the caller, or *user_id* where nobody is signed in yet."""
    _add(conn, req, action, vault_id, [object_id], user_id=user_id, session_id=session_id)


def record_each(
    conn: Connection, req: Request, action: Action, vault_id: UUID, object_ids: Sequence[UUID]
) -> None:
    """Add a row for each object."""
    _add(conn, req, action, vault_id, object_ids)


def _add(
    conn: Connection,
    req: Request,
    action: Action,
    vault_id: UUID | None,
    object_ids: Sequence[UUID | None],
    *,
    user_id: UUID | None = None,
    session_id: UUID | None = None,
) -> None:
    actor: caller.Actor | None = getattr(req.context, "actor", None)
    db.run(
        conn,
        ADD,
        action=action.value,
        user_id=actor.user_id if actor else user_id,
        session_id=actor.session_id if actor else session_id,
        vault_id=vault_id,
        object_ids=list(object_ids),
        address=actor.address if actor else caller.address(req),
        request_id=req.context.request_id,
    )
