"""How the database finds what is asked of a large vault: by an index, not by looking at all."""

from collections.abc import Iterator
from typing import Any, LiteralString

import pytest

from handlers.keys import audit_rows_sql, secrets_sql
from shared import vault_log
from shared.db import Connection
from shared.permissions import Permission
from tests.clients import Client
from tests.vaults import Vault

SECRETS = 10_000
CHANGED = 7
FILL: LiteralString = r"""
    WITH sealed AS (
        SELECT gen_random_uuid() AS secret_id,
               CASE WHEN place <= %(changed)s THEN 3 ELSE 2 END AS seq,
               '\x4b410131' || content AS overview, '\x4b410132' || content AS details
          FROM generate_series(1, %(secrets)s) AS place,
               LATERAL (SELECT decode(repeat('00', 208), 'hex') AS content) AS padding),
    put AS (
        INSERT INTO secrets (vault_id, secret_id, version, seq, epoch, overview_hash, details_hash,
                             overview)
        SELECT %(vault_id)s, secret_id, 1, seq, 1, sha256(overview), sha256(details), overview
          FROM sealed)
    INSERT INTO secret_versions (vault_id, secret_id, version, seq, epoch, overview, details)
    SELECT %(vault_id)s, secret_id, 1, seq, 1, overview, details
      FROM sealed
"""


UNHEARD = (
    "DELETE FROM pg_statistic WHERE starelid IN ('secrets'::regclass, 'secret_versions'::regclass)",
    """UPDATE pg_class SET relpages = 0, reltuples = -1
        WHERE oid IN (SELECT 'secrets'::regclass UNION ALL SELECT 'secret_versions'::regclass
                      UNION ALL SELECT indexrelid FROM pg_index
                       WHERE indrelid IN ('secrets'::regclass, 'secret_versions'::regclass))""",
)
HEARD = ("ANALYZE secrets, secret_versions",)


@pytest.fixture(params=[UNHEARD, HEARD], ids=["unheard of", "heard of"])
def large(request: pytest.FixtureRequest, conn: Connection, keys: Client, vault: Vault) -> Vault:
    """A vault of 10,000 secrets before, and after, the planner has heard of them."""
    for _ in range(2):  # the commits that the others say they are from
        vault.fill(keys, 1)
    params = {"vault_id": vault.id, "secrets": SECRETS - 2, "changed": CHANGED - 1}
    conn.execute(FILL, params)
    for statement in request.param:
        conn.execute(statement)
    return asked_of(conn, vault)


def asked_of(conn: Connection, vault: Vault) -> Vault:
    """Let the connection be the service's in a request of the vault's owner."""
    vault_log.require(conn, vault.owner.actor, Permission.SECRET_LIST, vault.id)
    conn.execute("SET LOCAL ROLE keyarc_keys")
    return vault


def steps(conn: Connection, sql: LiteralString, **params: Any) -> list[dict[str, Any]]:
    """Return every step of a statement as it was carried out."""
    row = conn.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + sql, params).fetchone()
    assert row
    return list(_flat(row[0][0]["Plan"]))


def _flat(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield step
    for below in step.get("Plans", ()):
        yield from _flat(below)


def looked_at(found: list[dict[str, Any]], table: str) -> int:
    """Return how many rows of a table a step looks at each time, in the longest of them."""
    reads = [step for step in found if step.get("Relation Name") == table]
    assert reads
    return int(max(step["Actual Rows"] + step.get("Rows Removed by Filter", 0) for step in reads))


def test_many_secrets_are_read_without_looking_at_the_others(
    conn: Connection, large: Vault
) -> None:
    rows = conn.execute("SELECT secret_id FROM secrets WHERE vault_id = %s LIMIT 50", (large.id,))
    wanted = {"vault_id": large.id, "secret_ids": [row[0] for row in rows]}

    for statement in (secrets_sql.SIZE, secrets_sql.READ):
        assert looked_at(steps(conn, statement, **wanted), "secrets") == 1


def test_what_changed_since_a_commit_is_found_by_its_number(conn: Connection, large: Vault) -> None:
    found = steps(conn, secrets_sql.CHANGES, vault_id=large.id, since=2)

    assert "secrets_seq_idx" in {step.get("Index Name") for step in found}
    assert looked_at(found, "secrets") == CHANGED


def test_the_rows_after_one_are_found_by_its_number(conn: Connection, vault: Vault) -> None:
    conn.execute(
        """INSERT INTO audit_log (action, vault_id, user_id, address, request_id)
           SELECT 'secret.read', %s, gen_random_uuid(), '', gen_random_uuid()
             FROM generate_series(1, 1000)""",
        (vault.id,),
    )
    named = {
        "asker": vault.owner.user_id,
        "whole": True,
        "last": 1000,
        "limit": 1000,
        "objects": 10_000,
    }

    found = steps(conn, audit_rows_sql.PAGE, vault_id=asked_of(conn, vault).id, after=990, **named)

    assert looked_at(found, "audit_log") == 10
