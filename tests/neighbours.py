"""Other people, who have one of everything that belongs to a person or to a vault."""

import os
from uuid import UUID

from psycopg.sql import SQL, Identifier

from shared import vault_log_sql
from shared.db import Connection
from shared.keyarc.encoding import b64
from tests import links, machine_tokens, rosters, second_factors, vaults, worlds
from tests.clients import Client
from tests.databases import NOBODY
from tests.recoveries import Recovering
from tests.vaults import Person
from tests.worlds import World

# What no deed of a test makes by itself.
MORE = (
    """INSERT INTO email_verifications (token_hash, email, user_id, expires_at)
       VALUES (%(hash)s, 'other@example.com', %(user_id)s, now() + interval '1 hour')""",
    """INSERT INTO superseded_idcerts (vault_id, user_id, idcert)
       SELECT vault_id, user_id, idcert FROM vault_members WHERE user_id = %(user_id)s""",
    """INSERT INTO reminders_told (user_id, vault_id, secret_id, day)
       SELECT %(user_id)s, vault_id, secret_id, day FROM reminders""",
)


def moved_in(conn: Connection, auth: Client, account: Client, keys: Client) -> World:
    """Return somebody with all that an account can have, and a vault with all that it can."""
    world = worlds.made(conn, auth, account, keys)
    person, vault = world.person, world.vault
    client = keys.as_(person.actor)
    secret_id = secret_of(world)
    assert client.get(f"{vault.url}/secrets/{secret_id}").status_code == 200
    day = {"day": "2027-06-30"}
    assert client.put(f"{vault.url}/reminders/{secret_id}", json=day).status_code == 204
    assert client.post("/api/keys/links", json=links.body()).status_code == 201
    rosters.change(account, vault, rosters.add(vaults.person(conn)))
    rosters.invited(account, vault)
    machine_tokens.made(conn, account, vault)
    asking = {"email": person.person.email, "public_key": b64(bytes(1216)), "device": "a phone"}
    assert auth.post("/auth/device-requests", json=asking).status_code == 201
    Recovering(auth, person.person).begin()
    person.add_totp(second_factors.now(conn))
    person.add_passkey()
    person.challenged()
    for statement in MORE:
        conn.execute(statement.encode(), {"user_id": person.person.user_id, "hash": os.urandom(32)})
    return world


def asking(
    conn: Connection,
    role: str,
    person: Person | None,
    vault_id: UUID | None = None,
    invite_id: UUID | None = None,
) -> None:
    """Be a service that carries out a request of *person*, or of nobody."""
    conn.execute(f"SET LOCAL ROLE {role}".encode())
    conn.execute(NOBODY.encode())
    if person:
        vault_log_sql.standing(conn, person.session_id, person.user_id, vault_id, invite_id)


def secret_of(world: World) -> UUID:
    """Return one of the secrets in the vault."""
    return next(next(iter(rows)) for rows in world.vault.state.secrets.values() if rows)


def counted(conn: Connection, table: str) -> int:
    """Return how many rows of a table whoever asks can see."""
    row = conn.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table))).fetchone()
    assert row
    number: int = row[0]
    return number


def seen(conn: Connection, *tables: str) -> list[int]:
    """Count the rows of each table that the present role is shown."""
    return [counted(conn, table) for table in tables]
