"""Audit rows that are older than the chains: they become the beginnings of them."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from shared.keyarc.accesses import BEGINNING, Access
from tests import databases

ADD = """
    INSERT INTO audit_log (at, action, user_id, session_id, vault_id, object_id, address,
                           request_id)
    VALUES (now() - interval '1 day', 'secret.read', gen_random_uuid(), gen_random_uuid(),
            %s, %s, '192.0.2.7', gen_random_uuid())
"""
BEGIN = r"""
    INSERT INTO vaults (vault_id, head_seq, head_hash, head_state, buckets, profile_epoch,
                        profile_seq, profile)
    SELECT %s, 1, hash, hash, decode(repeat('00', 8192), 'hex'), 1, 1,
           '\x4b410130' || decode(repeat('00', 208), 'hex')
      FROM decode(repeat('00', 32), 'hex') AS hash
"""
CHAIN = """
    SELECT vault_seq, (extract(epoch FROM at) * 1000)::bigint, action, user_id, session_id,
           origin, object_ids, address, salt, hash, at < now() - interval '1 hour'
      FROM audit_log
     WHERE vault_id = %s
     ORDER BY audit_id
"""


@pytest.fixture
def old(database_server: str) -> Iterator[str]:
    """The URL of a database of the time before the chains."""
    with databases.fresh(database_server, f"keyarc_{uuid4().hex}") as url:
        databases.migrate(url, "upgrade", "0009")
        yield url


def test_rows_from_before_the_chains_get_their_places_and_keep_what_they_said(old: str) -> None:
    vaults, secrets = (uuid4(), uuid4()), (uuid4(), None, uuid4())
    gone = uuid4()
    with psycopg.connect(old) as conn:
        for begun in vaults:
            conn.execute(BEGIN, (begun,))
        for vault_id in (*vaults, gone, None):
            for secret_id in secrets:
                conn.execute(ADD, (vault_id, secret_id))

    databases.migrate(old, "upgrade", "0010")

    with psycopg.connect(old) as conn:
        for vault_id in vaults:
            rows = conn.execute(CHAIN, (vault_id,)).fetchall()
            head = conn.execute("SELECT * FROM audit_heads WHERE vault_id = %s", (vault_id,))
            before = BEGINNING.hash
            for seq, row in enumerate(rows, start=1):
                told: Any = (*row[:6], tuple(row[6]), *row[7:9])
                before = Access(*told).hash(vault_id, before)
                assert (row[0], row[9], row[10]) == (seq, before, True)
            assert [row[6] for row in rows] == [[one] if one else [] for one in secrets]
            assert head.fetchone() == (vault_id, 3, before)
        outside = conn.execute("SELECT vault_seq, hash FROM audit_log WHERE vault_id IS NULL")
        assert outside.fetchall() == [(None, None)] * 3
        left = conn.execute("SELECT count(*) FROM audit_log WHERE vault_id = %s", (gone,))
        assert left.fetchone() == (0,)
