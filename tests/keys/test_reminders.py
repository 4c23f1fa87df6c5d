"""Days on which people want to hear of a secret: an id and a day, and nothing else."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from shared.db import Connection
from shared.keyarc.commits import Role
from tests import machine_tokens, vaults
from tests.clients import Client
from tests.rows import nothing_stored
from tests.vaults import Person, Vault

NOT_FOUND = {"type": "/problems/not-found", "title": "Not Found", "status": 404}


@pytest.fixture
def owner(keys: Client, vault: Vault) -> Client:
    return keys.as_(vault.owner)


@pytest.fixture
def secret_ids(keys: Client, vault: Vault) -> Sequence[UUID]:
    return [content.secret_id for content in vault.fill(keys, 3)]


def put(client: Client, vault: Vault, secret_id: UUID, day: object = "2027-06-30") -> int:
    answer = client.put(f"{vault.url}/reminders/{secret_id}", json={"day": day})
    return answer.status_code


def days(client: Client, vault: Vault, **params: str) -> list[tuple[str, str]]:
    answer = client.get(f"{vault.url}/expiring", params=params)
    assert answer.status_code == 200, answer.text
    return [(item["secret_id"], item["day"]) for item in answer.json["items"]]


def test_a_day_is_kept_replaced_and_removed(
    owner: Client, vault: Vault, secret_ids: Sequence[UUID], conn: Connection
) -> None:
    first, second, _ = map(str, secret_ids)

    for secret_id, day in [(first, "2027-06-30"), (second, "2027-01-01"), (first, "2026-12-31")]:
        assert put(owner, vault, UUID(secret_id), day) == 204
    both = days(owner, vault)
    for _ in range(2):  # and once more, as after a lost answer
        assert owner.delete(f"{vault.url}/reminders/{first}").status_code == 204

    assert both == [(first, "2026-12-31"), (second, "2027-01-01")]
    assert days(owner, vault) == [(second, "2027-01-01")]
    told = conn.execute("SELECT action FROM audit_log WHERE action LIKE 'reminder%'").fetchall()
    assert [action for (action,) in told] == ["reminder.set"] * 3 + ["reminder.removed"]


def test_many_days_are_told_at_once(
    conn: Connection, keys: Client, owner: Client, vault: Vault, secret_ids: Sequence[UUID]
) -> None:
    first, second, gone = secret_ids
    other = vaults.begin(conn)
    strange = other.fill(keys, 1)[0].secret_id
    put(owner, vault, second)
    vault.send(keys, [vault.delete(gone)])
    wanted = [(first, "2027-01-01"), (second, None), (gone, "2027-01-01"), (strange, "2027-01-01")]
    items = [{"secret_id": str(one), "day": day} for one, day in [(first, None), *wanted]]

    answers = [
        owner.put(f"{vault.url}/reminders", json={"items": some}).status_code
        for some in (items, items[:1], [])
    ]

    assert answers == [204] * 3
    assert days(owner, vault) == days(keys.as_(other.owner), other) == []
    told = conn.execute(
        "SELECT action, object_ids FROM audit_log WHERE action LIKE 'reminder%' ORDER BY audit_id"
    ).fetchall()
    assert told[1:] == [
        ("reminder.set", [first]),
        ("reminder.removed", [second]),
        ("reminder.removed", [first]),
    ]


def test_what_is_due_until_a_day_is_told_with_that_day(
    owner: Client, vault: Vault, secret_ids: Sequence[UUID]
) -> None:
    named = {"2027-01-01": secret_ids[0], "2027-01-02": secret_ids[1], "2020-02-29": secret_ids[2]}
    for day, secret_id in named.items():
        put(owner, vault, secret_id, day)

    found = days(owner, vault, until="2027-01-01")

    assert found == [(str(named[day]), day) for day in ("2020-02-29", "2027-01-01")]


@pytest.mark.parametrize("day", ["2027-02-29", "2027-1-1", "20270101", "", None, 7, "2027-06-30Z"])
def test_what_is_no_day_is_refused(
    conn: Connection, owner: Client, vault: Vault, secret_ids: Sequence[UUID], day: object
) -> None:
    with nothing_stored(conn):
        assert put(owner, vault, secret_ids[0], day) == 422

        if day is not None:
            items = [{"secret_id": str(secret_ids[0]), "day": day}]
            assert owner.put(f"{vault.url}/reminders", json={"items": items}).status_code == 422

    asked = owner.get(f"{vault.url}/expiring", params={"until": str(day)})
    assert asked.json["errors"] == {"until": ["Not a day such as 2027-06-30."]} or day == ""


def test_with_a_secret_goes_its_reminder(
    keys: Client, owner: Client, vault: Vault, secret_ids: Sequence[UUID]
) -> None:
    for secret_id in secret_ids:
        put(owner, vault, secret_id)

    vault.send(keys, [vault.delete(secret_id) for secret_id in secret_ids[:2]])

    assert days(owner, vault) == [(str(secret_ids[2]), "2027-06-30")]
    assert put(owner, vault, secret_ids[0]) == 404


def test_a_secret_of_another_vault_has_no_reminder_here(
    conn: Connection, keys: Client, owner: Client, vault: Vault
) -> None:
    other = vaults.begin(conn)
    strange = other.fill(keys, 1)[0].secret_id
    put(keys.as_(other.owner), other, strange)

    with nothing_stored(conn):
        answers = [put(owner, vault, secret_id) for secret_id in (strange, uuid4())]
        owner.delete(f"{vault.url}/reminders/{strange}")

    assert answers == [404, 404]
    assert days(owner, vault) == []


def test_who_only_reads_sees_the_days_and_sets_none(
    conn: Connection,
    keys: Client,
    account: Client,
    auth: Client,
    vault: Vault,
    secret_ids: Sequence[UUID],
) -> None:
    viewer = vaults.person(conn)
    machine = machine_tokens.made(conn, account, vault)
    machine_tokens.logged_in(auth, machine)
    vault.admit(conn, viewer, Role.VIEWER)
    put(keys.as_(vault.owner), vault, secret_ids[0])

    for reader in (keys.as_(viewer), keys.as_(machine)):
        with nothing_stored(conn):
            asked = [
                put(reader, vault, secret_ids[0], "2030-01-01"),
                reader.delete(f"{vault.url}/reminders/{secret_ids[0]}").status_code,
            ]
        assert asked == [403, 403]
        assert days(reader, vault) == [(str(secret_ids[0]), "2027-06-30")]


def test_a_stranger_learns_nothing_of_days(
    conn: Connection, keys: Client, vault: Vault, secret_ids: Sequence[UUID], stranger: Person
) -> None:
    client, path = keys.as_(stranger), f"{vault.url}/reminders/{secret_ids[0]}"

    with nothing_stored(conn):
        answers = [
            client.get(f"{vault.url}/expiring"),
            client.put(path, json={"day": "2027-06-30"}),
            client.delete(path),
        ]

    assert [answer.json for answer in answers] == [NOT_FOUND] * 3
