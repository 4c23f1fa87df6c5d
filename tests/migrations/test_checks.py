"""The database takes no blob of another shape, whoever writes it."""

import psycopg
import pytest

from shared.db import Connection
from shared.keyarc.encoding import ObjectType
from tests import factories
from tests.clients import Client

SEALED = {
    ("credentials", "user_key"): (ObjectType.USER_KEY_BY_PASSWORD, 212),
    ("credentials", "recovery_user_key"): (ObjectType.USER_KEY_BY_RECOVERY_CODE, 212),
    ("credentials", "identity"): (ObjectType.IDENTITY, 212),
    ("keyrings", "blob"): (ObjectType.KEYRING, 65_536),
}


def _columns() -> list[tuple[str, str, bytes]]:
    wrong = []
    for (table, column), (kind, longest) in SEALED.items():
        right = b"KA" + bytes([1, kind]) + bytes(208)
        wrong += [
            (table, column, right[:-1]),
            (table, column, right + bytes(longest - 211)),
            (table, column, b"KB" + right[2:]),
            (table, column, b"KA\x02" + right[3:]),
            (table, column, b"KA\x01" + bytes([kind ^ 0xFF]) + right[4:]),
            (table, column, b""),
        ]
    return wrong


@pytest.mark.parametrize(("table", "column", "blob"), _columns())
def test_a_blob_of_another_shape_is_not_stored(
    auth: Client, conn: Connection, table: str, column: str, blob: bytes
) -> None:
    factories.signed_up(auth)
    change = psycopg.sql.SQL("UPDATE {} SET {} = %s").format(
        psycopg.sql.Identifier(table), psycopg.sql.Identifier(column)
    )

    with pytest.raises(psycopg.errors.CheckViolation) as caught, conn.transaction():
        conn.execute(change, (blob,))

    assert caught.value.diag.constraint_name == f"{table}_{column}_check"


@pytest.mark.parametrize(("table", "column"), SEALED)
def test_a_blob_of_the_right_shape_is_stored(
    auth: Client, conn: Connection, table: str, column: str
) -> None:
    factories.signed_up(auth)
    kind, longest = SEALED[table, column]
    change = psycopg.sql.SQL("UPDATE {} SET {} = %s").format(
        psycopg.sql.Identifier(table), psycopg.sql.Identifier(column)
    )

    changed = conn.execute(change, (b"KA" + bytes([1, kind]) + bytes(longest - 4),))

    assert changed.rowcount == 1


def test_every_sealed_column_has_its_check(conn: Connection) -> None:
    """Bytes are either of a fixed length, or sealed, or signed: each column has a check."""
    rows = conn.execute(
        """SELECT relname, attname
             FROM pg_attribute
             JOIN pg_class ON pg_class.oid = attrelid
            WHERE relnamespace = 'public'::regnamespace
              AND relkind = 'r'
              AND atttypid = 'bytea'::regtype
              AND NOT EXISTS (
                      SELECT 1
                        FROM pg_constraint
                       WHERE conrelid = attrelid
                         AND contype = 'c'
                         AND attnum = ANY (conkey))"""
    ).fetchall()

    assert rows == []


@pytest.mark.parametrize("email", ["A@example.com", "a b@example.com", "a", "@b", "a@b@c"])
def test_an_address_is_stored_in_one_spelling(conn: Connection, email: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as caught, conn.transaction():
        conn.execute(
            """INSERT INTO users (user_id, email, suite, salt)
               VALUES (gen_random_uuid(), %s, 1, decode(repeat('00', 16), 'hex'))""",
            (email,),
        )

    assert caught.value.diag.constraint_name == "users_email_check"
