"""The second wall: the database shows a service nothing of anybody but who asks."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from shared.db import Connection
from tests import neighbours, worlds
from tests.clients import Client
from tests.migrations.test_statements import STATEMENTS
from tests.worlds import World

SERVICES = ("keyarc_account", "keyarc_keys")
# Nobody's: what the installation has once, and queues and counters whose rows name no person.
WITHOUT = {"alembic_version", "installation", "job_runs", "limits", "mails"}
WITHOUT_MODULES = ("handlers.auth", "handlers.jobs", "shared.limits_sql", "shared.mail_sql")

TABLES = """
    SELECT relname, relrowsecurity
      FROM pg_class
     WHERE relnamespace = 'public'::regnamespace
       AND relkind = 'r'
"""
# Tables behind the wall that a role may use so, and a column of each.
USED = """
    SELECT relname, min(attname)
      FROM pg_class
      JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
     WHERE relrowsecurity
       AND CASE %(verb)s
           WHEN 'DELETE' THEN has_table_privilege(%(role)s, attrelid, %(verb)s)
           ELSE has_column_privilege(%(role)s, attrelid, attnum, %(verb)s) END
       AND has_column_privilege(%(role)s, attrelid, attnum, 'SELECT')
     GROUP BY relname
"""
# A condition on a parameter: what a WHERE must not forget.
PARAMETER = re.compile(r"%\((\w+)\)[sb]")
CONDITION = re.compile(rf"[\w.]+ = (?:{PARAMETER.pattern}|ANY ?\({PARAMETER.pattern}\))")


CHANGES = {
    "DELETE": "DELETE FROM {table}",
    "UPDATE": "UPDATE {table} SET {column} = {column}",
}


@pytest.fixture
def world(conn: Connection, auth: Client, account: Client, keys: Client) -> World:
    return worlds.made(conn, auth, account, keys)


def tables(conn: Connection, role: str, verb: str) -> dict[str, str]:
    """Return the tables of people and vaults that a role may use so, and a column of each."""
    return dict(conn.execute(USED, {"role": role, "verb": verb}).fetchall())


def visible(conn: Connection, names: Iterable[str]) -> dict[str, int]:
    return {name: neighbours.counted(conn, name) for name in names}


def test_every_table_is_behind_the_wall_but_these(conn: Connection) -> None:
    """S12: a new table says whose its rows are, or is written down here."""
    rows = conn.execute(TABLES).fetchall()

    assert {table for table, wall in rows if not wall} == WITHOUT


def test_neighbours_have_rows_in_every_table(
    conn: Connection, auth: Client, account: Client, keys: Client
) -> None:
    """S12: so that the tests below look for something that is there."""
    neighbours.moved_in(conn, auth, account, keys)

    rows = visible(conn, [table for table, wall in conn.execute(TABLES).fetchall() if wall])
    assert [table for table, number in rows.items() if not number] == []


@pytest.mark.parametrize("role", SERVICES)
def test_for_nobody_there_is_no_row(
    conn: Connection, auth: Client, account: Client, keys: Client, role: str
) -> None:
    """S12: before it is known who asks, a service sees nothing."""
    world = neighbours.moved_in(conn, auth, account, keys)
    names = tables(conn, role, "SELECT")

    neighbours.asking(conn, role, None)

    assert world.vault.id
    assert names
    assert set(visible(conn, names).values()) == {0}


WIDE: dict[str, Any] = {
    "after": 0,
    "bytes": 10**9,
    "firsts": [UUID(int=0)],
    "last": 10**6,
    "lasts": [UUID(int=2**128 - 1)],
    "limit": 10**6,
    "objects": 10**6,
    "since": 0,
    "step_seconds": 30,
    "until": None,
    "user_ids": [uuid4()],
    "versions": [1],
    "whole": True,
}


def forgetful() -> Iterator[tuple[str, str]]:
    """Yield every SELECT of account and keys without its conditions on who, or which vault."""
    for name, text in STATEMENTS.items():
        if not name.startswith(WITHOUT_MODULES) and not re.match(r"\s*(INSERT|UPD|DEL)", text):
            yield name, CONDITION.sub("true", text)


def answers(conn: Connection, role: str, params: dict[str, Any], ask: Callable[[], None]) -> Any:
    """Return what each of these statements gives to a role, where it may ask at all."""
    found = {}
    for name, text in forgetful():
        known = {name: params.get(name, str(uuid4())) for name in PARAMETER.findall(text)}
        try:
            with conn.transaction(force_rollback=True):
                ask()
                rows = conn.execute(text.encode(), known).fetchall()
        except psycopg.errors.InsufficientPrivilege:
            continue
        found[f"{role} {name}"] = sorted(map(repr, rows))
    return found


def test_a_statement_without_its_where_shows_nothing_of_others(
    conn: Connection, world: World, auth: Client, account: Client, keys: Client
) -> None:
    """S12: what it gives is the same whether others are there or not."""
    person, vault = world.vault.owner, world.vault
    params = WIDE | {"secret_ids": [neighbours.secret_of(world)]}

    def all_answers() -> tuple[Any, Any]:
        behind = [
            answers(conn, role, params, partial(neighbours.asking, conn, role, person, vault.id))
            for role in SERVICES
        ]
        return behind, answers(conn, "owner", params, lambda: None)

    alone, alone_without_wall = all_answers()
    neighbours.moved_in(conn, auth, account, keys)
    beside, beside_without_wall = all_answers()

    assert beside == alone
    changed = {
        name for name in alone_without_wall if alone_without_wall[name] != beside_without_wall[name]
    }
    assert len(changed) >= 40, sorted(changed)  # the same statements show a lot to the owner


@pytest.mark.parametrize("verb", CHANGES)
@pytest.mark.parametrize("role", SERVICES)
def test_a_change_without_its_where_changes_nothing_of_others(
    conn: Connection,
    world: World,
    auth: Client,
    account: Client,
    keys: Client,
    role: str,
    verb: str,
) -> None:
    """S12: every row that it finds is one that was there without the others."""
    person, vault = world.vault.owner, world.vault
    names = tables(conn, role, verb)

    def found() -> dict[str, int | str]:
        counts: dict[str, int | str] = {}
        for table, column in names.items():
            text = CHANGES[verb].format(table=table, column=column)
            with conn.transaction(force_rollback=True):
                neighbours.asking(conn, role, person, vault.id)
                counts[table] = changed(conn, text)
        return counts

    alone = found()
    neighbours.moved_in(conn, auth, account, keys)

    assert names
    assert found() == alone


def changed(conn: Connection, text: str) -> int | str:
    """Return how many rows a change finds, or what keeps it from changing one."""
    try:
        return conn.execute(text.encode()).rowcount
    except psycopg.Error as ex:
        return str(ex)
