"""One's own account: its keys may change, what is known of it may be read, and it may end."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Deleting is the owner's work: no service may delete a vault, an account or what was said of it,
# but by this function, which takes one account whole or nothing.
DELETE_ACCOUNT = r"""
CREATE FUNCTION delete_account(doomed uuid, asking uuid) RETURNS uuid[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    address  text;
    machines uuid[];
    own      uuid[];
    shared   uuid[];
BEGIN
    SELECT email INTO address FROM users WHERE user_id = doomed FOR UPDATE;
    SELECT coalesce(array_agg(machine_id), '{}') INTO machines
      FROM machine_tokens WHERE owner_id = doomed;
    SELECT coalesce(array_agg(vault_id), '{}') INTO own
      FROM (SELECT vault_id
              FROM vaults
             WHERE vault_id IN (SELECT vault_id FROM vault_members
                                 WHERE user_id = doomed AND role IS NOT NULL)
             ORDER BY vault_id
               FOR UPDATE) AS held;
    SELECT array_agg(DISTINCT vault_id) INTO shared
      FROM vault_members
     WHERE vault_id = ANY (own)
       AND role IS NOT NULL
       AND user_id <> doomed
       AND user_id <> ALL (machines);
    IF address IS NULL OR shared IS NOT NULL THEN
        RETURN shared;
    END IF;

    DELETE FROM secret_versions    WHERE vault_id = ANY (own);
    DELETE FROM secrets            WHERE vault_id = ANY (own);
    DELETE FROM commits            WHERE vault_id = ANY (own);
    DELETE FROM superseded_idcerts WHERE vault_id = ANY (own);
    DELETE FROM vault_members      WHERE vault_id = ANY (own);
    DELETE FROM vault_epochs       WHERE vault_id = ANY (own);
    DELETE FROM vault_invites      WHERE vault_id = ANY (own);
    DELETE FROM vaults             WHERE vault_id = ANY (own);

    DELETE FROM mails
     WHERE recipient = address
        OR recipient IN (SELECT email FROM email_verifications WHERE user_id = doomed);
    DELETE FROM email_verifications WHERE email = address;
    DELETE FROM device_requests WHERE user_id = doomed;
    DELETE FROM audit_log
     WHERE user_id = doomed OR user_id = ANY (machines) OR vault_id = ANY (own);
    UPDATE audit_log SET object_id = NULL
     WHERE object_id = doomed OR object_id = ANY (machines);
    DELETE FROM machine_tokens WHERE owner_id = doomed;
    DELETE FROM users WHERE user_id = doomed OR user_id = ANY (machines);
    INSERT INTO audit_log (action, address, request_id) VALUES ('account.deleted', '', asking);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION delete_account IS 'returns the vaults that others are members of, or deletes';
REVOKE EXECUTE ON FUNCTION delete_account FROM PUBLIC;
GRANT EXECUTE ON FUNCTION delete_account TO keyarc_account;
"""

# The history of a vault is verified by the certificates of everyone it ever had: also of those
# whose account is gone, so a member need not be a user. The index is what deleting commits takes.
UP = r"""
ALTER TABLE credentials ADD COLUMN recovery_code_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN credentials.recovery_code_at IS 'when the recovery code that works was made';

ALTER TABLE vault_members DROP CONSTRAINT vault_members_user_id_fkey;
CREATE INDEX secret_versions_seq_idx ON secret_versions (vault_id, seq);

GRANT SELECT (user_id, recovery_code_at),
      UPDATE (verifier, recovery_verifier, user_key, recovery_user_key, recovery_keyset,
              recovery_code_at, identity)
   ON credentials TO keyarc_account;
GRANT UPDATE (recovery_code_at) ON credentials TO keyarc_auth;
GRANT UPDATE (salt, keyset) ON users TO keyarc_account;
GRANT UPDATE (idcert) ON identities TO keyarc_account;
GRANT SELECT ON audit_log TO keyarc_account;
GRANT SELECT (email, user_id, expires_at), DELETE ON email_verifications TO keyarc_account;
"""

DOWN = """
DROP FUNCTION delete_account;
REVOKE SELECT (email, user_id, expires_at), DELETE ON email_verifications FROM keyarc_account;
REVOKE SELECT ON audit_log FROM keyarc_account;
REVOKE UPDATE (idcert) ON identities FROM keyarc_account;
REVOKE UPDATE (salt, keyset) ON users FROM keyarc_account;
REVOKE SELECT (user_id), UPDATE (verifier, recovery_verifier, user_key, recovery_user_key,
                                 recovery_keyset, identity)
    ON credentials FROM keyarc_account;
DROP INDEX secret_versions_seq_idx;
ALTER TABLE vault_members
    ADD CONSTRAINT vault_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES users NOT VALID;
ALTER TABLE credentials DROP COLUMN recovery_code_at;
"""


def upgrade() -> None:
    op.execute(UP)
    op.execute(DELETE_ACCOUNT)


def downgrade() -> None:
    op.execute(DOWN)
