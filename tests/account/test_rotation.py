"""A rotation replaces every key, in every vault of the person, or nothing."""

import os
from typing import Any
from uuid import uuid4

import pytest

from shared.db import Connection
from shared.keyarc.commits import Rekey, Role
from shared.keyarc.encoding import b64
from shared.keyarc.identity import IdCert, parse_idcert
from tests import factories, key_changes, machine_tokens, recoveries, vaults
from tests.clients import Client
from tests.key_changes import Change
from tests.rows import nothing_stored
from tests.second_factors import Guarded
from tests.vaults import Vault


@pytest.fixture
def own(conn: Connection, keys: Client, person: Guarded) -> list[Vault]:
    """Two vaults of the person, of which one holds a secret."""
    owner = key_changes.owner(person)
    made = [vaults.begin(conn, owner), vaults.begin(conn, owner)]
    made[0].fill(keys, 1)
    return made


def refused(conn: Connection, person: Guarded, change: Change, **different: Any) -> tuple[int, str]:
    """Send a rotation that is to be refused; give its status and its problem."""
    person.prove()
    with nothing_stored(conn):
        response = change.send(person, **different)
    return response.status_code, response.json["type"].rpartition("/")[2]


def test_afterwards_only_the_new_keys_open_and_sign(
    person: Guarded, conn: Connection, keys: Client, own: list[Vault]
) -> None:
    change = key_changes.keys(person.person, own)
    person.prove()

    assert change.send(person).json == {"keyset": "2", "revision": "2"}

    assert person.log_in().status_code == 401
    login = person.auth.post("/auth/sessions", json=change.after.login).json
    told = {name: login[name] for name in ("keyset", "user_key", "identity", "idcert")}
    assert told == {name: change.body[name] for name in told}
    assert login["keyring"] == {"revision": "2", "blob": change.body["keyring"]["blob"]}
    listed = person.ask("GET", "vaults").json["items"]
    assert {vault["head"]["seq"] for vault in listed} == {"2", "3"}
    assert all(change.body["idcert"] in _certificates(vault) for vault in listed)
    with nothing_stored(conn):
        by_old = own[0].commit([own[0].put(uuid4())[0]])
        answer = keys.as_(person.actor).post(f"{own[0].url}/commits", json=vaults.body(by_old))
    assert answer.status_code in {409, 422}


def test_the_old_recovery_code_is_worth_nothing_and_the_new_one_works(
    person: Guarded, conn: Connection, own: list[Vault]
) -> None:
    change = key_changes.keys(person.person, own)
    person.prove()
    assert change.send(person).status_code == 200
    auth = recoveries.service(conn)

    old = recoveries.begin(
        auth, person.person.email, recoveries.Recovering(auth, person.person).proof
    )
    new = recoveries.Recovering(auth, change.after)
    new.begin()

    assert old.json["type"] == "/problems/wrong-credentials"
    assert new.keys().json["recovery_user_key"] == change.body["recovery_user_key"]


def test_passkeys_stay_second_factors_and_open_nothing_of_the_old_keys(
    person: Guarded, conn: Connection, own: list[Vault]
) -> None:
    passkey = person.add_passkey()
    conn.execute(
        "UPDATE passkeys SET keyset = 1, user_key = %s", (b"KA\x01\x03" + os.urandom(208),)
    )
    change = key_changes.keys(person.person, own)
    person.prove()

    assert change.send(person).status_code == 200

    (listed,) = person.ask("GET", "second-factors").json["passkeys"]
    assert (listed["credential_id"], listed["unlock"]) == (b64(passkey.credential_id), None)


def test_a_machine_reads_on(
    person: Guarded, conn: Connection, account: Client, keys: Client, auth: Client, own: list[Vault]
) -> None:
    machine = machine_tokens.made(conn, account, own[0])
    change = key_changes.keys(person.person, own)
    person.prove()
    assert change.send(person).status_code == 200

    machine_tokens.logged_in(auth, machine)

    assert keys.as_(machine).get(f"{own[0].url}/secrets").status_code == 200


def test_a_vault_that_is_missing_or_has_moved_on_stops_it(
    person: Guarded, conn: Connection, keys: Client, own: list[Vault]
) -> None:
    """M40: no vault is left with a certificate of which nobody has the key."""
    missing = key_changes.keys(person.person, own[:1])
    stale = key_changes.keys(person.person, own)
    own[1].fill(keys, 1)

    assert refused(conn, person, missing) == (409, "stale-head")
    assert refused(conn, person, stale) == (409, "stale-head")
    assert key_changes.keys(person.person, own).send(person).status_code == 200


def test_a_keyring_that_moved_on_stops_it(
    person: Guarded, conn: Connection, own: list[Vault]
) -> None:
    change = key_changes.keys(person.person, own)
    keyring = {"replaces": "1", "blob": change.body["keyring"]["blob"]}
    assert person.ask("PUT", "keyring", json=keyring).status_code == 200

    assert refused(conn, person, change) == (409, "stale-revision")


def test_only_the_successor_of_the_certificate_is_taken(
    person: Guarded, conn: Connection, own: list[Vault]
) -> None:
    """M02: signed by the key before, of the same person, and with the next number."""
    change = key_changes.keys(person.person, own)
    others = [
        person.person.identity.idcert().raw,
        factories.Person().identity.idcert().raw,
        key_changes.keys(change.after).body["idcert"],
        change.body["idcert"][:-4] + "AAAA",
        b64(b"x"),
    ]

    for other in others:
        idcert = other if isinstance(other, str) else b64(other)
        assert refused(conn, person, change, idcert=idcert) == (422, "invalid")


def test_its_commits_say_that_and_nothing_else(
    person: Guarded, conn: Connection, own: list[Vault]
) -> None:
    change = key_changes.keys(person.person, own)
    own_idcert = _successor(change, person)
    first, second = own
    foreign = vaults.begin(conn)
    wrong = [
        first.commit([first.put(uuid4())[0]]),
        first.forge([Rekey(_successor(key_changes.keys(person.person), person))]),
        first.forge([Rekey(own_idcert), first.put(uuid4())[0]]),
    ]

    for commit in wrong:
        commits = [machine_tokens.sent(commit), change.body["commits"][1]]
        assert refused(conn, person, change, commits=commits) == (422, "broken-commit")
    swapped = [{**change.body["commits"][0], "vault_id": str(second.id)}]
    assert refused(conn, person, change, commits=swapped) == (422, "broken-commit")
    twice = [*change.body["commits"], change.body["commits"][0]]
    assert refused(conn, person, change, commits=twice)[0] in {404, 409}
    foreign.admit(conn, key_changes.owner(person), Role.MEMBER)
    strange = machine_tokens.sent(foreign.forge([Rekey(own_idcert)], key_changes.owner(person)))
    conn.execute("UPDATE vault_members SET role = NULL WHERE vault_id = %s", (foreign.id,))
    assert refused(conn, person, change, commits=[*change.body["commits"], strange]) == (
        404,
        "not-found",
    )


def _successor(change: Change, person: Guarded) -> IdCert:
    return parse_idcert(
        change.after.identity.idcert(previous=person.person.identity).raw,
        previous=person.person.identity.idcert(),
    )


def _certificates(vault: dict[str, Any]) -> set[str]:
    return {member["idcert"] for member in vault["members"]}
