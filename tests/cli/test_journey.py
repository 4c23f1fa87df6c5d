"""What a person does with the command from the first day to the second device."""

import stat
from pathlib import Path

import pytest

from tests.cli.conftest import NewDevice
from tests.cli.keyarc import Keyarc

DOTENV = b"""\
# the api
export API_KEY="sk-live-1234567890" # inline
DATABASE_URL=postgres://app:p%40ss@db.example:5432/app?sslmode=require
MULTI_LINE="-----BEGIN KEY-----
line two
-----END KEY-----"
EMPTY=
QUOTED='it is "so"'
"""


def test_secrets_travel_from_one_device_to_another(device: NewDevice, tmp_path: Path) -> None:
    first = device()
    kit, dotenv = tmp_path / "kit.txt", tmp_path / ".env"
    dotenv.write_bytes(DOTENV)

    shown = first("signup", "--kit", str(kit)).out
    account_key = shown.splitlines()[0].split()[-1]
    assert account_key in kit.read_text()
    first("vault", "create", "work")
    first("import", str(dotenv), "--vault", "work", "--path", "api", "--yes")

    listed = first("ls", "--json").json["secrets"]
    assert {one["name"] for one in listed} == {
        "API_KEY", "DATABASE_URL", "EMPTY", "MULTI_LINE", "QUOTED",
    }  # fmt: skip
    assert {one["path"] for one in listed} == {"api"}
    assert first("get", "work/api/API_KEY").out == "sk-live-1234567890"
    ran = first("run", "--vault", "work", "--", "sh", "-c", 'printf "$QUOTED|$EMPTY|$MULTI_LINE"')
    assert ran.out == 'it is "so"||-----BEGIN KEY-----\nline two\n-----END KEY-----'
    first("rm", "work/api/EMPTY")
    first("get", "work/api/EMPTY", code=4)
    first("logout")
    first("ls", code=3)

    second = device(first.email)
    second("login", code=2)
    second.variables["KEYARC_ACCOUNT_KEY"] = account_key.lower().replace("-", " ")
    second("login")
    assert second("get", "work/api/QUOTED").out == 'it is "so"'
    assert len(second("ls", "work", "--json").json["secrets"]) == 4


def test_a_known_device_logs_in_with_the_password_alone(keyarc: Keyarc) -> None:
    keyarc("set", "work/KEY", given=b"value")
    keyarc("logout")

    keyarc("get", "work/KEY", code=3)
    keyarc("login")

    assert keyarc("get", "work/KEY").out == "value"


def test_nothing_of_a_secret_is_kept_on_the_device(keyarc: Keyarc) -> None:
    keyarc("set", "work/NEEDLE_NAME", given=b"needle-value")
    keyarc("get", "work/NEEDLE_NAME")

    kept = b"".join(file.read_bytes() for file in keyarc.home.rglob("*") if file.is_file())

    assert b"needle-value" not in kept
    assert b"NEEDLE_NAME" not in kept
    assert keyarc.password.encode() not in kept


def test_only_the_owner_can_read_what_the_device_keeps(keyarc: Keyarc) -> None:
    assert stat.S_IMODE(keyarc.home.stat().st_mode) == 0o700
    keyarc("ls")
    inside = list(keyarc.home.rglob("*"))
    files = {stat.S_IMODE(one.stat().st_mode) for one in inside if one.is_file()}
    folders = {stat.S_IMODE(one.stat().st_mode) for one in inside if one.is_dir()}
    assert (files, folders) == ({0o600}, {0o700})


def test_logging_out_leaves_the_account_key_and_nothing_that_opens(keyarc: Keyarc) -> None:
    before = (keyarc.home / "secrets.json").read_text()
    keyarc("logout")

    after = (keyarc.home / "secrets.json").read_text()

    assert "user_key" in before
    assert "refresh_token" in before
    assert "account-key" in after
    assert "session" not in after


@pytest.mark.parametrize("name", ["kit.txt", "kit.html"])
def test_the_kit_is_for_its_owner_alone_and_replaces_nothing(
    device: NewDevice, tmp_path: Path, name: str
) -> None:
    kit = tmp_path / name
    someone, other = device(), device()

    someone("signup", "--kit", str(kit))
    written = kit.read_text()
    other("signup", "--kit", str(kit), code=5)

    assert stat.S_IMODE(kit.stat().st_mode) == 0o600
    assert kit.read_text() == written
    assert someone.email in written
    assert ("<html" in written) == (name == "kit.html")


def test_the_kit_of_an_account_that_was_not_made_is_taken_away(
    device: NewDevice, tmp_path: Path
) -> None:
    someone = device()
    someone("signup")

    again = device(someone.email)("signup", "--kit", str(tmp_path / "kit"), code=5)

    assert "already" in again.err
    assert not (tmp_path / "kit").exists()


def test_status_says_who_is_logged_in_where(keyarc: Keyarc) -> None:
    status = keyarc("status", "--json").json
    keyarc("logout")
    after = keyarc("status", "--json", code=3).json

    assert (status["email"], status["server"]) == (keyarc.email, keyarc.server)
    assert (status["logged_in"], after["logged_in"]) == (True, False)
