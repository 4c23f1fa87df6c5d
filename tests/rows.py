"""What the database holds, to be compared before and after."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.sql import SQL, Identifier

from shared.db import Connection

TABLES = (
    "audit_heads",
    "audit_log",
    "backup_codes",
    "challenges",
    "commits",
    "credentials",
    "device_requests",
    "identities",
    "keyrings",
    "links",
    "machine_tokens",
    "passkeys",
    "recoveries",
    "reminders",
    "reminders_told",
    "secret_uses",
    "secret_versions",
    "secrets",
    "sessions",
    "shares",
    "superseded_idcerts",
    "totp",
    "users",
    "vault_epochs",
    "vault_invites",
    "vault_members",
    "vaults",
)

DIGEST = SQL("SELECT md5(string_agg(md5(row::text), '' ORDER BY md5(row::text))) FROM {} AS row")


@contextmanager
def nothing_stored(conn: Connection) -> Iterator[None]:
    """Hold that every row is afterwards what it was before."""
    before = _digests(conn)
    yield
    assert _digests(conn) == before


def _digests(conn: Connection) -> dict[str, object]:
    return {table: conn.execute(DIGEST.format(Identifier(table))).fetchone() for table in TABLES}
