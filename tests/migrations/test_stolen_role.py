"""What a service's password opens to whoever stole it, and has an account of their own."""

import psycopg
import pytest

from shared.db import Connection
from shared.keyarc.commits import Remove
from tests import neighbours, rosters, vaults
from tests.clients import Client
from tests.vaults import Person, Vault

SAY = "SELECT set_config(%s, %s, true)"


@pytest.fixture
def vault(conn: Connection, keys: Client) -> Vault:
    vault = vaults.begin(conn)
    vault.fill(keys, 1)
    return vault


@pytest.fixture
def thief(conn: Connection) -> Person:
    return vaults.person(conn)


def test_a_session_that_ended_a_while_ago_opens_nothing(conn: Connection, vault: Vault) -> None:
    """S10: not even to whoever knows its number; a request that had begun goes on."""
    rows = []

    for change in (
        "UPDATE sessions SET ended_at = now()",
        "UPDATE sessions SET ended_at = now() - interval '2 minutes'",
    ):
        conn.execute(change.encode())
        conn.execute("SET LOCAL ROLE keyarc_keys")
        conn.execute(SAY, ("keyarc.session", str(vault.owner.session_id)))
        rows.append(neighbours.seen(conn, "vaults", "secrets", "commits"))
        conn.execute("RESET ROLE")

    assert rows == [[1, 1, 2], [0, 0, 0]]


def test_who_left_a_while_ago_is_shown_nothing_whatever_they_say(
    conn: Connection, account: Client, vault: Vault, thief: Person
) -> None:
    """S12: their vault stays visible until the request ends, and not for longer."""
    rosters.change(account, vault, rosters.add(thief))
    rosters.change(account, vault, Remove(thief.user_id), author=thief)
    rows = []

    for change in (
        "UPDATE commits SET at = now()",
        "UPDATE commits SET at = now() - interval '2 minutes'",
    ):
        conn.execute(change.encode())
        neighbours.asking(conn, "keyarc_keys", thief)
        conn.execute(SAY, ("keyarc.vault", str(vault.id)))
        rows.append(neighbours.seen(conn, "vaults", "secrets"))
        conn.execute("RESET ROLE")

    assert rows == [[1, 1], [0, 0]]


def test_nobody_makes_another_person_a_machine_of_theirs(
    conn: Connection, vault: Vault, thief: Person
) -> None:
    """S12: whoever owns a machine sees its sessions, whose numbers open all that it may see."""
    neighbours.asking(conn, "keyarc_account", thief)

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        conn.execute(
            r"""INSERT INTO machine_tokens (machine_id, owner_id, name, verifier, identity)
                VALUES (%s, %s, 'x', %s, '\x4b410110' || %s)""",
            (vault.owner.user_id, thief.user_id, bytes(32), bytes(208)),
        )


@pytest.mark.parametrize(
    "deletion", ["delete_account(%(person)s, %(vault)s)", "delete_vault(%(vault)s, %(person)s)"]
)
def test_nobody_names_what_they_delete(
    conn: Connection, vault: Vault, thief: Person, deletion: str
) -> None:
    """S12: an account, or a vault, is of whoever asks, or it stays."""
    named = {"vault": vault.id, "person": vault.owner.user_id}
    neighbours.asking(conn, "keyarc_account", thief)

    with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
        conn.execute(f"SELECT {deletion}".encode(), named)
    own = conn.execute("SELECT delete_own_vault(%(vault)s)", named).fetchone()

    assert own == (False,)
