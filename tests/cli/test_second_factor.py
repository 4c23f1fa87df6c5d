"""A code beside the password: set up, asked for, used up, removed."""

import re
import time

import pyotp
import pytest

from tests.cli.keyarc import Keyarc

SECRET = re.compile(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}")
STEP_SECONDS = 30


class App:
    """An authenticator app; its second code is the next step's, since each serves once."""

    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret)
        self._ahead = 0

    def code(self) -> str:
        code = self._totp.at(int(time.time()) + self._ahead)
        self._ahead = STEP_SECONDS
        return code


@pytest.fixture
def backup_codes(keyarc: Keyarc) -> list[str]:
    """Set an app up, as a program does; give the backup codes."""
    begun = keyarc("2fa", "on", "--begin", "--json").json
    app = App(begun["secret"])
    done = keyarc("2fa", "on", "--finish", "--json", given=app.code().encode())
    codes: list[str] = done.json["backup_codes"]
    return codes


def test_an_app_is_set_up_on_a_terminal_by_what_it_shows(keyarc: Keyarc) -> None:
    shown: list[str] = []

    def code(so_far: str) -> str:
        shown.append(so_far)
        found = SECRET.search(so_far)
        assert found, so_far
        return App(found[0].replace(" ", "")).code() + "\n"

    on = keyarc.on_terminal("2fa", "on", talk=[("Code of the app:", code)])

    assert "█" in shown[0]
    assert len(on.out.split()) == 10
    status = keyarc("2fa", "status", "--json").json
    assert (status["totp"], status["backup_codes"], status["passkeys"]) == (True, 10, [])


def test_a_wrong_code_of_the_app_is_asked_for_again_and_turns_nothing_on(keyarc: Keyarc) -> None:
    talk = [("Code of the app:", "000000\n")] * 5

    asked = keyarc.on_terminal("2fa", "on", talk=talk, code=8)

    assert "code is wrong" in asked.err.lower()
    assert not keyarc("2fa", "status", "--json").json["totp"]


def test_a_login_takes_a_backup_code_once(keyarc: Keyarc, backup_codes: list[str]) -> None:
    keyarc("set", "work/KEY", given=b"value")
    keyarc("logout")

    missing = keyarc("login", code=2)
    keyarc.variables["KEYARC_CODE"] = backup_codes[0].lower().replace("-", " ")
    keyarc("login")
    value = keyarc("get", "work/KEY").out
    keyarc("logout")
    again = keyarc("login", code=8)

    assert "KEYARC_CODE" in missing.err
    assert value == "value"
    assert "used before" in again.err


def test_a_login_on_a_terminal_asks_for_the_code_until_it_is_right(
    keyarc: Keyarc, backup_codes: list[str]
) -> None:
    keyarc("logout")

    asked = keyarc.on_terminal(
        "login", talk=[("Code", "123456\n"), ("Code", f"{backup_codes[0]}\n")]
    )

    assert "This code is wrong" in asked.err
    assert "Logged in" in asked.err


def test_the_app_goes_after_a_fresh_proof_and_the_codes_with_it(
    keyarc: Keyarc, backup_codes: list[str]
) -> None:
    refused = keyarc("2fa", "off", code=2)
    unproved = keyarc("2fa", "off", "--yes", code=2)
    keyarc.variables["KEYARC_CODE"] = backup_codes[0]
    keyarc("2fa", "off", "--yes")
    del keyarc.variables["KEYARC_CODE"]
    keyarc("logout")
    keyarc("login")

    assert "--yes" in refused.err
    assert "KEYARC_CODE" in unproved.err
    assert "2fa on" in keyarc("2fa", "status").err
    keyarc("2fa", "off", "--yes", code=4)


def test_new_backup_codes_end_the_old_ones(keyarc: Keyarc, backup_codes: list[str]) -> None:
    keyarc.variables["KEYARC_CODE"] = backup_codes[0]

    fresh = keyarc("2fa", "codes", "--json").json["backup_codes"]

    keyarc("logout")
    keyarc.variables["KEYARC_CODE"] = backup_codes[1]
    keyarc("login", code=8)
    keyarc.variables["KEYARC_CODE"] = fresh[0]
    keyarc("login")
    assert not set(fresh) & set(backup_codes)


def test_without_a_second_factor_there_are_no_backup_codes(keyarc: Keyarc) -> None:
    assert "set one up first" in keyarc("2fa", "codes", code=4).err


def test_a_wrong_password_proves_nothing(keyarc: Keyarc) -> None:
    keyarc.password = "another password"

    assert "password" in keyarc("2fa", "on", "--begin", code=8).err
    assert "--begin" in keyarc("2fa", "on", code=2).err


def test_a_passkey_that_is_not_there_is_said_not_to_be(keyarc: Keyarc) -> None:
    assert keyarc("passkey", "ls", "--json").json["passkeys"] == []
    assert "laptop" in keyarc("passkey", "rm", "laptop", "--yes", code=4).err
