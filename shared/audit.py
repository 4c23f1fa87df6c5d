"""What was done, by whom, from where: written in the transaction of the deed."""

from enum import StrEnum
from uuid import UUID

from falcon import Request

from shared import caller, db
from shared.db import Connection


class Action(StrEnum):
    """What a row of the audit log may say."""

    ACCOUNT_CREATED = "account.created"
    ACCOUNT_DELETED = "account.deleted"
    BACKUP_CODES_REPLACED = "backup_codes.replaced"
    CODE_REFUSED = "code.refused"
    DEVICE_APPROVED = "device.approved"
    DEVICE_REFUSED = "device.refused"
    EMAIL_CHANGE_BEGUN = "email.change_begun"
    EMAIL_CHANGED = "email.changed"
    INVITATION_ACCEPTED = "invitation.accepted"
    INVITATION_CANCELLED = "invitation.cancelled"
    INVITATION_CREATED = "invitation.created"
    KEYRING_REPLACED = "keyring.replaced"
    KEYS_ROTATED = "keys.rotated"
    LINK_CREATED = "link.created"
    LINK_OPENED = "link.opened"
    LINK_REMOVED = "link.removed"
    MACHINE_TOKEN_CREATED = "machine_token.created"  # noqa: S105
    MACHINE_TOKEN_REVOKED = "machine_token.revoked"  # noqa: S105
    MEMBER_ADDED = "member.added"
    MEMBER_LEFT = "member.left"
    MEMBER_REMOVED = "member.removed"
    MEMBER_ROLE_CHANGED = "member.role_changed"
    PASSKEY_ADDED = "passkey.added"
    PASSKEY_REMOVED = "passkey.removed"
    PASSKEY_UNLOCKS = "passkey.unlocks"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105
    PERSON_LOOKED_UP = "person.looked_up"
    PROOF_GIVEN = "proof.given"
    PROOF_REFUSED = "proof.refused"
    RECOVERY_BEGUN = "recovery.begun"
    RECOVERY_CANCELLED = "recovery.cancelled"
    RECOVERY_FINISHED = "recovery.finished"
    RECOVERY_REFUSED = "recovery.refused"
    RECOVERY_RELEASED = "recovery.released"
    RECOVERY_CODE_REPLACED = "recovery_code.replaced"
    REMINDER_REMOVED = "reminder.removed"
    REMINDER_SET = "reminder.set"
    REMINDERS_SWITCHED = "reminders.switched"
    SECRET_EXPORTED = "secret.exported"  # noqa: S105
    SECRET_PURGED = "secret.purged"  # noqa: S105
    SECRET_READ = "secret.read"  # noqa: S105
    SECRET_USED = "secret.used"  # noqa: S105
    SESSION_ENDED = "session.ended"
    SESSION_REFUSED = "session.refused"
    SESSION_REUSED = "session.reused"
    SESSION_REVOKED = "session.revoked"
    SESSION_STARTED = "session.started"
    TOTP_ADDED = "totp.added"
    TOTP_REMOVED = "totp.removed"
    VAULT_CHANGED = "vault.changed"
    VAULT_CREATED = "vault.created"
    VAULT_DELETED = "vault.deleted"
    VAULT_ROTATED = "vault.rotated"


ADD = """
    INSERT INTO audit_log
           (action, user_id, session_id, vault_id, object_ids, address, request_id)
    VALUES (%(action)s, %(user_id)s, %(session_id)s, %(vault_id)s, %(object_ids)s::uuid[],
            %(address)s, %(request_id)s)
"""


def record(
    conn: Connection,
    req: Request,
    action: Action,
    vault_id: UUID | None = None,
    *object_ids: UUID,
    user_id: UUID | None = None,
    session_id: UUID | None = None,
) -> None:
    """Add a row; the person is the caller, or *user_id* where nobody is signed in yet.

    A row of a vault takes its place in the vault's chain, which is held until the transaction
    ends: it comes last among what a transaction does to a vault.
    """
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
