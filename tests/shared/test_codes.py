"""What people type is compared as they mean it."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import codes

SECRET = b"12345678901234567890"  # RFC 6238, appendix B
STEP = 37037036  # 1111111109 seconds after 1970, where the appendix has 07081804
CODE = "081804"


@pytest.mark.parametrize(
    "typed",
    [
        "081804",
        "081 804",
        " 081-804 ",
        "081\N{NO-BREAK SPACE}804",
        "081\N{EN DASH}804",
        "081\N{ZERO WIDTH SPACE}804",
        "\N{RIGHT-TO-LEFT MARK}081804",
        "".join(chr(ord(digit) - ord("0") + ord("\N{FULLWIDTH DIGIT ZERO}")) for digit in CODE),
        "".join(chr(ord(digit) - ord("0") + 0x1D7CE) for digit in CODE),  # bold mathematical
    ],
)
def test_a_code_is_the_same_in_every_spelling(typed: str) -> None:
    """S08: full-width digits, spaces and hyphens are one code, and so one step."""
    assert codes.matching_steps(SECRET, typed, STEP) == [STEP]


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_clock_may_be_one_step_off(off: int) -> None:
    assert codes.matching_steps(SECRET, CODE, STEP + off) == [STEP]


@pytest.mark.parametrize("off", [-2, 2, 1000])
def test_a_clock_may_not_be_two_steps_off(off: int) -> None:
    assert codes.matching_steps(SECRET, CODE, STEP + off) == []


@pytest.mark.parametrize("typed", ["", "08180", "0818040", "08180a", "๐๘๑๘๐๔", "²08180", "-" * 6])
def test_what_is_no_code_matches_nothing(typed: str) -> None:
    assert codes.matching_steps(SECRET, typed, STEP) == []


@given(st.binary(min_size=10, max_size=10))
def test_a_long_code_is_read_as_it_was_written(code: bytes) -> None:
    text = codes.write(code)

    assert [len(group) for group in text.split("-")] == [4, 4, 4, 4]
    assert codes.read(text) == codes.read(text.lower().replace("-", " ")) == code


@given(st.text(max_size=64))
def test_whatever_is_typed_is_a_code_or_none(typed: str) -> None:
    found = codes.read(typed)

    assert found is None or codes.normalise(codes.write(found)) == codes.normalise(typed).translate(
        str.maketrans("OIL", "011")
    )


def test_letters_that_look_like_digits_are_those() -> None:
    assert codes.read("OIL0-OIL0-OIL0-OIL0") == codes.read("0110-0110-0110-0110")


def test_the_same_code_of_two_people_is_stored_as_two() -> None:
    code = bytes(10)

    assert codes.backup_hash(UUID(int=1), code) != codes.backup_hash(UUID(int=2), code)
