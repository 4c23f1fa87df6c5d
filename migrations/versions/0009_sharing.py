"""Sharing: invitations with their sealed side, and vault keys on their way to members."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Blob checks repeat shared.keyarc.encoding: "KA", suite 01, the type, 212 bytes to 64 KiB.
# A share is X-Wing's 1,120 bytes, 40 for each key, and the tag of 16.
UP = r"""
ALTER TABLE vault_members
    ADD COLUMN removed_seq bigint,
    ADD CONSTRAINT vault_members_removed_seq_check CHECK (removed_seq IS NULL OR role IS NULL);
COMMENT ON COLUMN vault_members.removed_seq IS 'the commit that ended the membership';

-- A keyring holds everybody whom its owner was ever in a vault with, some 1,700 bytes each.
ALTER TABLE keyrings
    DROP CONSTRAINT keyrings_blob_check,
    ADD CONSTRAINT keyrings_blob_check CHECK (
        substring(blob FROM 1 FOR 4) = '\x4b410140'
        AND octet_length(blob) BETWEEN 212 AND 524288);

ALTER TABLE vault_invites
    ADD COLUMN seq        bigint      NOT NULL,
    ADD COLUMN inviter_id uuid        NOT NULL,
    ADD COLUMN blob       bytea       STORAGE EXTERNAL NOT NULL,
    ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
    ADD CONSTRAINT vault_invites_expires_ms_check
        CHECK (expires_ms BETWEEN 0 AND 253402300799999),
    ADD CONSTRAINT vault_invites_inviter_id_fkey
        FOREIGN KEY (vault_id, inviter_id) REFERENCES vault_members ON DELETE CASCADE,
    ADD CONSTRAINT vault_invites_blob_check CHECK (
        substring(blob FROM 1 FOR 4) = '\x4b410150'
        AND octet_length(blob) BETWEEN 212 AND 65536);
COMMENT ON COLUMN vault_invites.seq IS 'the commit that opened the invitation';
CREATE UNIQUE INDEX vault_invites_invite_id_key ON vault_invites (invite_id);

CREATE TABLE shares (
    vault_id     uuid        NOT NULL,
    recipient_id uuid        NOT NULL,
    epoch        bigint      NOT NULL,
    sender_id    uuid        NOT NULL,
    head         bytea       NOT NULL,
    ciphertext   bytea       STORAGE EXTERNAL NOT NULL,
    signature    bytea       NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT shares_pkey PRIMARY KEY (vault_id, recipient_id),
    CONSTRAINT shares_recipient_id_fkey
        FOREIGN KEY (vault_id, recipient_id) REFERENCES vault_members ON DELETE CASCADE,
    CONSTRAINT shares_epoch_check CHECK (epoch >= 1),
    CONSTRAINT shares_head_check CHECK (octet_length(head) = 32),
    CONSTRAINT shares_ciphertext_check CHECK (
        octet_length(ciphertext) BETWEEN 1176 AND 65536
        AND (octet_length(ciphertext) - 1136) % 40 = 0),
    CONSTRAINT shares_signature_check CHECK (octet_length(signature) = 64)
);
COMMENT ON TABLE shares IS 'the newest share of each member: it holds every key that is in use';
CREATE INDEX shares_recipient_id_idx ON shares (recipient_id);

GRANT SELECT, INSERT, DELETE ON shares TO keyarc_account;
GRANT UPDATE (epoch, sender_id, head, ciphertext, signature, created_at)
   ON shares TO keyarc_account;
"""

# A machine is its owner's hand: whoever was removed, or left, would read on by a token of theirs.
SEATS = """
CREATE VIEW seats AS
    SELECT vault_id, user_id, role
      FROM vault_members AS member
     WHERE role IS NOT NULL
       AND NOT EXISTS (SELECT
                         FROM machine_tokens
                        WHERE machine_id = member.user_id
                          AND NOT EXISTS (SELECT
                                            FROM vault_members AS owner
                                           WHERE owner.vault_id = member.vault_id
                                             AND owner.user_id = owner_id
                                             AND owner.role IS NOT NULL));
COMMENT ON VIEW seats IS 'who may ask of which vault: members, but no machine whose owner is gone';
"""

# Deleting is the owner's work: the functions that know who may call it, and no service.
DELETE_VAULTS = r"""
CREATE FUNCTION delete_vaults(doomed uuid[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
    DELETE FROM secret_versions    WHERE vault_id = ANY (doomed);
    DELETE FROM secrets            WHERE vault_id = ANY (doomed);
    DELETE FROM commits            WHERE vault_id = ANY (doomed);
    DELETE FROM superseded_idcerts WHERE vault_id = ANY (doomed);
    DELETE FROM vault_members      WHERE vault_id = ANY (doomed);
    DELETE FROM vault_epochs       WHERE vault_id = ANY (doomed);
    DELETE FROM vault_invites      WHERE vault_id = ANY (doomed);
    DELETE FROM vaults             WHERE vault_id = ANY (doomed);
    DELETE FROM audit_log          WHERE vault_id = ANY (doomed);
$$;
COMMENT ON FUNCTION delete_vaults IS 'for the functions that know who may: no service calls it';
REVOKE EXECUTE ON FUNCTION delete_vaults FROM PUBLIC;
"""

# Of a vault that nobody else is of: whose machines read it is the owner's own business.
DELETE_VAULT = r"""
CREATE FUNCTION delete_vault(doomed uuid, person uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    PERFORM FROM vaults WHERE vault_id = doomed FOR UPDATE;
    IF NOT EXISTS (SELECT FROM vault_members
                    WHERE vault_id = doomed AND user_id = person AND role = 1)
       OR EXISTS (SELECT FROM vault_members AS member
                   WHERE vault_id = doomed
                     AND role IS NOT NULL
                     AND user_id <> person
                     AND NOT EXISTS (SELECT FROM machine_tokens
                                      WHERE machine_id = member.user_id
                                        AND owner_id = person)) THEN
        RETURN false;
    END IF;
    PERFORM delete_vaults(ARRAY[doomed]);
    RETURN true;
END $$;
COMMENT ON FUNCTION delete_vault IS 'tells whether the person owns it, and nobody else is of it';
REVOKE EXECUTE ON FUNCTION delete_vault FROM PUBLIC;
GRANT EXECUTE ON FUNCTION delete_vault TO keyarc_account;
"""

DOWN = r"""
DROP FUNCTION delete_vault, delete_vaults;
DROP VIEW seats;
DROP TABLE shares;
DROP INDEX vault_invites_invite_id_key;
ALTER TABLE vault_invites
    DROP CONSTRAINT vault_invites_expires_ms_check,
    DROP COLUMN seq, DROP COLUMN inviter_id, DROP COLUMN blob, DROP COLUMN created_at;
ALTER TABLE vault_members DROP COLUMN removed_seq;
ALTER TABLE keyrings
    DROP CONSTRAINT keyrings_blob_check,
    ADD CONSTRAINT keyrings_blob_check CHECK (
        substring(blob FROM 1 FOR 4) = '\x4b410140'
        AND octet_length(blob) BETWEEN 212 AND 65536) NOT VALID;
"""


def upgrade() -> None:
    op.execute(UP)
    op.execute(SEATS)
    op.execute(DELETE_VAULTS)
    op.execute(DELETE_VAULT)


def downgrade() -> None:
    op.execute(DOWN)
