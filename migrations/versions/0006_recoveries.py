"""Ways back in: recoveries that wait, and new devices that ask one which is signed in."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UP = r"""
ALTER TABLE credentials ADD COLUMN recovery_keyset bigint NOT NULL DEFAULT 1;
COMMENT ON COLUMN credentials.recovery_keyset IS 'under which recovery_user_key was sealed';

CREATE TABLE recoveries (
    token_hash  bytea       CONSTRAINT recoveries_pkey PRIMARY KEY,
    user_id     uuid        CONSTRAINT recoveries_user_id_key UNIQUE
        CONSTRAINT recoveries_user_id_fkey REFERENCES users ON DELETE CASCADE,
    mail_hash   bytea,
    device      text        NOT NULL,
    address     text        NOT NULL,
    begun_at    timestamptz NOT NULL DEFAULT now(),
    ready_at    timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    released_at timestamptz,
    CONSTRAINT recoveries_token_hash_check CHECK (octet_length(token_hash) = 32),
    CONSTRAINT recoveries_mail_hash_check CHECK (octet_length(mail_hash) = 32),
    CONSTRAINT recoveries_device_check CHECK (char_length(device) BETWEEN 1 AND 200)
);
COMMENT ON COLUMN recoveries.user_id IS 'null: the code was wrong, and its answer must not say so';
COMMENT ON COLUMN recoveries.mail_hash IS 'of the mailed code; null where no mail is set up';
COMMENT ON COLUMN recoveries.released_at IS 'when the sealed user key was handed out';

CREATE TABLE device_requests (
    request_id  uuid        CONSTRAINT device_requests_pkey PRIMARY KEY,
    user_id     uuid,
    secret_hash bytea       NOT NULL,
    public_key  bytea       STORAGE EXTERNAL NOT NULL,
    device      text        NOT NULL,
    address     text        NOT NULL,
    sealed      bytea       STORAGE EXTERNAL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    CONSTRAINT device_requests_secret_hash_check CHECK (octet_length(secret_hash) = 32),
    CONSTRAINT device_requests_public_key_check CHECK (octet_length(public_key) = 1216),
    CONSTRAINT device_requests_sealed_check CHECK (octet_length(sealed) = 1152),
    CONSTRAINT device_requests_device_check CHECK (char_length(device) BETWEEN 1 AND 200)
);
CREATE INDEX device_requests_user_id_idx ON device_requests (user_id);
COMMENT ON COLUMN device_requests.user_id IS
    'null: no such account; no foreign key, whose check would take time only where there is one';
COMMENT ON COLUMN device_requests.sealed IS 'the account key, for public_key alone';

GRANT SELECT, INSERT, DELETE ON recoveries, device_requests TO keyarc_auth;
GRANT UPDATE (token_hash, mail_hash, device, address, begun_at, ready_at, expires_at, released_at)
   ON recoveries TO keyarc_auth;
GRANT UPDATE (verifier, recovery_verifier, user_key, recovery_user_key, recovery_keyset, identity)
   ON credentials TO keyarc_auth;
GRANT UPDATE (salt, keyset) ON users TO keyarc_auth;

GRANT SELECT (token_hash, user_id, device, address, begun_at, ready_at, expires_at), DELETE
   ON recoveries TO keyarc_account;
GRANT SELECT, DELETE ON device_requests TO keyarc_account;
GRANT UPDATE (sealed) ON device_requests TO keyarc_account;

GRANT SELECT (token_hash, expires_at), DELETE ON recoveries TO keyarc_jobs;
GRANT SELECT (request_id, expires_at), DELETE ON device_requests TO keyarc_jobs;
"""

DOWN = """
REVOKE UPDATE (salt, keyset) ON users FROM keyarc_auth;
REVOKE UPDATE (verifier, recovery_verifier, user_key, recovery_user_key, recovery_keyset, identity)
    ON credentials FROM keyarc_auth;
DROP TABLE device_requests, recoveries;
ALTER TABLE credentials DROP COLUMN recovery_keyset;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
