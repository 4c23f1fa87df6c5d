"""Whether a database holds every vault as its members signed it: nothing of it can be made up."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from machines.failures import Failure
from shared.db import Connection
from shared.keyarc import commits
from shared.keyarc.commits import Commit, Put, State
from shared.keyarc.encoding import Broken, sha256

VAULTS = """
    SELECT vault_id, head_seq, head_hash, head_state, buckets, secrets, profile
      FROM vaults
     ORDER BY vault_id
"""
COMMITS = """
    SELECT raw, signature
      FROM commits
     WHERE vault_id = %(vault_id)s
     ORDER BY seq
"""
LIVE = """
    SELECT secret_id, version, epoch, overview_hash, details_hash
      FROM secrets
     WHERE vault_id = %(vault_id)s
       AND epoch IS NOT NULL
"""
VERSIONS = """
    SELECT secret_id, version, epoch, sha256(overview), sha256(details)
      FROM secret_versions
     WHERE vault_id = %(vault_id)s
       AND epoch IS NOT NULL
"""
MEMBERS = """
    SELECT user_id, role, sha256(idcert)
      FROM vault_members
     WHERE vault_id = %(vault_id)s
       AND role IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Vault:
    """What a vault's row says of its head."""

    vault_id: UUID
    head_seq: int
    head_hash: bytes
    head_state: bytes
    buckets: bytes
    secrets: int
    profile: bytes


@dataclass(frozen=True)
class Found:
    """How much was checked."""

    vaults: int
    commits: int
    secrets: int


def check(conn: Connection) -> Found:
    """Follow every vault from its genesis to its head; raise Failure at the first that breaks."""
    with conn.cursor(row_factory=class_row(Vault)) as cursor:
        vaults = cursor.execute(VAULTS).fetchall()
    secrets = 0
    for vault in vaults:
        try:
            secrets += _follow(conn, vault)
        except Broken as ex:
            raise Failure(f"The history of the vault {vault.vault_id} is broken.") from ex
    return Found(len(vaults), sum(vault.head_seq for vault in vaults), secrets)


def _follow(conn: Connection, vault: Vault) -> int:
    """Apply every commit as a client would, and compare the end with what is stored."""
    state, puts = State(vault.vault_id), set[Put]()
    for commit in _commits(conn, vault.vault_id):
        commits.apply(state, commit)
        puts |= {op for op in commit.ops if isinstance(op, Put)}
    named = {"vault_id": vault.vault_id}
    live = {put for bucket in state.secrets.values() for put in bucket.values()}
    roster = {(who, int(one.role), one.idcert_hash) for who, one in state.roster.items()}
    same = (
        (state.seq, state.head, state.signed) == (vault.head_seq, vault.head_hash, vault.head_state)
        and b"".join(state.buckets or ()) == vault.buckets
        and (state.profile and state.profile.blob_hash) == sha256(vault.profile)
        and len(live) == vault.secrets
        and {Put(*row) for row in conn.execute(LIVE, named)} == live
        and {Put(*row) for row in conn.execute(VERSIONS, named)} == puts
        and set(conn.execute(MEMBERS, named)) == roster
    )
    if not same:
        raise Broken
    return len(live)


def _commits(conn: Connection, vault_id: UUID) -> Iterator[Commit]:
    """Yield a vault's history, of which there may be more than fits the memory."""
    with conn.transaction(), psycopg.ServerCursor(conn, "commits") as cursor:
        cursor.itersize = 100
        for raw, signature in cursor.execute(COMMITS, {"vault_id": vault_id}):
            yield commits.parse(raw, signature)
