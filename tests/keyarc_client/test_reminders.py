"""Days go to the server after the change that says so, and are told again where it has others."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.keyarc import reminders
from shared.keyarc.changes import Edit, Write, new_value
from shared.keyarc.client import Client
from shared.keyarc.encoding import Broken
from shared.keyarc.errors import Untold
from shared.keyarc.sync import VaultView
from tests.evil.server import Evil
from tests.keyarc_client.conftest import Person


def reminding(client: Client, **changes: Any) -> Callable[[VaultView], list[Edit]]:
    """Return a plan that lets A be remembered, or what *changes* say."""
    told: dict[str, Any] = {"expires_at": "2030-01-31", "reminder": 31} | changes

    def plan(view: VaultView) -> list[Edit]:
        secret = view.find("A")
        details = client.details(view, [secret.id])[secret.id]
        return [Write(replace(secret.overview, **told), details, secret.id)]

    return plan


def days(client: Client, person: Person) -> list[date]:
    return list(reminders.days(client.opened.connection, person.vault_id).values())


def test_a_change_whose_day_was_not_told_is_kept_and_told_later(evil: Evil, person: Person) -> None:
    client = person.client()
    evil.withheld.add("PUT /api/keys/vaults/")

    with pytest.raises(Untold, match="the change was kept"):
        client.change(person.vault_id, reminding(client))
    evil.withheld.clear()
    fresh = person.fresh()
    before = days(fresh, person)
    settled = [reminders.settle(fresh, fresh.sync(person.vault_id)) for _ in range(2)]

    assert fresh.sync(person.vault_id).find("A").overview.reminder == 31
    assert (before, settled) == ([], [1, 0])
    assert days(fresh, person) == [date(2029, 12, 31)]


def test_only_a_day_that_becomes_another_is_told(evil: Evil, person: Person) -> None:
    client = person.client()
    client.change(person.vault_id, reminding(client))
    evil.lines()

    client.change(person.vault_id, reminding(client, provider="example"))
    person.put(client, B="another value")
    silent = evil.lines()
    client.change(person.vault_id, reminding(client, expires_at=None))

    assert not [line for line in silent if "/reminders" in line]
    assert len([line for line in evil.lines() if "/reminders" in line]) == 1
    assert days(client, person) == []


SECRET_ID = "6c6f6e67-2069-4420-8000-000000000001"
NO_DAYS: tuple[object, ...] = (
    None,
    {"secret_id": "x", "day": "2030-01-01"},
    {"secret_id": SECRET_ID},
    {"secret_id": SECRET_ID, "day": "2030-1-1"},
    {"secret_id": SECRET_ID, "day": 7},
)


def test_what_is_no_day_is_not_believed(evil: Evil, person: Person) -> None:
    client = person.client()

    for item in NO_DAYS:
        evil.replies[f"GET /api/keys/vaults/{person.vault_id}/expiring"] = {"items": [item]}
        with pytest.raises(Broken):
            days(client, person)


def test_a_new_value_begins_its_time_anew_and_nothing_else_does(person: Person) -> None:
    client = person.client()
    view = client.change(person.vault_id, reminding(client, rotate_days=30, rotated_at="1"))
    kept = view.find("A").overview

    def setting(value: str) -> Callable[[VaultView], list[Edit]]:
        def plan(view: VaultView) -> list[Edit]:
            secret = view.find("A")
            details = client.details(view, [secret.id])[secret.id]
            return [new_value(secret, secret.overview, details, value)]

        return plan

    same = client.change(person.vault_id, setting("value a")).find("A").overview
    new = client.change(person.vault_id, setting("another value")).find("A").overview

    assert (kept.rotated_at, kept.updated_at == "1") == ("1", False)
    assert same.rotated_at == "1"
    assert new.rotated_at == new.updated_at
