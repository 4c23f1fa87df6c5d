"""Machine tokens: made with a fresh proof, seen by their owner alone, over as soon as revoked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from handlers.account import routes
from shared import mail
from shared.db import Connection
from shared.keyarc.commits import Remove
from tests import machine_tokens, mail_relay, rosters, vaults
from tests.clients import Client
from tests.conftest import verifier
from tests.databases import OneTransaction
from tests.factories import actions
from tests.machine_tokens import Machine
from tests.rows import nothing_stored
from tests.vaults import Person, Vault

URL = "/api/account/machine-tokens"


@pytest.fixture
def vault(conn: Connection) -> Vault:
    return vaults.begin(conn)


def listed(account: Client, person: Person) -> Any:
    return account.as_(person).get(URL).json["items"]


def post(account: Client, owner: Person, body: dict[str, Any]) -> tuple[int, str | None]:
    """Return status and problem of the answer."""
    response = account.as_(owner).post(URL, json=body)
    return response.status_code, response.json.get("type")


def test_a_machine_is_a_member_of_every_vault_that_it_was_made_for(
    conn: Connection, account: Client, vault: Vault
) -> None:
    other = vaults.begin(conn, vault.owner)

    machine = machine_tokens.made(conn, account, vault, other, name="deploy")

    (token,) = listed(account, vault.owner)
    assert (token["name"], token["machine_id"]) == ("deploy", str(machine.user_id))
    assert token["vaults"] == sorted([str(vault.id), str(other.id)])
    assert (token["expires_at"], token["last_used_at"], token["expired"]) == (None, None, False)
    assert actions(conn) == ["machine_token.created", "member.added", "member.added"]


def test_a_token_is_told_to_the_person(conn: Connection, vault: Vault) -> None:
    """It outlives every change of password and keys: who did not make it must hear of it."""
    pool, post = OneTransaction(conn, "keyarc_account"), mail.Post(mail_relay.NOWHERE)
    account = Client(routes.create_app(pool, verifier("account"), post))
    account.audience = "account"

    machine_tokens.made(conn, account, vault)

    ((_, _, body),) = mail_relay.letters(conn)
    assert "your KeyArc account got a machine token" in body


def test_a_token_takes_a_proof_and_uses_it_up(
    conn: Connection, account: Client, vault: Vault
) -> None:
    machine_tokens.made(conn, account, vault)
    machine = Machine("again")

    with nothing_stored(conn):
        refused = post(account, vault.owner, machine.body([vault.commit([machine.add])]))

    assert refused == (403, "/problems/proof-needed")


def test_a_name_is_free_again_after_its_token_was_revoked(
    conn: Connection, account: Client, vault: Vault
) -> None:
    first = machine_tokens.made(conn, account, vault)
    second = Machine()
    machine_tokens.prove(conn, vault.owner)
    with nothing_stored(conn):
        taken = post(account, vault.owner, second.body([vault.commit([second.add])]))

    account.as_(vault.owner).delete(f"{URL}/{first.user_id}")
    free = post(account, vault.owner, second.body([vault.commit([second.add])]))

    assert taken == (409, "/problems/name-taken")
    assert free == (201, None)


def test_a_stale_commit_leaves_nothing_behind_but_the_proof(
    conn: Connection, account: Client, keys: Client, vault: Vault
) -> None:
    other = vaults.begin(conn, vault.owner)
    machine = Machine()
    commits = [one.commit([machine.add]) for one in (vault, other)]
    vault.fill(keys, 1)
    machine_tokens.prove(conn, vault.owner)

    with nothing_stored(conn):
        stale = post(account, vault.owner, machine.body(commits))
    rebased = [one.commit([machine.add]) for one in (vault, other)]
    taken = post(account, vault.owner, machine.body(rebased))

    assert stale == (409, "/problems/stale-head")
    assert taken == (201, None)


def test_a_revoked_token_ends_its_sessions_at_once(
    conn: Connection, account: Client, auth: Client, keys: Client, vault: Vault
) -> None:
    machine = machine_tokens.made(conn, account, vault)
    machine_tokens.logged_in(auth, machine)
    before = keys.as_(machine).get(f"{vault.url}/secrets").status_code

    revoked = account.as_(vault.owner).delete(f"{URL}/{machine.user_id}")
    again = account.as_(vault.owner).delete(f"{URL}/{machine.user_id}")

    after = keys.as_(machine).get(f"{vault.url}/secrets").status_code
    login = auth.post("/auth/machine-sessions", json=machine.proof)
    assert (before, after) == (200, 401)
    assert (revoked.status_code, again.status_code) == (204, 204)
    assert login.json["type"] == "/problems/token-revoked"
    assert listed(account, vault.owner)[0]["revoked_at"] is not None
    assert actions(conn).count("machine_token.revoked") == 1


def test_a_machine_that_is_removed_is_a_stranger(
    conn: Connection, account: Client, auth: Client, keys: Client, vault: Vault
) -> None:
    machine = machine_tokens.made(conn, account, vault)
    machine_tokens.logged_in(auth, machine)

    rosters.change(account, vault, Remove(machine.user_id), rosters.rotate(vault))

    assert keys.as_(machine).get(f"{vault.url}/secrets").status_code == 404
    assert listed(account, vault.owner)[0]["vaults"] == []


def test_a_token_is_its_owner_s_business_alone(
    conn: Connection, account: Client, vault: Vault
) -> None:
    machine = machine_tokens.made(conn, account, vault)
    stranger = vaults.person(conn)

    with nothing_stored(conn):
        response = account.as_(stranger).delete(f"{URL}/{machine.user_id}")

    assert (response.status_code, listed(account, stranger)) == (404, [])


def test_a_token_that_is_over_is_listed_as_expired(
    conn: Connection, account: Client, vault: Vault
) -> None:
    until = (datetime.now(UTC) + timedelta(days=90)).replace(microsecond=0)
    machine_tokens.made(conn, account, vault, expires_at=until.isoformat())
    before = listed(account, vault.owner)[0]

    conn.execute("UPDATE machine_tokens SET expires_at = now()")

    assert datetime.fromisoformat(before["expires_at"]) == until
    assert (before["expired"], listed(account, vault.owner)[0]["expired"]) == (False, True)


def test_what_cannot_be_audited_is_not_done(
    conn: Connection, account: Client, vault: Vault
) -> None:
    """S13: no token is made or revoked that the audit log does not tell of."""
    machine = machine_tokens.made(conn, account, vault)
    other = Machine("other")
    body = other.body([vault.commit([other.add])])
    machine_tokens.prove(conn, vault.owner)
    conn.execute("REVOKE INSERT ON audit_log FROM keyarc_account")

    with nothing_stored(conn):
        made = account.as_(vault.owner).post(URL, json=body)
        revoked = account.as_(vault.owner).delete(f"{URL}/{machine.user_id}")

    assert (made.status_code, revoked.status_code) == (503, 503)
