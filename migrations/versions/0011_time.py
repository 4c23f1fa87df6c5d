"""Time: days on which people want to hear of a secret, and links that work so many times."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# A reminder is an id and a day: why, and of what, is sealed. What somebody was told of is kept
# with the reminder, so that a day that a job missed is told later, and none twice.
UP = r"""
CREATE TABLE reminders (
    vault_id  uuid NOT NULL,
    secret_id uuid NOT NULL,
    day       date NOT NULL,
    CONSTRAINT reminders_pkey PRIMARY KEY (vault_id, secret_id),
    CONSTRAINT reminders_secret_id_fkey
        FOREIGN KEY (vault_id, secret_id) REFERENCES secrets ON DELETE CASCADE
);
COMMENT ON COLUMN reminders.day IS 'of UTC: on it, or as soon as possible after it, people hear';
CREATE INDEX reminders_day_idx ON reminders (day);

CREATE TABLE reminders_told (
    user_id   uuid NOT NULL
        CONSTRAINT reminders_told_user_id_fkey REFERENCES users ON DELETE CASCADE,
    vault_id  uuid NOT NULL,
    secret_id uuid NOT NULL,
    day       date NOT NULL,
    mail_id   bigint,
    CONSTRAINT reminders_told_pkey PRIMARY KEY (vault_id, secret_id, user_id),
    CONSTRAINT reminders_told_secret_id_fkey
        FOREIGN KEY (vault_id, secret_id) REFERENCES reminders ON DELETE CASCADE
);
COMMENT ON COLUMN reminders_told.day IS 'the one of the reminder when it was told';
COMMENT ON COLUMN reminders_told.mail_id IS 'the letter: if it never left, nothing was told';
CREATE INDEX reminders_told_mail_id_idx ON reminders_told (mail_id);
CREATE INDEX reminders_told_user_id_idx ON reminders_told (user_id);

ALTER TABLE users
    ADD COLUMN reminders   boolean NOT NULL DEFAULT true,
    ADD COLUMN reminded_on date;
COMMENT ON COLUMN users.reminders IS 'whether the person wants letters about reminders';

ALTER TABLE vault_members
    ADD COLUMN accepted boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN vault_members.accepted IS
    'false: added by somebody else, and has not listed its secrets yet';

-- Blob checks repeat shared.keyarc.encoding: "KA", suite 01, the type, 212 bytes to 64 KiB.
CREATE TABLE links (
    link_id      uuid        CONSTRAINT links_pkey PRIMARY KEY,
    user_id      uuid        NOT NULL
        CONSTRAINT links_user_id_fkey REFERENCES users ON DELETE CASCADE,
    blob         bytea       STORAGE EXTERNAL,
    reads_left   smallint    NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    last_read_at timestamptz,
    CONSTRAINT links_blob_check CHECK (
        substring(blob FROM 1 FOR 4) = '\x4b410160'
        AND octet_length(blob) BETWEEN 212 AND 65536),
    CONSTRAINT links_reads_left_check CHECK (reads_left BETWEEN 0 AND 100),
    CONSTRAINT links_burnt_check CHECK ((reads_left = 0) = (blob IS NULL)),
    CONSTRAINT links_expires_at_check CHECK (expires_at <= created_at + interval '31 days')
);
COMMENT ON COLUMN links.blob IS 'null: read as often as it might be, and burnt';
CREATE INDEX links_user_id_idx ON links (user_id);
CREATE INDEX links_expires_at_idx ON links (expires_at);

GRANT SELECT, INSERT, DELETE ON reminders TO keyarc_keys;
GRANT UPDATE (day) ON reminders TO keyarc_keys;
GRANT SELECT, INSERT, DELETE ON links TO keyarc_keys;

GRANT UPDATE (accepted) ON vault_members TO keyarc_keys;

GRANT SELECT ON links TO keyarc_auth;
GRANT UPDATE (blob, reads_left, last_read_at) ON links TO keyarc_auth;

GRANT SELECT ON reminders TO keyarc_account;
GRANT SELECT (link_id, user_id, reads_left, created_at, expires_at, last_read_at)
   ON links TO keyarc_account;
GRANT UPDATE (reminders) ON users TO keyarc_account;

GRANT SELECT ON reminders TO keyarc_jobs;
GRANT SELECT, INSERT, DELETE ON reminders_told TO keyarc_jobs;
GRANT UPDATE (day, mail_id) ON reminders_told TO keyarc_jobs;
GRANT SELECT (vault_id, user_id, role, accepted) ON vault_members TO keyarc_jobs;
GRANT SELECT (user_id, email, reminders, reminded_on), UPDATE (reminded_on)
   ON users TO keyarc_jobs;
GRANT INSERT ON mails TO keyarc_jobs;
GRANT SELECT (link_id, expires_at), DELETE ON links TO keyarc_jobs;
"""

DOWN = """
REVOKE INSERT ON mails FROM keyarc_jobs;
REVOKE SELECT (user_id, email), UPDATE (reminded_on) ON users FROM keyarc_jobs;
REVOKE SELECT (vault_id, user_id, role) ON vault_members FROM keyarc_jobs;
ALTER TABLE vault_members DROP COLUMN accepted;
DROP TABLE links, reminders_told, reminders;
ALTER TABLE users DROP COLUMN reminders, DROP COLUMN reminded_on;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
