"""Vaults: their signed history, what it adds up to, and the sealed contents."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Blob checks repeat shared.keyarc.encoding: "KA", suite 01, the type, 212 bytes to 64 KiB.
# Sealed bytes do not compress, so their columns are stored without trying.
UP = r"""
CREATE FUNCTION base64url(data bytea) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN replace(replace(replace(replace(
        encode(data, 'base64'), chr(10), ''), '+', '-'), '/', '_'), '=', '');

CREATE TABLE vaults (
    vault_id      uuid        CONSTRAINT vaults_pkey PRIMARY KEY,
    head_seq      bigint      NOT NULL,
    head_hash     bytea       NOT NULL,
    head_state    bytea       NOT NULL,
    buckets       bytea       NOT NULL,
    secrets       integer     NOT NULL DEFAULT 0,
    profile_epoch bigint      NOT NULL,
    profile_seq   bigint      NOT NULL,
    profile       bytea       STORAGE EXTERNAL NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT vaults_head_seq_check   CHECK (head_seq >= 1),
    CONSTRAINT vaults_head_hash_check  CHECK (octet_length(head_hash) = 32),
    CONSTRAINT vaults_head_state_check CHECK (octet_length(head_state) = 32),
    CONSTRAINT vaults_buckets_check    CHECK (octet_length(buckets) = 8192),
    CONSTRAINT vaults_secrets_check    CHECK (secrets >= 0),
    CONSTRAINT vaults_profile_check    CHECK (
        substring(profile FROM 1 FOR 4) = '\x4b410130'
        AND octet_length(profile) BETWEEN 212 AND 65536)
);

CREATE TABLE vault_members (
    vault_id  uuid        NOT NULL
        CONSTRAINT vault_members_vault_id_fkey REFERENCES vaults,
    user_id   uuid        NOT NULL
        CONSTRAINT vault_members_user_id_fkey REFERENCES users,
    role      smallint,
    idcert    bytea       STORAGE EXTERNAL NOT NULL,
    joined_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT vault_members_pkey PRIMARY KEY (vault_id, user_id),
    CONSTRAINT vault_members_role_check CHECK (role BETWEEN 1 AND 4),
    CONSTRAINT vault_members_idcert_check CHECK (
        substring(idcert FROM 1 FOR 20) = 'keyarc/ka1/identity\000'
        AND substring(idcert FROM 21 FOR 16) = uuid_send(user_id)
        AND octet_length(idcert) IN (1356, 1420))
);
COMMENT ON COLUMN vault_members.role IS '1 owner, 2 admin, 3 member, 4 viewer; null: has left';
CREATE INDEX vault_members_user_id_idx ON vault_members (user_id) WHERE role IS NOT NULL;

CREATE TABLE vault_epochs (
    vault_id  uuid   NOT NULL
        CONSTRAINT vault_epochs_vault_id_fkey REFERENCES vaults,
    epoch     bigint NOT NULL,
    vk_commit bytea  NOT NULL,
    CONSTRAINT vault_epochs_pkey PRIMARY KEY (vault_id, epoch),
    CONSTRAINT vault_epochs_epoch_check CHECK (epoch >= 1),
    CONSTRAINT vault_epochs_vk_commit_check CHECK (octet_length(vk_commit) = 32)
);

CREATE TABLE vault_invites (
    vault_id   uuid     NOT NULL
        CONSTRAINT vault_invites_vault_id_fkey REFERENCES vaults,
    invite_id  uuid     NOT NULL,
    invite_pk  bytea    NOT NULL,
    role       smallint NOT NULL,
    expires_ms bigint   NOT NULL,
    CONSTRAINT vault_invites_pkey PRIMARY KEY (vault_id, invite_id),
    CONSTRAINT vault_invites_invite_pk_check CHECK (octet_length(invite_pk) = 32),
    CONSTRAINT vault_invites_role_check CHECK (role BETWEEN 1 AND 4)
);

CREATE TABLE commits (
    vault_id  uuid        NOT NULL
        CONSTRAINT commits_vault_id_fkey REFERENCES vaults,
    seq       bigint      NOT NULL,
    raw       bytea       STORAGE EXTERNAL NOT NULL,
    signature bytea       NOT NULL,
    hash      bytea       NOT NULL,
    author_id uuid        NOT NULL,
    time_ms   bigint      NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT commits_pkey PRIMARY KEY (vault_id, seq),
    CONSTRAINT commits_author_id_fkey FOREIGN KEY (vault_id, author_id) REFERENCES vault_members,
    CONSTRAINT commits_seq_check CHECK (seq >= 1),
    CONSTRAINT commits_raw_check CHECK (substring(raw FROM 1 FOR 18) = 'keyarc/ka1/commit\000'),
    CONSTRAINT commits_signature_check CHECK (octet_length(signature) = 64),
    CONSTRAINT commits_hash_check CHECK (hash = sha256(raw || signature))
);

CREATE TABLE secrets (
    vault_id      uuid   NOT NULL
        CONSTRAINT secrets_vault_id_fkey REFERENCES vaults,
    secret_id     uuid   NOT NULL,
    version       bigint NOT NULL,
    seq           bigint NOT NULL,
    epoch         bigint,
    overview_hash bytea,
    details_hash  bytea,
    overview      bytea  STORAGE EXTERNAL,
    CONSTRAINT secrets_pkey PRIMARY KEY (vault_id, secret_id),
    CONSTRAINT secrets_version_check CHECK (version >= 1),
    CONSTRAINT secrets_deleted_check
        CHECK (num_nulls(epoch, overview_hash, details_hash, overview) IN (0, 4)),
    CONSTRAINT secrets_overview_hash_check CHECK (overview_hash = sha256(overview)),
    CONSTRAINT secrets_details_hash_check CHECK (octet_length(details_hash) = 32),
    CONSTRAINT secrets_overview_check CHECK (
        substring(overview FROM 1 FOR 4) = '\x4b410131'
        AND octet_length(overview) BETWEEN 212 AND 65536)
);
COMMENT ON COLUMN secrets.epoch IS 'null: deleted, and version is the number of the deletion';

CREATE TABLE secret_versions (
    vault_id  uuid   NOT NULL,
    secret_id uuid   NOT NULL,
    version   bigint NOT NULL,
    seq       bigint NOT NULL,
    epoch     bigint,
    overview  bytea  STORAGE EXTERNAL,
    details   bytea  STORAGE EXTERNAL,
    CONSTRAINT secret_versions_pkey PRIMARY KEY (vault_id, secret_id, version),
    CONSTRAINT secret_versions_secret_id_fkey
        FOREIGN KEY (vault_id, secret_id) REFERENCES secrets,
    CONSTRAINT secret_versions_seq_fkey FOREIGN KEY (vault_id, seq) REFERENCES commits,
    CONSTRAINT secret_versions_deleted_check CHECK (num_nulls(epoch, overview, details) IN (0, 3)),
    CONSTRAINT secret_versions_overview_check CHECK (
        substring(overview FROM 1 FOR 4) = '\x4b410131'
        AND octet_length(overview) BETWEEN 212 AND 65536),
    CONSTRAINT secret_versions_details_check CHECK (
        substring(details FROM 1 FOR 4) = '\x4b410132'
        AND octet_length(details) BETWEEN 212 AND 65536)
);
COMMENT ON COLUMN secret_versions.epoch IS 'null: this version is a deletion';

GRANT SELECT, INSERT ON vaults, vault_members, vault_epochs, vault_invites, commits
   TO keyarc_account;
GRANT UPDATE ON vaults, vault_members TO keyarc_account;
GRANT DELETE ON vault_invites TO keyarc_account;

GRANT SELECT ON vaults, vault_members, vault_epochs, vault_invites TO keyarc_keys;
GRANT UPDATE (head_seq, head_hash, head_state, buckets, secrets) ON vaults TO keyarc_keys;
GRANT SELECT, INSERT ON commits, secrets, secret_versions TO keyarc_keys;
GRANT UPDATE (version, seq, epoch, overview_hash, details_hash, overview)
   ON secrets TO keyarc_keys;
"""

DOWN = """
DROP TABLE secret_versions, secrets, commits, vault_invites, vault_epochs, vault_members, vaults;
DROP FUNCTION base64url;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
