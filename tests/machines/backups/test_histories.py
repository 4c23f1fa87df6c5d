"""A vault is what its members signed, or it is called broken."""

import psycopg
import pytest

from machines.failures import Failure
from machines.fly import histories
from machines.fly.histories import Found
from tests.installations import Installation

OTHER = "overlay(signature PLACING '\\x00ff' FROM 9)"


def test_every_vault_is_followed_to_its_head(installation: Installation) -> None:
    for secrets in (2, 3):
        installation.filled(secrets)

    with psycopg.connect(installation.url) as conn:
        found = histories.check(conn)

    assert found == Found(vaults=2, commits=8, secrets=3)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE vaults SET head_state = sha256('other')",
        "UPDATE vaults SET head_hash = sha256('other')",
        "UPDATE vaults SET head_seq = head_seq - 1",
        "UPDATE vaults SET secrets = secrets + 1",
        "UPDATE vaults SET buckets = overlay(buckets PLACING sha256('other') FROM 1 FOR 32)",
        "UPDATE vaults SET profile = profile || '\\x00'",
        "UPDATE secrets SET version = version + 1 WHERE epoch IS NOT NULL",
        "UPDATE secret_versions SET details = details || '\\x00' WHERE epoch IS NOT NULL",
        "UPDATE secret_versions SET overview = overview || '\\x00' WHERE epoch IS NOT NULL",
        "DELETE FROM secret_versions WHERE version = 1 AND epoch IS NOT NULL",
        "UPDATE vault_members SET role = 2",
        f"UPDATE commits SET signature = {OTHER}, hash = sha256(raw || {OTHER})",  # noqa: S608
        "DELETE FROM commits WHERE seq = 2",
    ],
)
def test_whatever_is_changed_is_noticed(installation: Installation, damage: str) -> None:
    vault = installation.filled()
    with psycopg.connect(installation.url, autocommit=True) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute(damage.encode())

        with pytest.raises(Failure, match=f"The history of the vault {vault.id} is broken"):
            histories.check(conn)
