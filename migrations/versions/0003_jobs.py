"""Jobs: what the clock asked for, and when it was done."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Jobs log in as the database's owner, who alone may dump it, and act as this role: an owner who is
# no superuser must be told that they may.
ROLE = r"""
DO $$
BEGIN
    BEGIN
        CREATE ROLE keyarc_jobs NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
    END;
    BEGIN
        GRANT keyarc_jobs TO CURRENT_USER;
    EXCEPTION WHEN insufficient_privilege OR unique_violation THEN
        NULL;
    END;
END $$
"""

UP = r"""
CREATE TABLE job_runs (
    job         text        NOT NULL,
    day         date        NOT NULL,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    result      jsonb       NOT NULL,
    CONSTRAINT job_runs_pkey PRIMARY KEY (job, day),
    CONSTRAINT job_runs_job_check CHECK (job ~ '^[a-z]+$')
);
COMMENT ON COLUMN job_runs.day IS 'in UTC; a row means: the work of this day is done';

GRANT USAGE ON SCHEMA public TO keyarc_jobs;
GRANT SELECT, INSERT ON job_runs TO keyarc_jobs;
GRANT UPDATE (started_at, finished_at, result) ON job_runs TO keyarc_jobs;
GRANT SELECT (job, finished_at) ON job_runs TO keyarc_auth;
GRANT SELECT (session_id, expires_at, ended_at), DELETE ON sessions TO keyarc_jobs;
GRANT SELECT (token_hash, used_at), DELETE ON refresh_tokens TO keyarc_jobs;
"""

# The role stays: another database of the cluster may have given it rights.
DOWN = """
REVOKE ALL ON sessions, refresh_tokens FROM keyarc_jobs;
REVOKE USAGE ON SCHEMA public FROM keyarc_jobs;
DROP TABLE job_runs;
"""


def upgrade() -> None:
    op.execute(ROLE)
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
