"""All that the server knows of a person without a key, to take along."""

from collections.abc import Mapping
from typing import Any, ClassVar

from falcon import Request, Response

from handlers.account import (
    audit_log,
    audit_log_sql,
    device_requests_sql,
    machine_tokens,
    machine_tokens_sql,
    profile,
    second_factors,
    vaults,
)
from handlers.account import data_sql as sql
from shared import db, schemas, vault_log
from shared.caller import Actor
from shared.db import Connection
from shared.operations import Operation
from shared.schemas import Schema, fields

# Of the audit log; GET /api/account/audit has the older rows.
MOST_ROWS = 10_000
MOST_OBJECTS = 100_000


class Session(Schema):
    """A session, also one that is over."""

    session_id = schemas.Id()
    device = fields.String()
    browser = fields.Boolean()
    network = schemas.Network()
    created_at = fields.AwareDateTime(format="iso")
    last_seen_at = fields.AwareDateTime(format="iso")
    expires_at = fields.AwareDateTime(format="iso")
    ended_at = fields.AwareDateTime(format="iso", allow_none=True)


class DeviceRequest(Schema):
    """A device that asks for the account key."""

    request_id = schemas.Id()
    device = fields.String()
    network = schemas.Network()
    created_at = fields.AwareDateTime(format="iso")
    expires_at = fields.AwareDateTime(format="iso")


class EmailChange(Schema):
    """An address whose link was not followed yet."""

    email = schemas.Email()
    expires_at = fields.AwareDateTime(format="iso")


class Vault(Schema):
    """A vault; what it is called is sealed."""

    vault_id = schemas.Id()
    role = vaults.RoleName()
    joined_at = fields.AwareDateTime(format="iso")
    accepted = fields.Boolean()
    secrets = fields.Integer()


class Invitation(Schema):
    """An open invitation that the person has made; what it holds only its link opens."""

    vault_id = schemas.Id()
    invite_id = schemas.Id()
    role = vaults.RoleName()
    created_at = fields.AwareDateTime(format="iso")
    expires_at = fields.AwareDateTime(format="iso")


class Share(Schema):
    """Keys of a vault that the person was given, or gave somebody."""

    vault_id = schemas.Id()
    sender_id = schemas.Id()
    recipient_id = schemas.Id()
    created_at = fields.AwareDateTime(format="iso")


class Reminder(Schema):
    """A day on which the people of a vault want to hear of a secret."""

    vault_id = schemas.Id()
    secret_id = schemas.Id()
    day = schemas.Day()


class Link(Schema):
    """A one-time link; no reads are left once it is burnt."""

    link_id = schemas.Id()
    reads_left = fields.Integer()
    created_at = fields.AwareDateTime(format="iso")
    expires_at = fields.AwareDateTime(format="iso")
    last_read_at = fields.AwareDateTime(format="iso", allow_none=True)


class Data(Schema):
    """Everything there is."""

    profile = schemas.Nested(profile.Profile)
    sessions = fields.List(schemas.Nested(Session))
    second_factors = schemas.Nested(second_factors.Factors)
    machine_tokens = fields.List(schemas.Nested(machine_tokens.MachineToken))
    device_requests = fields.List(schemas.Nested(DeviceRequest))
    email_changes = fields.List(schemas.Nested(EmailChange))
    vaults = fields.List(schemas.Nested(Vault))
    invitations = fields.List(schemas.Nested(Invitation))
    shares = fields.List(schemas.Nested(Share))
    reminders = fields.List(schemas.Nested(Reminder))
    links = fields.List(schemas.Nested(Link))
    audit = fields.List(schemas.Nested(audit_log.Row))


DATA = Data()
LISTS = Data(exclude=("profile", "second_factors"))


class OwnData:
    """``/api/account/data``."""

    operations: ClassVar[Mapping[str, Operation]] = {"on_get": Operation(response=DATA)}

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response) -> None:
        """Tell all that is known of the person who asks."""
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor)
            resp.media = _told(conn, actor)


def _told(conn: Connection, actor: Actor) -> dict[str, Any]:
    user_id = actor.user_id
    lists = {
        "sessions": sql.sessions(conn, user_id),
        "machine_tokens": machine_tokens_sql.of(conn, user_id),
        "device_requests": device_requests_sql.waiting(conn, user_id),
        "email_changes": sql.email_changes(conn, user_id),
        "vaults": sql.vaults(conn, user_id),
        "invitations": sql.invitations(conn, user_id),
        "shares": sql.shares(conn, user_id),
        "reminders": sql.reminders(conn, user_id),
        "links": sql.links(conn, user_id),
        "audit": audit_log_sql.page(conn, user_id, 0, limit=MOST_ROWS, objects=MOST_OBJECTS),
    }
    return {
        "profile": profile.told(conn, actor),
        "second_factors": second_factors.told(conn, user_id),
        **LISTS.dump(lists),
    }
