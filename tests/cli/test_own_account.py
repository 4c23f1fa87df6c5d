"""Changing every key of an account, and its password, from the command line."""

import stat
from pathlib import Path

import pytest

from tests.cli.conftest import NewDevice
from tests.cli.keyarc import Keyarc

NEW_PASSWORD = "another horse, another battery"


def told(out: str, name: str) -> str:
    """Give what a command printed as ``Name: value``."""
    return next(line.split()[-1] for line in out.splitlines() if line.startswith(f"{name}:"))


def kit_key(kit: Path) -> str:
    """Give the account key that stands on a kit."""
    return told(kit.read_text().replace("Account key ", "Key:"), "Key")


@pytest.fixture
def account_key(keyarc: Keyarc, tmp_path: Path) -> str:
    """The account key of this device, from its kit; the vault has one secret."""
    keyarc("set", "work/KEY", given=b"value")
    keyarc("account", "kit", str(tmp_path / "first.txt"))
    return kit_key(tmp_path / "first.txt")


@pytest.fixture
def other(keyarc: Keyarc, device: NewDevice, account_key: str) -> Keyarc:
    """Another device of the same person, logged in."""
    made = device(keyarc.email)
    made.variables["KEYARC_ACCOUNT_KEY"] = account_key
    made("login")
    return made


def test_another_password_ends_the_other_sessions_and_the_old_one(
    keyarc: Keyarc, other: Keyarc
) -> None:
    keyarc.variables["KEYARC_NEW_PASSWORD"] = NEW_PASSWORD

    keyarc("account", "password")

    assert keyarc("get", "work/KEY").out == "value"
    other("ls", code=3)
    other("login", code=8)
    other.password = keyarc.password = NEW_PASSWORD
    other("login")
    assert other("get", "work/KEY").out == "value"
    keyarc("logout")
    keyarc("login")


def test_a_password_is_changed_on_a_terminal(keyarc: Keyarc) -> None:
    old, keyarc.password = keyarc.password, ""
    talk = [
        ("Present password:", f"{old}\n"),
        ("New password", f"{NEW_PASSWORD}\n"),
        ("Again:", f"{NEW_PASSWORD}\n"),
    ]

    asked = keyarc.on_terminal("account", "password", talk=talk)

    assert NEW_PASSWORD not in asked.err
    keyarc("logout")
    keyarc.password = NEW_PASSWORD
    keyarc("login")


@pytest.mark.parametrize(("new", "code"), [("too short", 2), ("", 2)])
def test_a_password_that_is_none_changes_nothing(keyarc: Keyarc, new: str, code: int) -> None:
    keyarc.variables["KEYARC_NEW_PASSWORD"] = new

    keyarc("account", "password", code=code)

    keyarc("logout")
    keyarc("login")


def test_another_account_key_is_kept_here_and_needed_elsewhere(
    keyarc: Keyarc, other: Keyarc, tmp_path: Path
) -> None:
    kit = tmp_path / "kit.html"

    new = told(keyarc("account", "key", "--kit", str(kit)).out, "Account key")

    assert new in kit.read_text()
    assert stat.S_IMODE(kit.stat().st_mode) == 0o600
    keyarc("logout")
    keyarc("login")
    other("login", code=8)
    other.variables["KEYARC_ACCOUNT_KEY"] = new
    other("login")
    assert other("get", "work/KEY").out == "value"


def test_what_was_not_kept_is_not_made_the_accounts(keyarc: Keyarc, tmp_path: Path) -> None:
    kit = tmp_path / "kit.txt"
    talk = [("account key:", "x\n")] * 3

    asked = keyarc.on_terminal("account", "key", "--kit", str(kit), talk=talk, code=2)

    assert "nothing was sent" in asked.err
    assert not kit.exists()
    keyarc("logout")
    keyarc("login")


def test_who_writes_slowly_proves_it_again(keyarc: Keyarc, tmp_path: Path) -> None:
    """The proof is used up meanwhile by another command of the same session."""
    kit = tmp_path / "kit.txt"

    def slowly(_: str) -> str:
        keyarc("2fa", "on", "--begin")
        return kit_key(kit).rsplit("-", 1)[1] + "\n"

    asked = keyarc.on_terminal("account", "key", "--kit", str(kit), talk=[("account key:", slowly)])

    assert "longer than a proof lasts" in asked.err
    assert "Changed the account key" in asked.err


def test_what_was_typed_back_counts(keyarc: Keyarc) -> None:
    before = (keyarc.home / "secrets.json").read_text()
    kit = keyarc.home.with_name("kit.txt")

    def last_group(_: str) -> str:
        return kit_key(kit).rsplit("-", 1)[1].lower() + "\n"

    asked = keyarc.on_terminal(
        "account", "key", "--kit", str(kit), talk=[("account key:", last_group)]
    )

    assert "Changed the account key" in asked.err
    assert (keyarc.home / "secrets.json").read_text() != before


def test_another_recovery_code_is_shown_and_stands_on_the_kit(
    keyarc: Keyarc, account_key: str, tmp_path: Path
) -> None:
    kit = tmp_path / "kit.txt"

    code = told(keyarc("account", "recovery-code", "--kit", str(kit)).out, "Recovery code")

    assert len(code.split("-")) == 10
    assert code in kit.read_text()
    assert account_key in kit.read_text()
    assert keyarc("get", "work/KEY").out == "value"


def test_other_keys_open_what_the_old_ones_did(keyarc: Keyarc, other: Keyarc) -> None:
    rotated = keyarc("account", "rotate")

    assert len(told(rotated.out, "Recovery code").split("-")) == 10
    assert keyarc("get", "work/KEY").out == "value"
    keyarc("set", "work/NEXT", given=b"next")
    other("ls", code=3)
    other("login")
    assert other("get", "work/NEXT").out == "next"


def test_the_kit_is_written_again_for_who_proves_it(
    keyarc: Keyarc, account_key: str, tmp_path: Path
) -> None:
    page = tmp_path / "kit.html"

    right, keyarc.password = keyarc.password, "a wrong password"
    keyarc("account", "kit", str(page), code=8)
    keyarc.password = right
    assert not page.exists()
    keyarc("account", "kit", str(page))

    assert account_key in page.read_text()
    assert "<svg" in page.read_text()
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    keyarc("account", "kit", str(page), code=5)


def test_the_account_is_shown_without_a_key(keyarc: Keyarc) -> None:
    shown = keyarc("account", "show", "--json").json

    assert shown["email"] == keyarc.email
    assert (shown["second_factor"], shown["recovery"]) == (False, None)
    assert keyarc.email in keyarc("account", "show").out
