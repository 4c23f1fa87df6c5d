"""The database takes no blob of another shape, whoever writes it."""

import psycopg
import pytest

from shared.db import Connection
from shared.keyarc.encoding import ObjectType
from tests import neighbours
from tests.clients import Client
from tests.worlds import World

SEALED = {
    ("credentials", "identity"): (ObjectType.IDENTITY, 212),
    ("credentials", "recovery_user_key"): (ObjectType.USER_KEY_BY_RECOVERY_CODE, 212),
    ("credentials", "user_key"): (ObjectType.USER_KEY_BY_PASSWORD, 212),
    ("keyrings", "blob"): (ObjectType.KEYRING, 524_288),
    ("links", "blob"): (ObjectType.ONE_TIME_LINK, 65_536),
    ("machine_tokens", "identity"): (ObjectType.IDENTITY, 212),
    ("passkeys", "user_key"): (ObjectType.USER_KEY_BY_PASSKEY, 212),
    ("secret_versions", "details"): (ObjectType.SECRET_DETAILS, 65_536),
    ("secret_versions", "overview"): (ObjectType.SECRET_OVERVIEW, 65_536),
    ("secrets", "overview"): (ObjectType.SECRET_OVERVIEW, 65_536),
    ("vault_invites", "blob"): (ObjectType.INVITATION, 65_536),
    ("vaults", "profile"): (ObjectType.VAULT_PROFILE, 65_536),
}
# What must change with a blob.
BESIDE = {
    ("passkeys", "user_key"): ", keyset = 1",
    ("secrets", "overview"): ", overview_hash = sha256(%(blob)s)",
}
# As long as whoever made them says.
OF_AUTHENTICATORS = {("passkeys", "credential_id"), ("passkeys", "public_key")}
NAMED_BY_CHECKS = """
    SELECT relname, attname
      FROM pg_constraint
      JOIN pg_class ON pg_class.oid = conrelid
      JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
     WHERE contype = 'c'
       AND pg_get_constraintdef(pg_constraint.oid) LIKE '%\\x4b41%'
"""
BYTES = """
    SELECT relname, attname
      FROM pg_attribute
      JOIN pg_class ON pg_class.oid = attrelid
     WHERE relnamespace = 'public'::regnamespace
       AND relkind = 'r'
       AND atttypid = 'bytea'::regtype
       AND relname <> 'limits'
"""


@pytest.fixture
def world(conn: Connection, auth: Client, account: Client, keys: Client) -> World:
    """Rows in every table."""
    return neighbours.moved_in(conn, auth, account, keys)


def wrong(kind: ObjectType, longest: int) -> list[bytes]:
    """Return blobs of another length, another beginning, another suite and another type."""
    right = b"KA" + bytes([1, kind]) + bytes(208)
    return [
        right[:-1],
        right + bytes(longest - 211),
        b"KB" + right[2:],
        b"KA\x02" + right[3:],
        b"KA\x01" + bytes([kind ^ 0xFF]) + right[4:],
        *(right[:3] + bytes([other]) + right[4:] for other in ObjectType if other is not kind),
        b"",
    ]


def stored(conn: Connection, table: str, column: str, blob: bytes) -> int | str | None:
    """Return how many rows take a blob, or which check refuses it."""
    beside = BESIDE.get((table, column), "")
    change = f"UPDATE {table} SET {column} = %(blob)s{beside}"  # noqa: S608 - names of ours
    try:
        with conn.transaction(force_rollback=True):
            return conn.execute(change.encode(), {"blob": blob}).rowcount
    except psycopg.errors.CheckViolation as ex:
        return ex.diag.constraint_name


def test_every_column_of_sealed_objects_is_tried(conn: Connection) -> None:
    """S15: a new one stands in the list above, or this fails."""
    assert set(conn.execute(NAMED_BY_CHECKS).fetchall()) == SEALED.keys()


def test_a_blob_of_another_shape_is_not_stored(conn: Connection, world: World) -> None:
    """S15: by nobody, and in no column."""
    found = {
        (table, column, blob[:4], len(blob)): stored(conn, table, column, blob)
        for (table, column), (kind, longest) in SEALED.items()
        for blob in wrong(kind, longest)
    }

    assert world
    assert len(found) > 12 * len(SEALED)
    assert {
        place: answer for place, answer in found.items() if answer != f"{place[0]}_{place[1]}_check"
    } == {}


def test_a_blob_of_the_right_shape_is_stored(conn: Connection, world: World) -> None:
    found = {
        (table, column): stored(conn, table, column, b"KA" + bytes([1, kind]) + bytes(size - 4))
        for (table, column), (kind, longest) in SEALED.items()
        for size in {212, longest}
    }

    assert world
    assert [place for place, answer in found.items() if not isinstance(answer, int)] == []
    assert all(found.values())


def test_no_column_takes_too_few_bytes(conn: Connection, world: World) -> None:
    """S15: hashes, keys, certificates and signatures are as long as they are."""
    columns = conn.execute(BYTES).fetchall()

    taken = {
        blob: {
            (table, column)
            for table, column in columns
            if isinstance(stored(conn, table, column, blob), int)
        }
        for blob in (b"", bytes(15))
    }

    assert world
    assert len(columns) >= 40
    assert taken == {b"": set(), bytes(15): OF_AUTHENTICATORS}


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
