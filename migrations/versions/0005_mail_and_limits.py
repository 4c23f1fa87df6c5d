"""Mail to be sent, addresses to be proved, and how often something was tried."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UP = r"""
CREATE TABLE mails (
    mail_id     bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT mails_pkey PRIMARY KEY,
    recipient   text,
    subject     text        NOT NULL,
    body        text        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    attempts    smallint    NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN mails.recipient IS 'null: to nobody, so that an unknown address costs the same';

CREATE TABLE email_verifications (
    token_hash bytea       CONSTRAINT email_verifications_pkey PRIMARY KEY,
    email      text        NOT NULL,
    user_id    uuid
        CONSTRAINT email_verifications_user_id_fkey REFERENCES users ON DELETE CASCADE,
    account    jsonb,
    expires_at timestamptz NOT NULL,
    CONSTRAINT email_verifications_token_hash_check CHECK (octet_length(token_hash) = 32),
    CONSTRAINT email_verifications_purpose_check CHECK (num_nulls(user_id, account) = 1)
);
COMMENT ON COLUMN email_verifications.account IS 'a sign-up; else user_id changes address';

CREATE TABLE limits (
    subject_hash  bytea            CONSTRAINT limits_pkey PRIMARY KEY,
    attempts      double precision NOT NULL,
    counted_at    timestamptz      NOT NULL,
    blocked_until timestamptz      NOT NULL,
    CONSTRAINT limits_subject_hash_check CHECK (octet_length(subject_hash) = 32)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON mails, limits TO keyarc_auth, keyarc_account;
GRANT SELECT, INSERT, DELETE ON email_verifications TO keyarc_auth;
GRANT INSERT ON email_verifications TO keyarc_account;
GRANT UPDATE (email) ON users TO keyarc_auth, keyarc_account;
GRANT SELECT ON installation TO keyarc_account;

GRANT SELECT, UPDATE, DELETE ON mails TO keyarc_jobs;
GRANT SELECT (token_hash, expires_at), DELETE ON email_verifications TO keyarc_jobs;
GRANT SELECT (subject_hash, counted_at, blocked_until), DELETE ON limits TO keyarc_jobs;
"""

DOWN = """
REVOKE SELECT ON installation FROM keyarc_account;
REVOKE UPDATE (email) ON users FROM keyarc_auth, keyarc_account;
DROP TABLE limits, email_verifications, mails;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
