"""Which backups stay."""

import datetime as dt

import pytest

from handlers.jobs.retention import Keep

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)  # a Sunday
EVERY_DAY = [NOON - dt.timedelta(days) for days in range(1000)]


def kept(keep: Keep, times: list[dt.datetime]) -> list[str]:
    return [at.strftime("%Y-%m-%d") for at in sorted(keep.kept(times), reverse=True)]


def test_seven_days_four_weeks_and_twelve_months_stay() -> None:
    found = kept(Keep(), EVERY_DAY)

    assert found[:7] == [f"2026-11-{day}" for day in range(22, 15, -1)]
    assert found[7:10] == ["2026-11-15", "2026-11-08", "2026-11-01"]  # with the 22nd, four Sundays
    ends = [
        "10-31",
        "09-30",
        "08-31",
        "07-31",
        "06-30",
        "05-31",
        "04-30",
        "03-31",
        "02-28",
        "01-31",
    ]
    assert found[10:] == [*(f"2026-{end}" for end in ends), "2025-12-31"]


def test_of_an_earlier_day_the_newest_stays_and_of_the_last_one_all() -> None:
    today = [NOON, NOON - dt.timedelta(hours=1)]
    yesterday = [NOON - dt.timedelta(hours=24), NOON - dt.timedelta(hours=25)]

    assert Keep(2, 0, 0).kept(today + yesterday) == {*today, yesterday[0]}


def test_nothing_is_kept_of_nothing() -> None:
    assert Keep().kept([]) == set()


def test_days_without_a_backup_do_not_count() -> None:
    times = [NOON - dt.timedelta(days) for days in (0, 100, 200, 300)]

    assert Keep(3, 0, 0).kept(times) == set(times[:3])


def test_keeping_is_stable_from_day_to_day() -> None:
    """What is thinned out each day leaves what one thinning of everything would leave."""
    stored: set[dt.datetime] = set()
    for at in reversed(EVERY_DAY):
        stored = Keep().kept(stored | {at})

    assert stored == Keep().kept(EVERY_DAY)


@pytest.mark.parametrize("text", ["", "7", "7/4", "7/4/12/1", "0/4/12", "7/-1/12", "a/b/c"])
def test_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="days/weeks/months"):
        Keep.parse(text)


def test_a_spelling_is_read_and_written() -> None:
    assert str(Keep.parse("7/4/12")) == str(Keep()) == "7/4/12"
