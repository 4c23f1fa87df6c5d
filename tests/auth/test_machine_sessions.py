"""Machines log in by their token, for ten minutes, and hear why not only once they proved it."""

import os

import pytest

from shared import access_tokens, limits
from shared.db import Connection
from shared.keyarc.account_keys import Identity
from shared.keyarc.encoding import b64, unb64
from shared.keyarc.keyring import Keyring
from tests import machine_tokens, vaults
from tests.clients import JWT_SECRET, Client
from tests.factories import actions
from tests.machine_tokens import Machine
from tests.vaults import Vault

URL = "/auth/machine-sessions"


@pytest.fixture
def vault(conn: Connection) -> Vault:
    return vaults.begin(conn)


@pytest.fixture
def machine(conn: Connection, account: Client, vault: Vault) -> Machine:
    return machine_tokens.made(conn, account, vault)


def test_a_token_opens_what_was_sealed_for_its_machine(auth: Client, machine: Machine) -> None:
    session = machine_tokens.logged_in(auth, machine)

    key, user_id = machine.token.user_key, machine.user_id
    opened = Identity.open(key, unb64(session["identity"]), user_id, 1, 1)
    assert opened.idcert().raw == unb64(session["idcert"])
    assert session["keyring"]["revision"] == "1"
    Keyring.open(key, user_id, 1, unb64(session["keyring"]["blob"]))
    access = access_tokens.verify_access((JWT_SECRET,), session["access_token"])
    assert (access.user_id, access.session_id) == (user_id, machine.session_id)
    assert session["expires_in"] == 600
    assert session.keys() == {
        "machine_id", "name", "session_id", "identity", "idcert", "keyring", "access_token",
        "expires_in",
    }  # fmt: skip


def test_a_machine_reads_its_vaults_by_its_session(
    auth: Client, account: Client, keys: Client, machine: Machine, vault: Vault
) -> None:
    secret_id = vault.fill(keys, 1)[0].secret_id
    machine_tokens.logged_in(auth, machine)

    listed = account.as_(machine).get("/api/account/vaults")
    secrets = keys.as_(machine).get(f"{vault.url}/secrets")
    secret = keys.as_(machine).get(f"{vault.url}/secrets/{secret_id}")

    assert [one["role"] for one in listed.json["items"]] == ["viewer"]
    assert [one["secret_id"] for one in secrets.json["secrets"]] == [str(secret_id)]
    assert secret.status_code == 200


def test_the_owner_sees_when_a_token_was_used_last(
    conn: Connection, auth: Client, machine: Machine
) -> None:
    used = "SELECT last_used_at IS NOT NULL FROM machine_tokens"
    before = conn.execute(used).fetchone()

    machine_tokens.logged_in(auth, machine)

    assert (before, conn.execute(used).fetchone()) == ((False,), (True,))


@pytest.mark.parametrize("change", ["auth", "machine_id"])
def test_a_wrong_token_is_told_nothing(auth: Client, machine: Machine, change: str) -> None:
    wrong = {"auth": b64(os.urandom(32)), "machine_id": str(Machine().user_id)}

    response = auth.post(URL, json=machine.proof | {change: wrong[change]})

    assert response.status_code == 401
    assert response.json == {
        "type": "/problems/wrong-credentials",
        "title": "Unauthorized",
        "status": 401,
    }


ENDS = {
    "token-expired": "UPDATE machine_tokens SET expires_at = now() - interval '1 second'",
    "token-revoked": "UPDATE machine_tokens SET revoked_at = now()",
}


@pytest.mark.parametrize("slug", ENDS)
def test_a_token_that_is_over_says_so_to_who_proves_it(
    conn: Connection, auth: Client, machine: Machine, slug: str
) -> None:
    conn.execute(ENDS[slug].encode())

    right = auth.post(URL, json=machine.proof)
    wrong = auth.post(URL, json=machine.proof | {"auth": b64(os.urandom(32))})

    assert (right.status_code, right.json["type"]) == (401, f"/problems/{slug}")
    assert (wrong.status_code, wrong.json["type"]) == (401, "/problems/wrong-credentials")


def test_a_session_does_not_outlive_its_token(
    conn: Connection, auth: Client, keys: Client, machine: Machine, vault: Vault
) -> None:
    conn.execute("UPDATE machine_tokens SET expires_at = now() + interval '60 seconds'")

    session = machine_tokens.logged_in(auth, machine)

    assert session["expires_in"] == 60
    conn.execute(
        "UPDATE sessions SET expires_at = expires_at - interval '61 seconds' WHERE user_id = %s",
        (machine.user_id,),
    )
    assert keys.as_(machine).get(f"{vault.url}/secrets").status_code == 401


def test_every_attempt_is_said_and_names_the_machine(
    conn: Connection, auth: Client, machine: Machine
) -> None:
    auth.post(URL, json=machine.proof | {"auth": b64(os.urandom(32))})
    machine_tokens.logged_in(auth, machine)

    rows = conn.execute(
        "SELECT action FROM audit_log WHERE user_id = %s ORDER BY audit_id", (machine.user_id,)
    ).fetchall()
    assert rows == [("session.refused",), ("session.started",)]
    assert actions(conn)[0] == "machine_token.created"


def test_who_guesses_at_a_token_has_to_wait(auth: Client, machine: Machine) -> None:
    wrong = machine.proof | {"auth": b64(os.urandom(32))}

    codes = [auth.post(URL, json=wrong).status_code for _ in range(limits.MACHINE_TOKEN.free + 1)]

    assert codes == [401] * limits.MACHINE_TOKEN.free + [429]


def test_many_jobs_at_once_are_no_guesses(auth: Client, machine: Machine) -> None:
    codes = [
        auth.post(URL, json=machine.proof).status_code for _ in range(2 * limits.MACHINE_TOKEN.free)
    ]

    assert set(codes) == {201}
