"""The access log of a vault: a chain that every member can follow."""

from uuid import UUID, uuid4

import pytest

from handlers.keys import audit_rows
from shared.db import Connection
from shared.keyarc.accesses import audit_head
from shared.keyarc.commits import Role
from shared.keyarc.encoding import b64, sha256
from tests import vaults
from tests.chains import followed, told
from tests.clients import ADDRESS, Client
from tests.rows import nothing_stored
from tests.vaults import Person, Vault


@pytest.fixture
def secret_ids(keys: Client, vault: Vault) -> list[UUID]:
    return sorted(content.secret_id for content in vault.fill(keys, 2))


def read(keys: Client, vault: Vault, secret_ids: list[UUID], **more: str) -> None:
    body = {"secret_ids": [str(secret_id) for secret_id in secret_ids], **more}
    asked = keys.as_(vault.owner).post(f"{vault.url}/secrets/read", json=body)
    assert asked.status_code == 200


def test_every_deed_is_a_row_and_the_rows_are_one_chain(
    keys: Client, vault: Vault, secret_ids: list[UUID]
) -> None:
    owner, (one, other) = keys.as_(vault.owner), secret_ids
    owner.get(f"{vault.url}/secrets/{one}")
    owner.get(f"{vault.url}/secrets/{one}/versions/1")
    read(keys, vault, secret_ids)
    read(keys, vault, secret_ids, purpose="run")
    read(keys, vault, secret_ids, purpose="export")
    vault.send(keys, [vault.delete(other)])
    owner.delete(f"{vault.url}/secrets/{other}/versions")

    rows = followed(keys, vault)

    assert [(row.action, list(row.object_ids)) for row in rows] == [
        ("vault.changed", []),
        ("secret.read", [one]),
        ("secret.read", [one]),
        ("secret.read", secret_ids),
        ("secret.used", secret_ids),
        ("secret.exported", secret_ids),
        ("vault.changed", []),
        ("secret.purged", [other]),
    ]
    assert {(row.user_id, row.session_id) for row in rows} == {
        (vault.owner.user_id, vault.owner.session_id)
    }
    assert [row.at_ms for row in rows] == sorted(row.at_ms for row in rows)


def test_a_sync_tells_the_head_of_the_chain(
    keys: Client, vault: Vault, secret_ids: list[UUID]
) -> None:
    read(keys, vault, secret_ids)

    synced = keys.as_(vault.owner).get(f"{vault.url}/secrets").json

    assert synced["audit"] == told(keys, vault)["head"]
    assert audit_head(synced["audit"]).seq == 2


def test_a_vault_of_which_nothing_was_said_has_an_empty_chain(keys: Client, vault: Vault) -> None:
    beginning = {"seq": "0", "hash": b64(bytes(32))}

    synced = keys.as_(vault.owner).get(f"{vault.url}/secrets").json

    assert synced["audit"] == beginning
    assert told(keys, vault) == {"items": [], "next": None, "head": beginning}


def test_each_vault_has_a_chain_of_its_own(
    conn: Connection, keys: Client, vault: Vault, secret_ids: list[UUID]
) -> None:
    other = vaults.begin(conn, vault.owner)
    other.fill(keys, 1)
    read(keys, vault, secret_ids)

    assert [row.action for row in followed(keys, vault)] == ["vault.changed", "secret.read"]
    assert [row.action for row in followed(keys, other)] == ["vault.changed"]


def test_a_long_chain_comes_in_pages(
    keys: Client, vault: Vault, secret_ids: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_rows, "PAGE_ROWS", 2)
    for _ in range(4):
        read(keys, vault, secret_ids)

    first, last, beyond = (told(keys, vault, after=after) for after in (0, 4, 5))

    assert len(followed(keys, vault)) == 5
    assert ([item["seq"] for item in first["items"]], first["next"]) == (["1", "2"], "2")
    assert ([item["seq"] for item in last["items"]], last["next"]) == (["5"], None)
    assert (beyond["items"], beyond["next"]) == ([], None)
    assert {page["head"]["seq"] for page in (first, last, beyond)} == {"5"}


def test_rows_that_name_many_secrets_come_in_shorter_pages(
    keys: Client, vault: Vault, secret_ids: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand reads of ten thousand secrets are no answer of 400 MB."""
    monkeypatch.setattr(audit_rows, "PAGE_OBJECTS", 5)
    for _ in range(4):
        read(keys, vault, secret_ids)

    pages = [told(keys, vault, after=after) for after in (0, 3, 4)]
    monkeypatch.setattr(audit_rows, "PAGE_OBJECTS", 1)
    narrow = told(keys, vault, after=1)

    assert [len(page["items"]) for page in (*pages, narrow)] == [3, 2, 1, 1]
    assert [page["next"] for page in (*pages, narrow)] == ["3", None, None, "2"]
    assert len(followed(keys, vault)) == 5


@pytest.mark.parametrize("role", Role)
def test_from_where_is_told_to_owners_and_admins_and_to_whoever_did_it(
    conn: Connection, keys: Client, vault: Vault, secret_ids: list[UUID], role: Role
) -> None:
    member = vaults.person(conn)
    vault.admit(conn, member, role)
    keys.as_(member).get(f"{vault.url}/secrets/{secret_ids[0]}")

    of_owner, own = followed(keys, vault, member)

    assert own.salt is not None
    assert (own.address, own.origin) == (ADDRESS, sha256(own.salt, ADDRESS.encode()))
    told_of_others = (of_owner.address is not None, of_owner.salt is not None)
    assert told_of_others == ((role in {Role.OWNER, Role.ADMIN},) * 2)


def test_the_chain_still_holds_where_an_account_took_its_addresses_along(
    conn: Connection, keys: Client, vault: Vault, secret_ids: list[UUID], stranger: Person
) -> None:
    vault.admit(conn, stranger, Role.MEMBER)
    keys.as_(stranger).get(f"{vault.url}/secrets/{secret_ids[0]}")
    read(keys, vault, secret_ids)
    conn.execute("UPDATE vault_members SET role = NULL WHERE user_id = %s", (stranger.user_id,))

    gone = conn.execute("SELECT delete_account(%s, %s)", (stranger.user_id, uuid4())).fetchone()

    rows = followed(keys, vault)
    assert gone == (None,)
    assert [(row.user_id, row.address) for row in rows] == [
        (vault.owner.user_id, ADDRESS),
        (stranger.user_id, None),
        (vault.owner.user_id, ADDRESS),
    ]


def test_an_account_that_goes_takes_the_chains_of_its_own_vaults_along(
    conn: Connection, keys: Client, vault: Vault, secret_ids: list[UUID]
) -> None:
    read(keys, vault, secret_ids)

    conn.execute("SELECT delete_account(%s, %s)", (vault.owner.user_id, uuid4()))

    left = conn.execute(
        """SELECT (SELECT count(*) FROM audit_heads WHERE vault_id = %(id)s),
                  (SELECT count(*) FROM audit_log WHERE vault_id = %(id)s),
                  (SELECT count(*) FROM secret_uses WHERE vault_id = %(id)s)""",
        {"id": vault.id},
    )
    assert left.fetchone() == (0, 0, 0)


@pytest.mark.parametrize("lost", ["audit_heads", "audit_log"])
def test_where_the_chain_cannot_grow_nothing_is_handed_out(
    conn: Connection, keys: Client, vault: Vault, secret_ids: list[UUID], lost: str
) -> None:
    owner, url = keys.as_(vault.owner), f"{vault.url}/secrets"
    ids = {"secret_ids": [str(secret_id) for secret_id in secret_ids]}

    with nothing_stored(conn):
        conn.execute(f"ALTER TABLE {lost} RENAME TO out_of_reach")
        refused = [
            owner.get(f"{url}/{secret_ids[0]}"),
            owner.get(f"{url}/{secret_ids[0]}/versions/1"),
            *(owner.post(f"{url}/read", json=ids | {"purpose": it}) for it in ("run", "export")),
        ]
        conn.execute(f"ALTER TABLE out_of_reach RENAME TO {lost}")

    assert [answer.status_code for answer in refused] == [503] * 4


@pytest.mark.parametrize("purpose", ["", "READ", "print", 1, None, ["read"], {}])
def test_a_purpose_that_is_none_is_refused(
    conn: Connection, keys: Client, vault: Vault, secret_ids: list[UUID], purpose: object
) -> None:
    body = {"secret_ids": [str(secret_ids[0])], "purpose": purpose}

    with nothing_stored(conn):
        answer = keys.as_(vault.owner).post(f"{vault.url}/secrets/read", json=body)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["purpose"])
