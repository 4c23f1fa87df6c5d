"""A vault with an owner, and someone who is none of its members; also for many at once."""

from collections.abc import Iterator

import psycopg
import pytest

from handlers.keys import routes
from shared.db import Connection
from shared.keyarc.commits import apply, parse
from shared.keyarc.encoding import unb64
from tests import vaults
from tests.clients import Client
from tests.conftest import verifier
from tests.databases import AsRole
from tests.vaults import Person, Vault

UNDO = (
    "DELETE FROM vault_invites WHERE vault_id = %(vault_id)s",
    "DELETE FROM secret_versions WHERE vault_id = %(vault_id)s",
    "DELETE FROM secrets WHERE vault_id = %(vault_id)s",
    "DELETE FROM commits WHERE vault_id = %(vault_id)s",
    "DELETE FROM vault_epochs WHERE vault_id = %(vault_id)s",
    "DELETE FROM vault_members WHERE vault_id = %(vault_id)s",
    "DELETE FROM vaults WHERE vault_id = %(vault_id)s",
    "DELETE FROM users WHERE user_id = %(user_id)s",
    "DELETE FROM audit_log WHERE user_id = %(user_id)s",
    "DELETE FROM audit_heads WHERE vault_id = %(vault_id)s",
)
WRITERS = 8
PER_POOL = 4  # connections of one machine: two machines serve here


@pytest.fixture
def vault(conn: Connection) -> Vault:
    return vaults.begin(conn)


@pytest.fixture
def stranger(conn: Connection) -> Person:
    return vaults.person(conn)


@pytest.fixture
def writers(database: str) -> Iterator[list[Client]]:
    """Clients of the service as it runs: every request commits."""
    pools = [AsRole(database, "keyarc_keys") for _ in range(WRITERS // PER_POOL)]
    clients = []
    for pool in pools:
        client = Client(routes.create_app(pool, verifier("keys")))
        client.audience = "keys"
        clients += [client] * PER_POOL
    yield clients
    for pool in pools:
        pool.close()


@pytest.fixture
def kept(database: str) -> Iterator[Vault]:
    """A vault that every connection sees, until the test is over."""
    with psycopg.connect(database, autocommit=True) as conn:
        vault = vaults.begin(conn)
        yield vault
        for statement in UNDO:
            conn.execute(statement, {"vault_id": vault.id, "user_id": vault.owner.user_id})


def follow(owner: Client, vault: Vault) -> None:
    """Verify and apply what is new in the history."""
    params = {"after": str(vault.state.seq)}
    for item in owner.get(f"{vault.url}/commits", params=params).json["items"]:
        apply(vault.state, parse(unb64(item["commit"]), unb64(item["signature"])))
