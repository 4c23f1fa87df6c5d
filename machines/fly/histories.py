"""Whether a database holds every vault as its members signed it: nothing of it can be made up."""

from collections.abc import Iterable, Iterator
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
EPOCHS = """
    SELECT vk_commit
      FROM vault_epochs
     WHERE vault_id = %(vault_id)s
     ORDER BY epoch
"""
INVITES = """
    SELECT invite_id, invite_pk, role, expires_ms
      FROM vault_invites
     WHERE vault_id = %(vault_id)s
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
    versions = {Put(*row) for row in conn.execute(VERSIONS, named)}
    same = (
        (state.seq, state.head, state.signed) == (vault.head_seq, vault.head_hash, vault.head_state)
        and b"".join(state.buckets or ()) == vault.buckets
        and (state.profile and state.profile.blob_hash) == sha256(vault.profile)
        and len(live) == vault.secrets
        and {Put(*row) for row in conn.execute(LIVE, named)} == live
        and live <= {put for put in versions if put.overview_hash} <= puts
        and _places(versions) == _places(puts)
        and _same_people(conn, state)
    )
    if not same:
        raise Broken
    return len(live)


def _places(puts: Iterable[Put]) -> set[tuple[UUID, int, int]]:
    """Return which versions these are: one that was purged keeps its place, and no content."""
    return {(put.secret_id, put.version, put.epoch) for put in puts}


def _same_people(conn: Connection, state: State) -> bool:
    """Tell whether members, keys and open invitations are stored as *state* has them."""
    named = {"vault_id": state.vault_id}
    roster = {(who, int(one.role), one.idcert_hash) for who, one in state.roster.items()}
    invites = {
        (one.invite_id, one.public_key, int(one.role), one.expires_ms)
        for one in state.invites.values()
    }
    return (
        set(conn.execute(MEMBERS, named)) == roster
        and [vk_commit for (vk_commit,) in conn.execute(EPOCHS, named)] == state.epochs
        and set(conn.execute(INVITES, named)) == invites
    )


def _commits(conn: Connection, vault_id: UUID) -> Iterator[Commit]:
    """Yield a vault's history, of which there may be more than fits the memory."""
    with conn.transaction(), psycopg.ServerCursor(conn, "commits") as cursor:
        cursor.itersize = 100
        for raw, signature in cursor.execute(COMMITS, {"vault_id": vault_id}):
            yield commits.parse(raw, signature)
