"""The vaults of a person: beginning one, and listing them."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from shared.db import Connection
from shared.keyarc.commits import Commit, Genesis, Profile, Put, Role
from shared.keyarc.encoding import ObjectType, b64, sha256
from tests import vaults
from tests.clients import Client
from tests.rows import nothing_stored
from tests.vaults import Person, Vault

PATH = "/api/account/vaults"


def body(vault: Vault, commit: Commit) -> dict[str, Any]:
    return {
        "vault_id": str(vault.id),
        "commit": b64(commit.raw),
        "signature": b64(commit.signature),
        "profile": b64(vault.profile),
    }


def test_a_vault_begins_with_its_genesis(
    conn: Connection, account: Client, someone: Person
) -> None:
    vault = Vault(someone)
    genesis = vault.genesis()

    response = account.as_(someone).post(PATH, json=body(vault, genesis))

    assert response.status_code == 201
    assert response.json == {"vault_id": str(vault.id), "seq": "1", "hash": b64(genesis.hash)}
    audited = conn.execute("SELECT action, user_id, vault_id FROM audit_log").fetchall()
    assert audited == [("vault.created", someone.user_id, vault.id)]


def test_a_new_vault_can_be_written_to(account: Client, keys: Client, someone: Person) -> None:
    vault = Vault(someone)
    genesis = vault.genesis()
    account.as_(someone).post(PATH, json=body(vault, genesis))
    vault.accept(genesis)

    vault.fill(keys, 2)

    assert len(keys.as_(someone).get(f"{vault.url}/secrets").json["secrets"]) == 2


def test_a_list_shows_head_profile_count_and_members(
    conn: Connection, account: Client, keys: Client, someone: Person, another: Person
) -> None:
    vault = vaults.begin(conn, someone)
    vault.fill(keys, 3)
    vault.admit(conn, another, Role.VIEWER)

    response = account.as_(someone).get(PATH)

    (item,) = response.json["items"]
    assert item.pop("joined_at").endswith("+00:00")
    members = item.pop("members")
    assert item == {
        "vault_id": str(vault.id),
        "role": "owner",
        "head": {
            "seq": "2",
            "hash": b64(vault.state.head),
            "state": b64(vault.state.signed),
        },
        "profile": {"epoch": "1", "seq": "1", "blob": b64(vault.profile)},
        "secrets": 3,
    }
    assert sorted(members, key=lambda member: str(member["role"])) == [
        {"user_id": str(someone.user_id), "role": "owner", "idcert": b64(someone.idcert.raw)},
        {"user_id": str(another.user_id), "role": "viewer", "idcert": b64(another.idcert.raw)},
    ]
    assert response.json["next"] is None


def test_who_has_left_is_still_named_for_their_commits_but_sees_nothing(
    conn: Connection, account: Client, someone: Person, another: Person
) -> None:
    vault = vaults.begin(conn, someone)
    vault.admit(conn, another, Role.MEMBER)
    conn.execute("UPDATE vault_members SET role = NULL WHERE user_id = %s", (another.user_id,))

    (item,) = account.as_(someone).get(PATH).json["items"]

    roles = {member["user_id"]: member["role"] for member in item["members"]}
    assert roles == {str(someone.user_id): "owner", str(another.user_id): None}
    assert account.as_(another).get(PATH).json == {"items": [], "next": None}


def test_a_list_shows_no_vault_of_others(
    conn: Connection, account: Client, someone: Person, another: Person
) -> None:
    vaults.begin(conn, another)

    assert account.as_(someone).get(PATH).json == {"items": [], "next": None}


def test_a_genesis_may_be_sent_again_after_a_lost_answer(
    conn: Connection, account: Client, someone: Person
) -> None:
    vault = Vault(someone)
    sent = body(vault, vault.genesis())
    first = account.as_(someone).post(PATH, json=sent)

    with nothing_stored(conn):
        again = account.as_(someone).post(PATH, json=sent)

    assert (again.status_code, again.json) == (201, first.json)


def test_another_vault_cannot_take_an_id(
    conn: Connection, account: Client, someone: Person, another: Person
) -> None:
    taken = vaults.begin(conn, another)
    vault = Vault(someone, taken.id)

    with nothing_stored(conn):
        response = account.as_(someone).post(PATH, json=body(vault, vault.genesis()))

    assert (response.status_code, response.json["type"]) == (409, "/problems/vault-exists")


def signed_by_another(vault: Vault) -> Commit:
    genesis = vault.genesis()
    return replace(genesis, signature=Person("x").identity.sign(genesis.raw))


def with_keys_that_are_not_registered(vault: Vault) -> Commit:
    vault.owner.identity = type(vault.owner.identity).make(vault.owner.user_id)
    return vault.genesis()


def in_another_name(vault: Vault) -> Commit:
    return Vault(Person("x"), vault.id, vault.profile).genesis()


def for_another_vault(vault: Vault) -> Commit:
    return Vault(vault.owner, uuid4(), vault.profile).genesis()


def with_another_profile(vault: Vault) -> Commit:
    genesis = vault.genesis()
    vault.profile = vaults.blob(ObjectType.VAULT_PROFILE)
    return genesis


def with_another_state(vault: Vault) -> Commit:
    ops = (Genesis(vault.owner.idcert, os.urandom(32)), Profile(1, sha256(vault.profile)))
    return vault.forge(ops, state=os.urandom(32))


def without_a_profile(vault: Vault) -> Commit:
    return vault.commit((Genesis(vault.owner.idcert, os.urandom(32)),))


def with_a_secret(vault: Vault) -> Commit:
    put = Put(uuid4(), 1, 1, bytes(32), bytes(32))
    profile = Profile(1, sha256(vault.profile))
    return vault.commit((Genesis(vault.owner.idcert, os.urandom(32)), profile, put))


def that_is_none(vault: Vault) -> Commit:
    vault.accept(vault.genesis())
    return vault.commit((Profile(1, sha256(vault.profile)),))


FORGERIES = (
    for_another_vault,
    in_another_name,
    signed_by_another,
    that_is_none,
    with_a_secret,
    with_another_profile,
    with_another_state,
    with_keys_that_are_not_registered,
    without_a_profile,
)


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_broken_genesis_is_refused_and_nothing_is_stored(
    conn: Connection, account: Client, someone: Person, forge: Callable[[Vault], Commit]
) -> None:
    vault = Vault(someone)
    commit = forge(vault)

    with nothing_stored(conn):
        response = account.as_(someone).post(PATH, json=body(vault, commit))

    assert (response.status_code, response.json["type"]) == (422, "/problems/broken-commit")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"vault_id": "x"}, "vault_id"),
        ({"commit": 1}, "commit"),
        ({"signature": ""}, "signature"),
        ({"profile": b64(vaults.blob(ObjectType.KEYRING))}, "profile"),
        ({"name": "in the clear"}, "name"),
    ],
)
def test_a_vault_of_the_wrong_shape_is_refused(
    conn: Connection, account: Client, someone: Person, changes: dict[str, Any], field: str
) -> None:
    vault = Vault(someone)

    with nothing_stored(conn):
        response = account.as_(someone).post(PATH, json=body(vault, vault.genesis()) | changes)

    assert (response.status_code, list(response.json["errors"])) == (422, [field])


def test_a_vault_does_not_begin_unsaid(conn: Connection, account: Client, someone: Person) -> None:
    conn.execute("REVOKE INSERT ON audit_log FROM keyarc_account")
    vault = Vault(someone)

    with nothing_stored(conn):
        response = account.as_(someone).post(PATH, json=body(vault, vault.genesis()))

    assert response.status_code == 503
