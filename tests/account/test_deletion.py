"""An account ends at once and completely: a dump of the database knows nothing of it any more."""

import base64
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from handlers.account import routes as account_routes
from handlers.auth import routes as auth_routes
from handlers.keys import routes as keys_routes
from machines import postgres
from shared import browsers, mail
from shared.db import Connection
from shared.keyarc.commits import Role
from shared.keyarc.encoding import b64, unb64
from tests import factories, key_changes, links, machine_tokens, mail_relay, second_factors, vaults
from tests.clients import JWT_SECRET, ORIGIN, Client
from tests.conftest import verifier
from tests.databases import AsRole
from tests.rows import nothing_stored
from tests.second_factors import Guarded

TABLES = "users, vaults, audit_log, limits, mails, email_verifications, device_requests"


@dataclass
class Services:
    """The three services over one database in which what is done stays done."""

    conn: Connection
    auth: Client
    account: Client
    keys: Client


@dataclass
class Traces:
    """Somebody who used everything there is, and every byte and word by which they are known."""

    guarded: Guarded
    words: list[str] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    ids: list[UUID] = field(default_factory=list)

    def found(self, dump: str) -> list[str]:
        """Return the traces that a dump in plain text holds."""
        needles = [*self.words, *(str(each) for each in self.ids)]
        needles += [each.hex() for each in [*self.raw, *(each.bytes for each in self.ids)]]
        needles += [b64(each) for each in self.raw]
        needles += [base64.b64encode(each).decode() for each in self.raw]
        return [needle for needle in needles if needle in dump]


@pytest.fixture
def services(database: str) -> Iterator[Services]:
    post = mail.Post(mail_relay.NOWHERE)
    pools = {name: AsRole(database, f"keyarc_{name}") for name in ("auth", "account", "keys")}
    origins = browsers.Origins(ORIGIN)
    account = Client(account_routes.create_app(pools["account"], verifier("account"), post))
    keys = Client(keys_routes.create_app(pools["keys"], verifier("keys")))
    account.audience, keys.audience = "account", "keys"
    auth = Client(auth_routes.create_app(pools["auth"], (JWT_SECRET,), origins))
    with psycopg.connect(database, autocommit=True) as conn:
        yield Services(conn, auth, account, keys)
        for pool in pools.values():
            pool.close()
        conn.execute(f"TRUNCATE {TABLES} CASCADE")


def test_a_dump_knows_nothing_of_somebody_who_left(database: str, services: Services) -> None:
    """Not by id, address, device, network, or by one byte of what was sealed."""
    stays = vaults.begin(services.conn)
    stays.fill(services.keys, 1)
    before = rows(services.conn)
    traces = used(services)
    assert len(traces.found(dump(database))) > len(traces.words) + len(traces.ids) + len(traces.raw)
    looked_up = services.account.as_(stays.owner).get(
        "/api/account/people", params={"email": traces.guarded.person.email}
    )
    assert looked_up.status_code == 200
    services.conn.execute(  # by somebody who was of the vault once
        "INSERT INTO audit_log (action, user_id, vault_id, address, request_id)"
        " VALUES ('secret.read', %s, %s, '', gen_random_uuid())",
        (stays.owner.user_id, traces.ids[-1]),
    )
    traces.guarded.prove()

    response = traces.guarded.ask("DELETE", "profile")

    assert (response.status_code, response.content) == (204, b"")
    assert traces.found(dump(database)) == []
    after = rows(services.conn)
    assert after.pop("audit_log") == before.pop("audit_log") + 2  # somebody looked them up
    assert after == before
    told = services.conn.execute(
        "SELECT action, user_id, session_id, vault_id, object_ids, address"
        "  FROM audit_log ORDER BY audit_id DESC LIMIT 1"
    ).fetchone()
    assert told == ("account.deleted", None, None, None, [], "")
    assert services.keys.as_(stays.owner).get(f"{stays.url}/secrets").status_code == 200


def test_whoever_left_is_a_stranger_everywhere_and_may_come_back(services: Services) -> None:
    """S10: no session outlives its account, not for one request."""
    traces = used(services)
    guarded = traces.guarded
    guarded.prove()
    assert guarded.ask("DELETE", "profile").status_code == 204

    assert guarded.ask("GET", "profile").json["type"] == "/problems/session-ended"
    assert guarded.ask("DELETE", "profile").json["type"] == "/problems/session-ended"
    vault_id = traces.ids[-1]
    secrets = services.keys.as_(guarded.actor).get(f"/api/keys/vaults/{vault_id}/secrets")
    assert secrets.json["type"] == "/problems/session-ended"
    assert guarded.log_in().json["type"] == "/problems/wrong-credentials"
    again = services.auth.post("/auth/accounts", json=guarded.person.registration)
    assert again.status_code == 201


def used(services: Services) -> Traces:
    """Return somebody who has used everything that leaves a row."""
    conn, device, network = services.conn, f"device {os.urandom(8).hex()}", "198.51.100.77"
    person = factories.signed_up(services.auth)
    there = {"X-KeyArc-Client-IP": network}
    login = services.auth.post(
        "/auth/sessions", json=person.login | {"device": device}, headers=there
    )
    guarded = Guarded(services.auth, services.account, person, factories.actor(login))
    vault = vaults.begin(conn, key_changes.owner(guarded))
    contents = vault.fill(services.keys, 3)
    vault.change(services.keys, contents[0].secret_id)
    machine = machine_tokens.made(conn, services.account, vault, name=f"ci {device}")
    machine_tokens.logged_in(services.auth, machine)
    path = f"{vault.url}/secrets/{contents[0].secret_id}"
    assert services.keys.as_(machine).get(path).status_code == 200
    person_keys = services.keys.as_(guarded.actor)
    path = f"{vault.url}/reminders/{contents[0].secret_id}"
    assert person_keys.put(path, json={"day": "2027-06-30"}).status_code == 204
    link = links.body()
    assert person_keys.post("/api/keys/links", json=link).status_code == 201
    passkey = guarded.add_passkey()
    guarded.add_totp(second_factors.now(conn))
    address = f"{os.urandom(8).hex()}@example.com"
    guarded.prove()
    assert guarded.ask("PUT", "email", json={"email": address}).status_code == 202
    guarded.challenged()
    asking = {"email": person.email, "public_key": b64(os.urandom(1216)), "device": device}
    assert services.auth.post("/auth/device-requests", json=asking).status_code == 201
    begun = {"email": person.email, "device": device}
    begun["recovery_auth"] = person.registration["recovery_auth"]
    services.auth.post("/auth/recovery", json=begun, headers=there)
    raw = [each.overview for each in contents[1:]] + [each.details for each in contents]
    raw.append(unb64(link["blob"]))
    raw += [vault.profile, person.salt, passkey.credential_id, person.identity.idcert().raw]
    ids = [UUID(link["link_id"]), person.user_id, machine.user_id]
    ids += [*(each.secret_id for each in contents), vault.id]
    words = [person.email, address, device, network]
    return Traces(guarded, words, raw, ids)


def dump(url: str) -> str:
    """Return the whole database as a backup holds it, in plain text."""
    command = [str(postgres.program("pg_dump")), "--inserts", url]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def rows(conn: Connection) -> dict[str, int]:
    """Return how many rows each table has; counters of limits are not of anybody by name."""
    tables = conn.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'limits'"
    ).fetchall()
    counted = {}
    for (table,) in tables:
        row = conn.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table))).fetchone()
        counted[table] = row[0] if row else 0
    return counted


def test_what_others_are_of_stops_it(person: Guarded, conn: Connection, keys: Client) -> None:
    own = [vaults.begin(conn, key_changes.owner(person)) for _ in range(2)]
    own[0].fill(keys, 1)
    own[1].admit(conn, vaults.person(conn), Role.VIEWER)
    person.prove()

    with nothing_stored(conn):
        response = person.ask("DELETE", "profile")

    assert (response.status_code, response.json["type"]) == (409, "/problems/vaults-shared")
    assert response.json["vaults"] == [str(own[1].id)]


def test_what_somebody_left_long_ago_does_not_stop_it(person: Guarded, conn: Connection) -> None:
    """Its history stays, for those who are of it, and is verified by the certificate of then."""
    shared = vaults.begin(conn)
    shared.admit(conn, key_changes.owner(person), Role.MEMBER)
    conn.execute("UPDATE vault_members SET role = NULL WHERE user_id = %s", (person.actor.user_id,))
    person.prove()

    assert person.ask("DELETE", "profile").status_code == 204

    (listed,) = person.account.as_(shared.owner).get("/api/account/vaults").json["items"]
    assert {member["user_id"] for member in listed["members"]} == {
        str(shared.owner.user_id),
        str(person.actor.user_id),
    }


def test_it_takes_a_fresh_proof(person: Guarded, conn: Connection) -> None:
    with nothing_stored(conn):
        response = person.ask("DELETE", "profile")

    assert response.json["type"] == "/problems/proof-needed"


@pytest.mark.parametrize("table", ["audit_log", "vaults", "mails"])
def test_what_fails_halfway_was_not_begun(person: Guarded, conn: Connection, table: str) -> None:
    """S13: and what the audit log cannot say is not done."""
    vaults.begin(conn, key_changes.owner(person))
    person.prove()

    with nothing_stored(conn), conn.transaction(force_rollback=True):
        conn.execute(SQL("ALTER TABLE {} RENAME TO elsewhere").format(Identifier(table)))
        response = person.ask("DELETE", "profile")

    assert response.status_code == 503
    assert person.ask("DELETE", "profile").status_code == 204


def test_only_the_account_service_deletes_and_only_what_belongs_to_who_asks(
    conn: Connection,
) -> None:
    rows = conn.execute(
        """SELECT rolname, proname
             FROM pg_roles, pg_proc
            WHERE rolname LIKE 'keyarc%'
              AND proname LIKE 'delete\\_%'
              AND has_function_privilege(rolname, pg_proc.oid, 'EXECUTE')
            ORDER BY proname"""
    ).fetchall()

    assert rows == [
        ("keyarc_account", "delete_own_account"),
        ("keyarc_account", "delete_own_vault"),
    ]
