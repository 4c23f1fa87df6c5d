"""History: what changed since a commit, purged versions, uses, and audit rows in a chain."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# The rows of a vault are a chain (shared/keyarc/README.md, "Audit"): each holds the hash of the
# one before. Made here and nowhere else, so that no row of a vault is outside of it. The address
# is hashed with a salt: both can go with an account, and the chain still holds.
CHAIN = r"""
CREATE FUNCTION chain_audit_row() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    nobody CONSTANT bytea := '\x00000000000000000000000000000000';
    before bytea;
BEGIN
    IF NEW.vault_id IS NULL THEN
        RETURN NEW;
    END IF;
    LOOP
        SELECT seq + 1, hash INTO NEW.vault_seq, before
          FROM audit_heads WHERE vault_id = NEW.vault_id FOR NO KEY UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO audit_heads VALUES (NEW.vault_id, 0, nobody || nobody) ON CONFLICT DO NOTHING;
    END LOOP;
    -- Changed are only rows that are older than the chain, as they get their places.
    NEW.at := date_trunc('milliseconds',
                         CASE TG_OP WHEN 'INSERT' THEN clock_timestamp() ELSE NEW.at END);
    NEW.salt := uuid_send(gen_random_uuid());
    NEW.origin := sha256(NEW.salt || convert_to(NEW.address, 'UTF8'));
    NEW.hash := sha256(
        convert_to('keyarc/ka1/audit', 'UTF8') || '\x00'
        || uuid_send(NEW.vault_id) || int8send(NEW.vault_seq) || before
        || int8send((extract(epoch FROM NEW.at) * 1000)::bigint)
        || int2send(octet_length(NEW.action)::smallint) || convert_to(NEW.action, 'UTF8')
        || coalesce(uuid_send(NEW.user_id), nobody)
        || coalesce(uuid_send(NEW.session_id), nobody)
        || NEW.origin
        || int4send(cardinality(NEW.object_ids))
        || coalesce((SELECT string_agg(uuid_send(id), '' ORDER BY place)
                       FROM unnest(NEW.object_ids) WITH ORDINALITY AS object (id, place)), ''));
    -- Once: a second change would hold the vault's row, for which whoever ends a vault comes first.
    UPDATE audit_heads SET seq = NEW.vault_seq, hash = NEW.hash WHERE vault_id = NEW.vault_id;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION chain_audit_row FROM PUBLIC;
CREATE TRIGGER audit_log_chain BEFORE INSERT ON audit_log
   FOR EACH ROW EXECUTE FUNCTION chain_audit_row();
"""

# What was written before there were chains begins them.
BACKFILL = """
DELETE FROM audit_log WHERE vault_id NOT IN (SELECT vault_id FROM vaults);
CREATE TRIGGER audit_log_backfill BEFORE UPDATE ON audit_log
   FOR EACH ROW EXECUTE FUNCTION chain_audit_row();
DO $$
DECLARE
    told bigint;
BEGIN
    FOR told IN SELECT audit_id FROM audit_log WHERE vault_id IS NOT NULL ORDER BY audit_id LOOP
        UPDATE audit_log SET vault_id = vault_id WHERE audit_id = told;
    END LOOP;
END $$;
DROP TRIGGER audit_log_backfill ON audit_log;
ALTER TABLE audit_log
    ADD CONSTRAINT audit_log_chain_check
        CHECK (num_nulls(vault_id, vault_seq, origin, hash) IN (0, 4));
"""

# A chain of others stays whole when an account goes.
DELETE_ACCOUNT = r"""
CREATE OR REPLACE FUNCTION delete_account(doomed uuid, asking uuid) RETURNS uuid[]
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

    PERFORM delete_vaults(own);

    DELETE FROM mails
     WHERE recipient = address
        OR recipient IN (SELECT email FROM email_verifications WHERE user_id = doomed);
    DELETE FROM email_verifications WHERE email = address;
    DELETE FROM device_requests WHERE user_id = doomed;
    DELETE FROM machine_tokens WHERE owner_id = doomed;
    DELETE FROM users WHERE user_id = doomed OR user_id = ANY (machines);
    -- Last, when nobody does anything in the account's name any more.
    DELETE FROM audit_log
     WHERE vault_id IS NULL
       AND (user_id = doomed OR user_id = ANY (machines));
    -- In the vaults of others the chain stays whole: only from where goes.
    UPDATE audit_log SET address = '', salt = NULL
     WHERE user_id = doomed OR user_id = ANY (machines);
    UPDATE audit_log SET object_ids = '{}'
     WHERE vault_id IS NULL AND object_ids && (machines || doomed);
    INSERT INTO audit_log (action, address, request_id) VALUES ('account.deleted', '', asking);
    RETURN NULL;
END $$;
"""

UP = r"""
CREATE INDEX secrets_seq_idx ON secrets (vault_id, seq);

ALTER TABLE secret_versions
    DROP CONSTRAINT secret_versions_deleted_check,
    ADD CONSTRAINT secret_versions_content_check CHECK (
        num_nulls(overview, details) IN (0, 2) AND (epoch IS NOT NULL OR overview IS NULL));
COMMENT ON COLUMN secret_versions.overview IS 'null with an epoch: purged, history has its hash';

CREATE TABLE secret_uses (
    vault_id  uuid        NOT NULL,
    secret_id uuid        NOT NULL,
    used_at   timestamptz NOT NULL,
    user_id   uuid        NOT NULL,
    CONSTRAINT secret_uses_pkey PRIMARY KEY (vault_id, secret_id),
    CONSTRAINT secret_uses_secret_id_fkey
        FOREIGN KEY (vault_id, secret_id) REFERENCES secrets ON DELETE CASCADE
);
COMMENT ON TABLE secret_uses IS 'when the values of a secret were last read, and by whom';

CREATE TABLE audit_heads (
    vault_id uuid   CONSTRAINT audit_heads_pkey PRIMARY KEY
        CONSTRAINT audit_heads_vault_id_fkey REFERENCES vaults ON DELETE CASCADE,
    seq      bigint NOT NULL,
    hash     bytea  NOT NULL,
    CONSTRAINT audit_heads_hash_check CHECK (octet_length(hash) = 32)
);
COMMENT ON TABLE audit_heads IS
    'the last row of each chain in audit_log: it ends with its vault, and then no row is added';

ALTER TABLE audit_log
    ADD COLUMN object_ids uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN vault_seq  bigint,
    ADD COLUMN salt       bytea,
    ADD COLUMN origin     bytea,
    ADD COLUMN hash       bytea,
    ADD CONSTRAINT audit_log_salt_check CHECK (octet_length(salt) = 16);
UPDATE audit_log SET object_ids = ARRAY[object_id] WHERE object_id IS NOT NULL;
ALTER TABLE audit_log DROP COLUMN object_id;
DROP INDEX audit_log_vault_id_idx;
CREATE UNIQUE INDEX audit_log_vault_seq_key ON audit_log (vault_id, vault_seq)
 WHERE vault_id IS NOT NULL;

GRANT SELECT ON audit_log, audit_heads TO keyarc_keys;
GRANT SELECT ON audit_heads TO keyarc_account;
GRANT SELECT, INSERT ON secret_uses TO keyarc_keys;
GRANT UPDATE (used_at, user_id) ON secret_uses TO keyarc_keys;
GRANT UPDATE (overview, details) ON secret_versions TO keyarc_keys;
"""

DOWN = """
DROP TRIGGER audit_log_chain ON audit_log;
DROP FUNCTION chain_audit_row;
REVOKE SELECT ON audit_log FROM keyarc_keys;
REVOKE UPDATE (overview, details) ON secret_versions FROM keyarc_keys;
DROP INDEX audit_log_vault_seq_key;
ALTER TABLE audit_log ADD COLUMN object_id uuid;
UPDATE audit_log SET object_id = object_ids[1] WHERE cardinality(object_ids) > 0;
ALTER TABLE audit_log
    DROP COLUMN object_ids, DROP COLUMN vault_seq, DROP COLUMN salt, DROP COLUMN origin,
    DROP COLUMN hash;
CREATE INDEX audit_log_vault_id_idx ON audit_log (vault_id, audit_id) WHERE vault_id IS NOT NULL;
DROP TABLE audit_heads, secret_uses;
ALTER TABLE secret_versions
    DROP CONSTRAINT secret_versions_content_check,
    ADD CONSTRAINT secret_versions_deleted_check
        CHECK (num_nulls(epoch, overview, details) IN (0, 3)) NOT VALID;
DROP INDEX secrets_seq_idx;
"""


def upgrade() -> None:
    op.execute(UP)
    op.execute(CHAIN)
    op.execute(BACKFILL)
    op.execute(DELETE_ACCOUNT)


def downgrade() -> None:
    op.execute(DOWN)
