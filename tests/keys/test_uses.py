"""When the values of a secret were last read, and by whom."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.db import Connection
from shared.keyarc.commits import Role
from tests.clients import Client, Signed
from tests.rows import nothing_stored
from tests.vaults import Person, Vault


def uses(keys: Client, vault: Vault) -> dict[UUID, dict[str, Any]]:
    """Return the last use of each secret by its id."""
    items = keys.as_(vault.owner).get(f"{vault.url}/uses").json["items"]
    assert [item["secret_id"] for item in items] == sorted(item["secret_id"] for item in items)
    return {UUID(item.pop("secret_id")): item for item in items}


def by(person: Signed, conn: Connection) -> dict[str, str]:
    """Return a use by somebody at the time of the test's transaction."""
    row = conn.execute("SELECT now()").fetchone()
    assert row
    now: datetime = row[0]
    used_at = now.astimezone(UTC).isoformat(timespec="microseconds")
    return {"used_at": used_at, "user_id": str(person.user_id)}


def test_reading_values_one_by_one_or_many_at_once_is_a_use(
    conn: Connection, keys: Client, vault: Vault, stranger: Person
) -> None:
    one, two, three, unused = (content.secret_id for content in vault.fill(keys, 4))
    vault.admit(conn, stranger, Role.VIEWER)
    owner, viewer = keys.as_(vault.owner), keys.as_(stranger)

    for secret_id in (one, two):
        owner.get(f"{vault.url}/secrets/{secret_id}")
    viewer.post(f"{vault.url}/secrets/read", json={"secret_ids": [str(two), str(three)]})

    assert uses(keys, vault) == {
        one: by(vault.owner, conn),
        two: by(stranger, conn),
        three: by(stranger, conn),
    }
    assert unused not in uses(keys, vault)


def test_lists_and_earlier_versions_are_no_use(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    (content,) = vault.fill(keys, 1)
    vault.change(keys, content.secret_id)
    owner, secret = keys.as_(vault.owner), f"{vault.url}/secrets/{content.secret_id}"
    item = {"secret_id": str(content.secret_id), "version": "1"}

    answers = [
        owner.get(f"{vault.url}/secrets"),
        owner.get(f"{secret}/versions"),
        owner.get(f"{secret}/versions/1"),
        owner.post(f"{vault.url}/versions/overviews", json={"items": [item]}),
    ]

    assert [answer.status_code for answer in answers] == [200] * 4
    assert uses(keys, vault) == {}
    assert conn.execute("SELECT count(*) FROM secret_uses").fetchone() == (0,)


def test_a_reader_who_was_kept_waiting_hides_no_later_use(
    conn: Connection, keys: Client, vault: Vault, stranger: Person
) -> None:
    (content,) = vault.fill(keys, 1)
    vault.admit(conn, stranger, Role.MEMBER)
    wanted = {"secret_ids": [str(content.secret_id)]}
    keys.as_(stranger).post(f"{vault.url}/secrets/read", json=wanted)
    conn.execute("UPDATE secret_uses SET used_at = now() + interval '1 second'")

    keys.as_(vault.owner).get(f"{vault.url}/secrets/{content.secret_id}")
    keys.as_(vault.owner).post(f"{vault.url}/secrets/read", json=wanted)

    use = uses(keys, vault)[content.secret_id]
    later = datetime.fromisoformat(by(stranger, conn)["used_at"]) + timedelta(seconds=1)
    assert use == {"used_at": later.isoformat(), "user_id": str(stranger.user_id)}


def test_the_uses_of_a_vault_are_told_without_telling_anything_new(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    with nothing_stored(conn):
        answer = keys.as_(vault.owner).get(f"{vault.url}/uses")

    assert answer.json == {"items": []}
