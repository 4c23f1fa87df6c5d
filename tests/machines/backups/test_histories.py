"""A vault is what its members signed, or it is called broken."""

import psycopg
import pytest

from machines.failures import Failure
from machines.fly import histories
from machines.fly.histories import Found
from tests.installations import Installation

PURGED = "overview = NULL, details = NULL"
OF_A_LIVING_SECRET = """
    WHERE (secret_id, version) IN (SELECT secret_id, version FROM secrets WHERE epoch IS NOT NULL)
"""
INVITATION = """
    SELECT vault_id, gen_random_uuid(), sha256(''), 3, 0, 2, author_id,
           '\\x4b410150' || convert_to(repeat('x', 208), 'UTF8')
      FROM commits
     WHERE seq = 1
"""
OTHER = "overlay(signature PLACING '\\x00ff' FROM 9)"


def test_every_vault_is_followed_to_its_head(installation: Installation) -> None:
    for secrets in (2, 3):
        installation.filled(secrets)

    with psycopg.connect(installation.url) as conn:
        found = histories.check(conn)

    assert found == Found(vaults=2, commits=8, secrets=3)


def test_a_purged_version_is_missed_by_nobody(installation: Installation) -> None:
    installation.filled(3)
    with psycopg.connect(installation.url) as conn:
        conn.execute(
            "UPDATE secret_versions SET overview = NULL, details = NULL"
            " WHERE secret_id IN (SELECT secret_id FROM secrets WHERE epoch IS NULL)"
        )

        found = histories.check(conn)

    assert found == Found(vaults=1, commits=4, secrets=2)


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
        f"UPDATE secret_versions SET {PURGED} {OF_A_LIVING_SECRET}",  # noqa: S608
        "UPDATE vault_members SET role = 2",
        "UPDATE vault_epochs SET vk_commit = sha256('other')",
        "DELETE FROM vault_epochs",
        f"INSERT INTO vault_invites {INVITATION}",
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
