"""What the services leave on a connection that the next transaction, of anybody, is given."""

import ast
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from uuid import uuid4

import psycopg
import pytest

from machines.environment import ROOT
from machines.pgbouncer import POOL_SIZE
from machines.stack import SERVICES, Stack
from shared import db
from shared.db import Connection
from tests.machines.growing.caller import at_once, each
from tests.vaults import Vault, body

ROLES = {name: service.role for name, service in SERVICES.items() if service.role}

# What belongs to a session and so, between two transactions, to nobody.
OF_A_SESSION = re.compile(
    r"""^\s*(?:SET\s+(?!LOCAL|TRANSACTION)|RESET|LISTEN|UNLISTEN|NOTIFY|PREPARE|DEALLOCATE|DISCARD|LOAD)\b
      | \bWITH\s+HOLD\b
      | \bCREATE\s+TEMP
      | \bpg_(?:try_)?advisory_(?:un)?lock\w*\(
      | \bset_config\(""",
    re.VERBOSE,
)
STATE = """
    SELECT current_user, current_setting('search_path'), current_setting('statement_timeout'),
           current_setting('idle_in_transaction_session_timeout'),
           current_setting('TimeZone'), current_setting('transaction_read_only'),
           (SELECT count(*) FROM pg_prepared_statements),
           (SELECT count(*) FROM pg_listening_channels()),
           (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),
           (SELECT count(*) FROM pg_cursors WHERE name <> '')
"""


def use(grown: Stack, vault: Vault) -> None:
    """Let every process of every service ask the database, several at once."""
    for name in ROLES:
        ready = f"/{'auth' if name == 'auth' else f'api/{name}'}/ready"
        answers = at_once(each(grown, name) * 4, "GET", ready, [None] * 12)
        assert {answer.status_code for answer in answers} == {200}
    put, content = vault.put(uuid4())
    sent = body(vault.commit([put]), [content])
    for path in (f"{vault.url}/secrets", f"{vault.url}/commits", "/api/account/vaults"):
        callers = each(grown, "gateway", vault.owner) * 4
        assert {one.status_code for one in at_once(callers, "GET", path, [None] * 12)} == {200}
    statuses = at_once(
        each(grown, "keys", vault.owner) * 2, "POST", f"{vault.url}/commits", [sent] * 6
    )
    assert {one.status_code for one in statuses} == {201}


@pytest.mark.parametrize("name", sorted(ROLES))
def test_a_transaction_leaves_nothing_of_itself_on_its_connection(
    grown: Stack, vault: Vault, name: str
) -> None:
    use(grown, vault)

    with ExitStack() as held:
        url = grown.environment(name)["DATABASE_URL"]
        opened = [
            held.enter_context(psycopg.connect(url, prepare_threshold=None))
            for _ in range(POOL_SIZE)
        ]
        found = {one.execute(STATE).fetchone() for one in opened}

    assert found == {
        (ROLES[name], '"$user", public', "15s", "15s", "UTC", "off", 0, 0, 0, 0),
    }


def test_the_database_sees_few_connections_of_many_processes(
    grown: Stack, owner: Connection, vault: Vault
) -> None:
    use(grown, vault)

    rows = owner.execute(
        """SELECT usename, count(*)
             FROM pg_stat_activity
            WHERE usename = ANY(%s)
            GROUP BY usename""",
        (list(ROLES.values()),),
    ).fetchall()

    assert {role for role, _ in rows} == set(ROLES.values())
    assert all(1 <= count <= POOL_SIZE for _, count in rows)


def test_a_service_that_waits_for_the_pooler_says_so_and_recovers(
    grown: Stack, vault: Vault
) -> None:
    asked = each(grown, "keys", vault.owner)[0]
    path = f"{vault.url}/secrets"
    with ExitStack() as held:
        for _ in range(POOL_SIZE):
            conn = psycopg.connect(grown.environment("keys")["DATABASE_URL"])
            held.enter_context(conn).execute("SELECT 1")

        refused = asked.get(path)

    assert (refused.status_code, refused.json["type"]) == (503, "/problems/unavailable")
    assert asked.get(path).status_code == 200


def test_more_requests_than_connections_are_all_answered(grown: Stack, vault: Vault) -> None:
    callers = each(grown, "gateway", vault.owner) * 16

    with ThreadPoolExecutor(len(callers)) as threads:
        answers = list(threads.map(lambda one: one.get(f"{vault.url}/secrets"), callers))

    assert {answer.status_code for answer in answers} == {200}


def test_no_statement_of_a_service_is_one_of_a_session() -> None:
    texts = {
        f"{file.relative_to(ROOT)}:{node.lineno}": node.value
        for folder in ("handlers", "shared")
        for file in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    assert {place for place, text in texts.items() if OF_A_SESSION.search(text)} == set()
    assert OF_A_SESSION.search("SET statement_timeout = 1")
    assert OF_A_SESSION.search("SELECT pg_try_advisory_lock(1)")
    assert not OF_A_SESSION.search("SELECT pg_advisory_xact_lock(1)")


def test_a_service_prepares_no_statement_on_the_server(grown: Stack) -> None:
    pool = db.open_pool(grown.environment("keys")["DATABASE_URL"])

    for _ in range(10):
        with pool.connection() as conn:
            conn.execute("SELECT count(*) FROM vaults WHERE vault_id = %s", (uuid4(),))
            counted = conn.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()

    pool.close()
    assert counted == (0,)
