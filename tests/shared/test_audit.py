"""What the audit log says."""

from uuid import UUID, uuid4

from falcon.testing import create_req

from shared import audit
from shared.audit import Action
from shared.caller import Actor
from shared.db import Connection
from tests import vaults

ID = "5f0c7d3e-6d8a-4c9b-8a51-0b6f3a2f9d11"


def test_actions_are_in_order_and_say_noun_and_deed() -> None:
    values = [action.value for action in Action]

    assert values == sorted(values)
    assert all(action.name == action.value.upper().replace(".", "_") for action in Action)


def test_a_row_says_who_did_what_to_which_object(conn: Connection) -> None:
    req = create_req()
    req.context.request_id = ID
    req.context.actor = Actor(uuid4(), uuid4(), "192.0.2.7")
    vault_id, secrets = vaults.begin(conn).id, [uuid4(), uuid4()]

    audit.record(conn, req, Action.SECRET_READ, vault_id, *secrets)
    audit.record(conn, req, Action.VAULT_CHANGED, vault_id)

    actor = req.context.actor
    who = (actor.user_id, actor.session_id, vault_id)
    rows = conn.execute(
        """SELECT action, user_id, session_id, vault_id, object_ids, address, request_id
             FROM audit_log
            ORDER BY audit_id"""
    ).fetchall()
    assert rows == [
        ("secret.read", *who, secrets, "192.0.2.7", UUID(ID)),
        ("vault.changed", *who, [], "192.0.2.7", UUID(ID)),
    ]
