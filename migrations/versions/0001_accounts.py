"""The services' roles, and accounts: who there is, their sealed keys, their sessions."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Roles belong to the cluster: other databases of it may have made them, even at this moment.
# They cannot log in before the operator gives them a password. The timeouts are theirs because a
# pooler in transaction mode takes none from a connection.
ROLES = r"""
DO $$
DECLARE
    service text;
BEGIN
    FOREACH service IN ARRAY ARRAY['keyarc_auth', 'keyarc_account', 'keyarc_keys'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', service);
            EXECUTE format('ALTER ROLE %I SET statement_timeout = ''15s''', service);
            EXECUTE format(
                'ALTER ROLE %I SET idle_in_transaction_session_timeout = ''15s''', service);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
END $$
"""

# Blob checks repeat shared.keyarc.encoding: "KA", suite 01, the type, and the length.
# Sealed bytes do not compress, so their columns are stored without trying.
UP = r"""
CREATE TABLE installation (
    sole      boolean NOT NULL DEFAULT true
        CONSTRAINT installation_pkey PRIMARY KEY,
    decoy_key bytea   NOT NULL,
    CONSTRAINT installation_sole_check CHECK (sole),
    CONSTRAINT installation_decoy_key_check CHECK (octet_length(decoy_key) = 32)
);
COMMENT ON COLUMN installation.decoy_key IS 'makes stable answers about addresses without account';
INSERT INTO installation (decoy_key)
SELECT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
           || uuid_send(gen_random_uuid()));

CREATE TABLE users (
    user_id    uuid        CONSTRAINT users_pkey PRIMARY KEY,
    email      text        NOT NULL CONSTRAINT users_email_key UNIQUE,
    suite      smallint    NOT NULL,
    salt       bytea       NOT NULL,
    keyset     bigint      NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_email_check
        CHECK (email ~ '^[^A-Z\s@]+@[^A-Z\s@]+$' AND char_length(email) <= 254),
    CONSTRAINT users_suite_check CHECK (suite = 1),
    CONSTRAINT users_salt_check CHECK (octet_length(salt) = 16),
    CONSTRAINT users_keyset_check CHECK (keyset >= 1)
);

CREATE TABLE credentials (
    user_id           uuid  CONSTRAINT credentials_pkey PRIMARY KEY
        CONSTRAINT credentials_user_id_fkey REFERENCES users ON DELETE CASCADE,
    verifier          bytea NOT NULL,
    recovery_verifier bytea NOT NULL,
    user_key          bytea NOT NULL,
    recovery_user_key bytea NOT NULL,
    identity          bytea NOT NULL,
    CONSTRAINT credentials_verifier_check CHECK (octet_length(verifier) = 32),
    CONSTRAINT credentials_recovery_verifier_check CHECK (octet_length(recovery_verifier) = 32),
    CONSTRAINT credentials_user_key_check CHECK (
        substring(user_key FROM 1 FOR 4) = '\x4b410101' AND octet_length(user_key) = 212),
    CONSTRAINT credentials_recovery_user_key_check CHECK (
        substring(recovery_user_key FROM 1 FOR 4) = '\x4b410102'
        AND octet_length(recovery_user_key) = 212),
    CONSTRAINT credentials_identity_check CHECK (
        substring(identity FROM 1 FOR 4) = '\x4b410110' AND octet_length(identity) = 212)
);

CREATE TABLE identities (
    user_id uuid  CONSTRAINT identities_pkey PRIMARY KEY
        CONSTRAINT identities_user_id_fkey REFERENCES users ON DELETE CASCADE,
    idcert  bytea STORAGE EXTERNAL NOT NULL,
    CONSTRAINT identities_idcert_check CHECK (
        substring(idcert FROM 1 FOR 20) = 'keyarc/ka1/identity\000'
        AND substring(idcert FROM 21 FOR 16) = uuid_send(user_id)
        AND octet_length(idcert) IN (1356, 1420))
);

CREATE TABLE keyrings (
    user_id  uuid   CONSTRAINT keyrings_pkey PRIMARY KEY
        CONSTRAINT keyrings_user_id_fkey REFERENCES users ON DELETE CASCADE,
    revision bigint NOT NULL DEFAULT 1,
    blob     bytea  STORAGE EXTERNAL NOT NULL,
    CONSTRAINT keyrings_revision_check CHECK (revision >= 1),
    CONSTRAINT keyrings_blob_check CHECK (
        substring(blob FROM 1 FOR 4) = '\x4b410140'
        AND octet_length(blob) BETWEEN 212 AND 65536)
);

CREATE TABLE sessions (
    session_id   uuid        CONSTRAINT sessions_pkey PRIMARY KEY,
    user_id      uuid        NOT NULL
        CONSTRAINT sessions_user_id_fkey REFERENCES users ON DELETE CASCADE,
    device       text        NOT NULL,
    browser      boolean     NOT NULL,
    address      text        NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    refreshed_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    CONSTRAINT sessions_device_check CHECK (char_length(device) BETWEEN 1 AND 200)
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id) WHERE ended_at IS NULL;

CREATE VIEW live_sessions AS
    SELECT session_id, user_id
      FROM sessions
     WHERE ended_at IS NULL
       AND expires_at > now();

CREATE TABLE refresh_tokens (
    token_hash bytea       CONSTRAINT refresh_tokens_pkey PRIMARY KEY,
    session_id uuid        NOT NULL
        CONSTRAINT refresh_tokens_session_id_fkey REFERENCES sessions ON DELETE CASCADE,
    used_at    timestamptz,
    CONSTRAINT refresh_tokens_token_hash_check CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id);

CREATE TABLE audit_log (
    audit_id   bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT audit_log_pkey PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    action     text        NOT NULL,
    user_id    uuid,
    session_id uuid,
    vault_id   uuid,
    object_id  uuid,
    address    text        NOT NULL,
    request_id uuid        NOT NULL,
    CONSTRAINT audit_log_action_check CHECK (action ~ '^[a-z_]+\.[a-z_]+$')
);
CREATE INDEX audit_log_user_id_idx ON audit_log (user_id, audit_id);
CREATE INDEX audit_log_vault_id_idx ON audit_log (vault_id, audit_id) WHERE vault_id IS NOT NULL;
COMMENT ON TABLE audit_log IS 'no foreign keys: what was done stays known after the doer is gone';

GRANT USAGE ON SCHEMA public TO keyarc_auth, keyarc_account, keyarc_keys;
GRANT INSERT ON audit_log TO keyarc_auth, keyarc_account, keyarc_keys;

GRANT SELECT ON installation, refresh_tokens, sessions, users,
                credentials, identities, keyrings TO keyarc_auth;
GRANT INSERT ON refresh_tokens, sessions, users,
                credentials, identities, keyrings TO keyarc_auth;
GRANT UPDATE (refreshed_at, expires_at, ended_at) ON sessions TO keyarc_auth;
GRANT UPDATE (used_at) ON refresh_tokens TO keyarc_auth;

GRANT SELECT ON live_sessions, users, identities, keyrings TO keyarc_account;
GRANT UPDATE (revision, blob) ON keyrings TO keyarc_account;

GRANT SELECT ON live_sessions TO keyarc_keys;
"""

# The roles stay: another database of the cluster may have given them rights.
DOWN = """
REVOKE USAGE ON SCHEMA public FROM keyarc_auth, keyarc_account, keyarc_keys;
DROP TABLE audit_log;
DROP TABLE refresh_tokens;
DROP VIEW live_sessions;
DROP TABLE sessions;
DROP TABLE keyrings;
DROP TABLE identities;
DROP TABLE credentials;
DROP TABLE users;
DROP TABLE installation;
"""


def upgrade() -> None:
    op.execute(ROLES)
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
