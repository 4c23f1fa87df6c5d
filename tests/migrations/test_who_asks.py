"""Who asks is said for one transaction, by whoever knows a session, and opens what is theirs."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from shared import vault_log_sql
from shared.db import Connection
from shared.keyarc.commits import Remove, Role
from tests import machine_tokens, neighbours, rosters, vaults
from tests.clients import Client
from tests.databases import NOBODY
from tests.vaults import Person, Vault

# Functions that act as the owner of the tables, who may call them, and whose objects they find.
ACTING = """
    SELECT proname, has_function_privilege('public', oid, 'EXECUTE'), proconfig
      FROM pg_proc
     WHERE pronamespace = 'public'::regnamespace
       AND prosecdef
"""
SAFE = ["search_path=pg_catalog, public, pg_temp"]


@pytest.fixture
def vault(conn: Connection, keys: Client) -> Vault:
    vault = vaults.begin(conn)
    vault.fill(keys, 1)
    return vault


@pytest.fixture
def stranger(conn: Connection) -> Person:
    return vaults.person(conn)


@pytest.fixture
def line(database: str) -> Iterator[Connection]:
    """A connection to a database that has somebody, with one transaction after the other."""
    with psycopg.connect(database) as conn:
        yield conn
        conn.rollback()
        conn.execute("TRUNCATE users CASCADE")


def test_what_acts_as_the_owner_is_for_services_and_finds_no_objects_of_others(
    conn: Connection,
) -> None:
    rows = conn.execute(ACTING).fetchall()

    assert len(rows) >= 10
    assert [row for row in rows if row[1:] != (False, SAFE)] == []


def test_the_next_transaction_of_a_connection_begins_with_nobody(line: Connection) -> None:
    """S12: a pooler hands the connection on, and not who asked."""
    person = vaults.person(line)
    line.commit()

    neighbours.asking(line, "keyarc_account", person)
    during = neighbours.seen(line, "keyrings", "users")
    line.commit()
    line.execute("SET LOCAL ROLE keyarc_account")
    afterwards = neighbours.seen(line, "keyrings", "users")

    assert during == [1, 1]
    assert afterwards == [0, 0]


def test_an_ended_session_opens_nothing(conn: Connection, vault: Vault) -> None:
    conn.execute("UPDATE sessions SET ended_at = now()")

    neighbours.asking(conn, "keyarc_keys", vault.owner, vault.id)

    assert neighbours.seen(conn, "vaults", "secrets", "commits") == [0, 0, 0]


def test_whoever_says_what_nobody_asked_for_is_shown_nothing(
    conn: Connection, vault: Vault, stranger: Person
) -> None:
    """S12: the settings name a session, which is secret; a vault or a person would not do."""
    neighbours.asking(conn, "keyarc_keys", stranger)
    for setting, value in (
        ("keyarc.vault", vault.id),
        ("keyarc.invitation", uuid4()),
        ("keyarc.person", vault.owner.user_id),
    ):
        conn.execute("SELECT set_config(%s, %s, true)", (setting, str(value)))

    assert neighbours.seen(conn, "vaults", "secrets", "commits", "vault_members") == [0, 0, 0, 0]


def test_an_invitation_opens_its_vault_as_long_as_it_is_open(
    conn: Connection, account: Client, vault: Vault, stranger: Person
) -> None:
    link = rosters.invited(account, vault)
    rows = []

    for change in (
        "",
        "UPDATE vault_invites SET expires_ms = 1",
        "UPDATE vault_invites SET expires_ms = 253402300799999",
        "DELETE FROM vault_invites",
    ):
        conn.execute("RESET ROLE")
        conn.execute(change.encode())
        neighbours.asking(conn, "keyarc_account", stranger, invite_id=link.invite_id)
        rows.append(neighbours.seen(conn, "vaults", "vault_invites"))

    assert rows == [[1, 1], [0, 0], [1, 1], [0, 0]]


def test_an_invitation_from_before_their_removal_opens_nothing_to_who_was_removed(
    conn: Connection, account: Client, vault: Vault, stranger: Person
) -> None:
    rosters.change(account, vault, rosters.add(stranger))
    link = rosters.invited(account, vault)
    rosters.change(account, vault, Remove(stranger.user_id), author=stranger)

    neighbours.asking(conn, "keyarc_account", stranger, invite_id=link.invite_id)

    assert neighbours.seen(conn, "vaults", "vault_invites") == [0, 0]


def test_who_was_removed_sees_the_history_up_to_that_and_nothing_else(
    conn: Connection, account: Client, vault: Vault, stranger: Person
) -> None:
    rosters.change(account, vault, rosters.add(stranger))
    rosters.change(account, vault, Remove(stranger.user_id), rosters.rotate(vault))
    until = vault.state.seq
    rosters.invited(account, vault)

    neighbours.asking(conn, "keyarc_account", stranger, vault.id)

    assert conn.execute("SELECT max(seq) FROM commits").fetchone() == (until,)
    assert neighbours.seen(conn, "vaults", "vault_epochs", "shares", "fellows") == [0, 0, 0, 0]
    assert conn.execute("SELECT user_id FROM vault_members").fetchall() == [(stranger.user_id,)]


def test_nobody_slips_into_a_vault_that_has_members(
    conn: Connection, vault: Vault, stranger: Person
) -> None:
    neighbours.asking(conn, "keyarc_account", stranger)

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        conn.execute(
            "INSERT INTO vault_members (vault_id, user_id, role, idcert) VALUES (%s, %s, 1, %s)",
            (vault.id, stranger.user_id, stranger.idcert.raw),
        )


def test_nobody_takes_a_vault_in_for_somebody_else(
    conn: Connection, vault: Vault, stranger: Person
) -> None:
    vault.admit(conn, stranger, Role.VIEWER)
    neighbours.asking(conn, "keyarc_keys", stranger, vault.id)

    taken = conn.execute("UPDATE vault_members SET accepted = true RETURNING user_id").fetchall()

    assert taken == [(stranger.user_id,)]


def test_a_version_may_be_emptied_and_not_replaced(conn: Connection, vault: Vault) -> None:
    neighbours.asking(conn, "keyarc_keys", vault.owner, vault.id)

    with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
        conn.execute("UPDATE secret_versions SET overview = overview")

    emptied = conn.execute("UPDATE secret_versions SET overview = NULL, details = NULL")
    assert emptied.rowcount == 1


def test_an_owner_ends_the_sessions_of_their_machine_and_sees_no_keys_of_it(
    conn: Connection, auth: Client, account: Client, vault: Vault, stranger: Person
) -> None:
    machine = machine_tokens.made(conn, account, vault)
    machine_tokens.logged_in(auth, machine)
    found = []

    for person in (vault.owner, stranger):
        neighbours.asking(conn, "keyarc_account", person)
        ended = conn.execute("UPDATE sessions SET ended_at = now()").rowcount
        found.append([ended, *neighbours.seen(conn, "machine_tokens", "keyrings")])
        conn.execute("RESET ROLE")

    assert found == [[2, 1, 1], [1, 0, 1]]


def test_nobody_is_told_of_people_before_it_is_known_who_asks(
    conn: Connection, stranger: Person
) -> None:
    conn.execute("SET LOCAL ROLE keyarc_account")
    conn.execute(NOBODY)
    ask = "SELECT count(*) FROM person_by_email(%s)"
    unknown = conn.execute(ask, (stranger.email,)).fetchone()

    vault_log_sql.standing(conn, stranger.session_id, stranger.user_id)

    assert (unknown, conn.execute(ask, (stranger.email,)).fetchone()) == ((0,), (1,))
