"""Machines: users without an address, whose keys come from a token; and rosters that change."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

UP = r"""
ALTER TABLE users
    ALTER COLUMN email DROP NOT NULL,
    ALTER COLUMN salt DROP NOT NULL,
    ADD CONSTRAINT users_machine_check CHECK (num_nulls(email, salt) IN (0, 2));
COMMENT ON COLUMN users.email IS 'null: a machine, which machine_tokens tells more of';

CREATE TABLE machine_tokens (
    machine_id   uuid        CONSTRAINT machine_tokens_pkey PRIMARY KEY
        CONSTRAINT machine_tokens_machine_id_fkey REFERENCES users ON DELETE CASCADE,
    owner_id     uuid        NOT NULL
        CONSTRAINT machine_tokens_owner_id_fkey REFERENCES users,
    name         text        NOT NULL,
    verifier     bytea       NOT NULL,
    identity     bytea       NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    CONSTRAINT machine_tokens_name_check CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT machine_tokens_verifier_check CHECK (octet_length(verifier) = 32),
    CONSTRAINT machine_tokens_identity_check CHECK (
        substring(identity FROM 1 FOR 4) = '\x4b410110' AND octet_length(identity) = 212)
);
CREATE UNIQUE INDEX machine_tokens_name_key ON machine_tokens (owner_id, name)
 WHERE revoked_at IS NULL;

CREATE OR REPLACE VIEW live_sessions AS
    SELECT session_id, sessions.user_id, users.email IS NULL AS machine
      FROM sessions
      JOIN users USING (user_id)
     WHERE ended_at IS NULL
       AND expires_at > now();

CREATE TABLE superseded_idcerts (
    vault_id      uuid        NOT NULL,
    user_id       uuid        NOT NULL,
    idcert        bytea       STORAGE EXTERNAL NOT NULL,
    superseded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT superseded_idcerts_pkey PRIMARY KEY (vault_id, user_id, idcert),
    CONSTRAINT superseded_idcerts_user_id_fkey
        FOREIGN KEY (vault_id, user_id) REFERENCES vault_members ON DELETE CASCADE,
    CONSTRAINT superseded_idcerts_idcert_check CHECK (
        substring(idcert FROM 1 FOR 20) = 'keyarc/ka1/identity\000'
        AND substring(idcert FROM 21 FOR 16) = uuid_send(user_id)
        AND octet_length(idcert) IN (1356, 1420))
);
COMMENT ON TABLE superseded_idcerts IS
    'certificates before the one in vault_members: whoever was away verifies old commits by them';

GRANT SELECT ON machine_tokens TO keyarc_auth;
GRANT UPDATE (last_used_at) ON machine_tokens TO keyarc_auth;

GRANT SELECT, INSERT ON machine_tokens TO keyarc_account;
GRANT UPDATE (revoked_at) ON machine_tokens TO keyarc_account;
GRANT INSERT ON users, identities, keyrings TO keyarc_account;
GRANT SELECT, INSERT ON superseded_idcerts TO keyarc_account;
"""

DOWN = """
REVOKE INSERT ON users, identities, keyrings FROM keyarc_account;
DROP VIEW live_sessions;
CREATE VIEW live_sessions AS
    SELECT session_id, user_id
      FROM sessions
     WHERE ended_at IS NULL
       AND expires_at > now();
GRANT SELECT ON live_sessions TO keyarc_account, keyarc_keys;
DROP TABLE superseded_idcerts, machine_tokens;
DELETE FROM users WHERE email IS NULL;
ALTER TABLE users
    DROP CONSTRAINT users_machine_check,
    ALTER COLUMN salt SET NOT NULL,
    ALTER COLUMN email SET NOT NULL;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
