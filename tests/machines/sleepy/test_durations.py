"""Durations carry their unit."""

import pytest

from machines.sleepy import durations


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("1.5m", 90), ("1h", 3600), ("250ms", 0.25)]
)
def test_a_number_and_a_unit_are_a_duration(text: str, seconds: float) -> None:
    assert durations.seconds(text) == seconds


@pytest.mark.parametrize("text", ["30", "0s", "-1s", "s", "1 s", "1d", "1e3s", "", "inf", "٣s"])
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration like 500ms, 30s, 5m or 1h"):
        durations.seconds(text)
