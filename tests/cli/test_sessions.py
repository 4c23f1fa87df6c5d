"""Where an account is logged in, and how that is ended from afar."""

import pytest

from tests.cli.conftest import NewDevice
from tests.cli.keyarc import Keyarc

STRANGER = "5f0c7d3e-6d8a-4c9b-8a51-0b6f3a2f9d11"


@pytest.fixture
def other(keyarc: Keyarc, device: NewDevice) -> Keyarc:
    """Another device of the same person, logged in."""
    secrets = (keyarc.home / "secrets.json").read_text()
    found = secrets.split("account-key ")[1].split('": "')[1].split('"')[0]
    made = device(keyarc.email)
    made.variables["KEYARC_ACCOUNT_KEY"] = found
    made("login")
    return made


def test_a_session_is_listed_and_ended_from_another_device(keyarc: Keyarc, other: Keyarc) -> None:
    listed = keyarc("session", "ls", "--json").json["sessions"]
    there = [one["session_id"] for one in listed if not one["current"]]

    keyarc("session", "revoke", *there)

    assert [one["current"] for one in listed].count(True) == 1
    assert all(one["device"].startswith("keyarc on ") for one in listed)
    assert "ended" in other("ls", code=3).err
    assert len(keyarc("session", "ls", "--json").json["sessions"]) == 1
    keyarc("session", "revoke", *there, code=4)


def test_all_others_are_ended_at_once(keyarc: Keyarc, other: Keyarc) -> None:
    assert other("session", "revoke", "--others", "--json").json["ended"] == 1

    keyarc("ls", code=3)
    other("ls")


def test_the_list_for_people_marks_the_session_that_asks(keyarc: Keyarc) -> None:
    lines = keyarc("session", "ls").out.splitlines()

    assert len(lines) == 2
    assert "(this one)" in lines[1]


def test_a_command_ends_no_session_by_mistake(keyarc: Keyarc) -> None:
    own = keyarc("session", "ls", "--json").json["sessions"][0]["session_id"]

    assert "keyarc logout" in keyarc("session", "revoke", own, code=2).err
    keyarc("session", "revoke", STRANGER, code=4)
    assert "not the id" in keyarc("session", "revoke", "laptop", code=2).err
    keyarc("session", "revoke", code=2)
    keyarc("session", "revoke", own, "--others", code=2)
    keyarc("ls")
