"""Second factors, and what a session must have proved lately."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Type 03 repeats shared.keyarc.encoding: the user key, sealed by a passkey.
UP = r"""
ALTER TABLE sessions
    ADD COLUMN ends_at   timestamptz,
    ADD COLUMN proven_at timestamptz;
UPDATE sessions SET ends_at = expires_at;
ALTER TABLE sessions ALTER COLUMN ends_at SET NOT NULL;
COMMENT ON COLUMN sessions.expires_at IS 'the end if it is not used: never after ends_at';
COMMENT ON COLUMN sessions.ends_at IS 'the end however much it is used';
COMMENT ON COLUMN sessions.proven_at IS 'a fresh proof, good for one deed';

CREATE TABLE totp (
    user_id      uuid        CONSTRAINT totp_pkey PRIMARY KEY
        CONSTRAINT totp_user_id_fkey REFERENCES users ON DELETE CASCADE,
    secret       bytea       NOT NULL,
    confirmed_at timestamptz,
    last_step    bigint      NOT NULL DEFAULT 0,
    CONSTRAINT totp_secret_check CHECK (octet_length(secret) = 20)
);
COMMENT ON COLUMN totp.confirmed_at IS 'null: offered, and not yet proved by a code';
COMMENT ON COLUMN totp.last_step IS 'of the last code that was taken: no step serves twice';

CREATE TABLE backup_codes (
    user_id   uuid        NOT NULL
        CONSTRAINT backup_codes_user_id_fkey REFERENCES users ON DELETE CASCADE,
    code_hash bytea       NOT NULL,
    used_at   timestamptz,
    CONSTRAINT backup_codes_pkey PRIMARY KEY (user_id, code_hash),
    CONSTRAINT backup_codes_code_hash_check CHECK (octet_length(code_hash) = 32)
);

CREATE TABLE passkeys (
    credential_id bytea       CONSTRAINT passkeys_pkey PRIMARY KEY,
    user_id       uuid        NOT NULL
        CONSTRAINT passkeys_user_id_fkey REFERENCES users ON DELETE CASCADE,
    name          text        NOT NULL,
    public_key    bytea       NOT NULL,
    sign_count    bigint      NOT NULL,
    user_key      bytea,
    keyset        bigint,
    created_at    timestamptz NOT NULL DEFAULT now(),
    last_used_at  timestamptz,
    CONSTRAINT passkeys_credential_id_check CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
    CONSTRAINT passkeys_name_check CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT passkeys_public_key_check CHECK (octet_length(public_key) BETWEEN 1 AND 2048),
    CONSTRAINT passkeys_unlock_check CHECK (num_nulls(user_key, keyset) IN (0, 2)),
    CONSTRAINT passkeys_user_key_check CHECK (
        substring(user_key FROM 1 FOR 4) = '\x4b410103' AND octet_length(user_key) = 212)
);
CREATE INDEX passkeys_user_id_idx ON passkeys (user_id);
COMMENT ON COLUMN passkeys.user_key IS 'null: proves who asks, and opens nothing';

CREATE TABLE challenges (
    challenge_hash bytea       CONSTRAINT challenges_pkey PRIMARY KEY,
    purpose        text        NOT NULL,
    user_id        uuid
        CONSTRAINT challenges_user_id_fkey REFERENCES users ON DELETE CASCADE,
    device         text,
    attempts       smallint    NOT NULL DEFAULT 0,
    expires_at     timestamptz NOT NULL,
    CONSTRAINT challenges_challenge_hash_check CHECK (octet_length(challenge_hash) = 32),
    CONSTRAINT challenges_purpose_check
        CHECK (purpose IN ('login', 'passkey', 'proof', 'registration'))
);
COMMENT ON TABLE challenges IS 'a question that waits some minutes for its one answer';

GRANT SELECT, INSERT, DELETE ON challenges TO keyarc_auth, keyarc_account;
GRANT UPDATE (attempts) ON challenges TO keyarc_auth;
GRANT SELECT ON totp, backup_codes, passkeys TO keyarc_auth;
GRANT UPDATE (last_step) ON totp TO keyarc_auth;
GRANT UPDATE (used_at) ON backup_codes TO keyarc_auth;
GRANT UPDATE (sign_count, last_used_at) ON passkeys TO keyarc_auth;
GRANT UPDATE (proven_at) ON sessions TO keyarc_auth;

GRANT SELECT, INSERT, DELETE ON totp, backup_codes, passkeys TO keyarc_account;
GRANT UPDATE (secret, confirmed_at, last_step) ON totp TO keyarc_account;
GRANT UPDATE (user_key, keyset) ON passkeys TO keyarc_account;
GRANT SELECT ON sessions TO keyarc_account;
GRANT UPDATE (ended_at, proven_at) ON sessions TO keyarc_account;

GRANT SELECT (challenge_hash, expires_at), DELETE ON challenges TO keyarc_jobs;
"""

DOWN = """
REVOKE SELECT, UPDATE (ended_at, proven_at) ON sessions FROM keyarc_account;
DROP TABLE challenges, passkeys, backup_codes, totp;
ALTER TABLE sessions DROP COLUMN proven_at, DROP COLUMN ends_at;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
