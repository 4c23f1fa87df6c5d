"""One's own account: its keys may change, what is known of it may be read, and it may end."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UP = r"""
GRANT SELECT (user_id), UPDATE (verifier, recovery_verifier, user_key, recovery_user_key,
                                recovery_keyset, identity)
   ON credentials TO keyarc_account;
GRANT UPDATE (salt, keyset) ON users TO keyarc_account;
GRANT UPDATE (idcert) ON identities TO keyarc_account;
GRANT SELECT ON audit_log TO keyarc_account;
"""

DOWN = """
REVOKE SELECT ON audit_log FROM keyarc_account;
REVOKE UPDATE (idcert) ON identities FROM keyarc_account;
REVOKE UPDATE (salt, keyset) ON users FROM keyarc_account;
REVOKE SELECT (user_id), UPDATE (verifier, recovery_verifier, user_key, recovery_user_key,
                                 recovery_keyset, identity)
    ON credentials FROM keyarc_account;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
