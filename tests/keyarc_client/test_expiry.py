"""When a secret is due, and on which day people want to hear of it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.keyarc.expiry import Due, Why, due, parse_day, reminder_day
from shared.keyarc.items import Overview

ROTATED = str(int(datetime(2027, 1, 1, 23, 59, tzinfo=UTC).timestamp() * 1000))


def overview(**known: Any) -> Overview:
    return Overview(name="KEY", rotated_at=ROTATED, **known)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, None),
        ({"expires_at": "2027-06-30"}, Due(date(2027, 6, 30), Why.EXPIRES)),
        ({"rotate_days": 90}, Due(date(2027, 4, 1), Why.ROTATE)),
        ({"rotate_days": 90, "expires_at": "2027-03-31"}, Due(date(2027, 3, 31), Why.EXPIRES)),
        ({"rotate_days": 90, "expires_at": "2027-04-01"}, Due(date(2027, 4, 1), Why.EXPIRES)),
        ({"rotate_days": 90, "expires_at": "2028-01-01"}, Due(date(2027, 4, 1), Why.ROTATE)),
    ],
    ids=["neither", "expires", "rotates", "expires first", "on one day", "rotates first"],
)
def test_a_secret_is_due_on_the_earlier_day(known: dict[str, Any], expected: Due | None) -> None:
    assert due(overview(**known)) == expected


def test_the_day_of_a_reminder_is_as_many_days_before() -> None:
    assert reminder_day(overview(expires_at="2028-03-01", reminder=1)) == date(2028, 2, 29)
    assert reminder_day(overview(expires_at="2028-03-01", reminder=0)) == date(2028, 3, 1)
    assert reminder_day(overview(expires_at="2028-03-01")) is None
    assert reminder_day(overview(reminder=7)) is None


@pytest.mark.parametrize(
    "known",
    [
        {"expires_at": "soon"},
        {"expires_at": "2027-02-29"},
        {"expires_at": "20270630"},
        {"rotate_days": 0},
        {"rotate_days": -1},
        {"rotate_days": 10**9},
        {"rotate_days": 10**15},
    ],
    ids=str,
)
def test_what_somebody_wrote_that_is_no_day_stops_nothing(known: dict[str, Any]) -> None:
    assert due(overview(**known)) is None


@pytest.mark.parametrize("rotated_at", ["", "x", "1" * 30, "-1", "\u0663"])
def test_a_moment_that_is_none_stops_nothing(rotated_at: str) -> None:
    assert due(Overview(name="KEY", rotate_days=1, rotated_at=rotated_at)) is None


@pytest.mark.parametrize("reminder", [-1, 10**7, 10**15])
def test_a_reminder_on_no_day_is_none(reminder: int) -> None:
    assert reminder_day(overview(expires_at="2027-06-30", reminder=reminder)) is None


@pytest.mark.parametrize(
    "text", ["", "2027-6-30", "2027-06-31", "2027-06-30T00:00", "\uff12027-06-30"]
)
def test_a_day_is_written_in_one_way(text: str) -> None:
    assert parse_day("2027-06-30") == date(2027, 6, 30)
    with pytest.raises(ValueError, match=r".*"):
        parse_day(text)
