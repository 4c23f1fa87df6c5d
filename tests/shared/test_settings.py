"""A variable that is missing or wrong ends the boot by its name and not by its value."""

import pytest

from shared import access_tokens
from shared.settings import seconds, setting


@pytest.mark.parametrize("environ", [{}, {"JWT_SECRET": ""}])
def test_a_missing_variable_stops_the_boot_with_its_name(environ: dict[str, str]) -> None:
    with pytest.raises(SystemExit, match=r"^JWT_SECRET is not set\.$"):
        setting(environ, "JWT_SECRET", str)


def test_a_variable_that_is_set_is_read() -> None:
    assert setting({"POOL": "4"}, "POOL", int) == 4


def test_a_variable_that_cannot_be_read_stops_the_boot_and_is_not_told() -> None:
    with pytest.raises(SystemExit, match=r"^JWT_SECRET: each .* needs 32 characters\.$") as told:
        setting({"JWT_SECRET": "hush"}, "JWT_SECRET", access_tokens.parse_secrets)

    assert "hush" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "told"), [("0s", 0), ("90s", 90), ("30m", 1800), ("24h", 86_400), ("7d", 604_800)]
)
def test_a_duration_has_a_unit(text: str, told: int) -> None:
    assert seconds(text) == told


@pytest.mark.parametrize("text", ["", "24", "-1h", "1.5h", "1 h", "24H", "1h30m", "٣s", "1h\n"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no duration like"):
        seconds(text)
