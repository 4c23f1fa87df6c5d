"""The second wall where rows are added: no service adds one that is somebody else's."""

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from shared.db import Connection
from tests import neighbours, vaults
from tests.clients import Client

# A vault is nobody's until its first member is added, and a machine until it has a token.
BEGINNING = {"keyarc_account": {"users", "vaults"}, "keyarc_keys": set[str]()}
ADDED = """
    SELECT relname
      FROM pg_class
     WHERE relrowsecurity
       AND has_table_privilege(%s, oid, 'INSERT')
"""
# Without triggers, so that what keeps a row out is the wall, and no key that it misses.
TAKEN_AWAY = (
    "SET LOCAL session_replication_role = replica",
    "CREATE TEMPORARY TABLE taken ON COMMIT DROP AS SELECT * FROM {}",
    "GRANT SELECT ON taken TO PUBLIC",
    "DELETE FROM {}",
)


@pytest.mark.parametrize("role", BEGINNING)
def test_nobody_adds_a_row_of_others(
    conn: Connection, auth: Client, account: Client, keys: Client, role: str
) -> None:
    """S12: each row that others have, added once more by whoever asks."""
    neighbours.moved_in(conn, auth, account, keys)
    tables = [table for (table,) in conn.execute(ADDED, (role,)).fetchall()]

    added = {table for table in tables if is_added(conn, role, table)}

    assert len(tables) >= 5
    assert added == BEGINNING[role]


def is_added(conn: Connection, role: str, table: str) -> bool:
    """Tell whether a stranger may add any of the rows that a table has."""
    with conn.transaction(force_rollback=True):
        for text in TAKEN_AWAY:
            conn.execute(SQL(text).format(Identifier(table)))
        number = neighbours.counted(conn, "taken")
        neighbours.asking(conn, role, vaults.person(conn))
        return any(is_taken(conn, table, place) for place in range(number))


def is_taken(conn: Connection, table: str, place: int) -> bool:
    text = SQL("INSERT INTO {} OVERRIDING SYSTEM VALUE SELECT * FROM taken OFFSET {} LIMIT 1")
    try:
        with conn.transaction():
            conn.execute(text.format(Identifier(table), place))
    except psycopg.errors.InsufficientPrivilege as ex:
        return "row-level security" not in str(ex)
    return True
