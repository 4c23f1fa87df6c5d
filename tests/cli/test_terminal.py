"""With a terminal the command asks; without one it names what is missing."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import NewDevice
from tests.cli.keyarc import COMMAND, Keyarc


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["signup"], "KEYARC_PASSWORD"),
        (["login"], "KEYARC_PASSWORD"),
        (["signup", "--server", "https://keyarc.example"], "KEYARC_PASSWORD"),
    ],
)
def test_without_a_terminal_a_missing_password_is_named(
    device: NewDevice, words: list[str], named: str
) -> None:
    someone = device()
    someone.password = ""

    assert named in someone(*words, code=2).err


@pytest.mark.parametrize(
    ("variable", "option"), [("KEYARC_SERVER", "--server"), ("KEYARC_EMAIL", "--email")]
)
def test_a_missing_option_is_named_with_its_variable(
    device: NewDevice, variable: str, option: str
) -> None:
    someone = device()
    someone.variables[variable] = ""

    message = someone("login", code=2).err

    assert variable in message
    assert option in message


def test_without_a_terminal_a_missing_account_key_is_named(device: NewDevice) -> None:
    assert "KEYARC_ACCOUNT_KEY" in device()("login", code=2).err


def test_signing_up_on_a_terminal_asks_parts_of_the_codes_back(device: NewDevice) -> None:
    someone = device()

    wrong = someone.on_terminal("signup", talk=[("account key:", "x\n")] * 3, code=2)

    assert "nothing was sent" in wrong.err
    someone.variables["KEYARC_ACCOUNT_KEY"] = wrong.out.splitlines()[0].split()[-1]
    someone("login", code=8)


def test_a_password_is_asked_for_twice_and_not_shown(device: NewDevice) -> None:
    someone = device()
    someone.password = ""
    talk = [("Choose a password", "a long password\n"), ("Again:", "another password\n")]

    differing = someone.on_terminal("signup", talk=talk, code=2)

    assert "differ" in differing.err
    assert "long password" not in differing.err


def test_logging_in_on_a_terminal_asks_for_password_and_account_key(device: NewDevice) -> None:
    first = device()
    account_key = first("signup").out.splitlines()[0].split()[-1]
    second = device(first.email)
    second.password = ""

    asked = second.on_terminal(
        "login", talk=[("Password:", f"{first.password}\n"), ("Account key:", f"{account_key}\n")]
    )

    assert "Logged in" in asked.err
    assert account_key not in asked.err


def test_a_value_is_asked_for_on_a_terminal_and_not_shown(keyarc: Keyarc) -> None:
    asked = keyarc.on_terminal("set", "work/KEY", talk=[("Value:", "needle\n")])

    assert keyarc("get", "work/KEY").out == "needle"
    assert "needle" not in asked.err


@pytest.mark.parametrize(("answer", "count"), [("y\n", 1), ("n\n", 0), ("\n", 0)])
def test_an_import_asks_on_a_terminal(
    keyarc: Keyarc, tmp_path: Path, answer: str, count: int
) -> None:
    (tmp_path / "env").write_text("A=1")

    keyarc.on_terminal("import", str(tmp_path / "env"), "--vault", "work", talk=[("[y/N]", answer)])

    assert len(keyarc("ls", "--json").json["secrets"]) == count


def test_an_interruption_ends_with_130(device: NewDevice) -> None:
    someone = device()
    someone.password = ""

    assert someone.on_terminal("login", talk=[("Password:", "\x03")], code=130).out == ""


def test_a_reader_who_leaves_early_is_no_error(keyarc: Keyarc) -> None:
    with keyarc.start("ls", "--json") as process:
        assert process.stdout is not None
        process.stdout.close()
        process.wait(timeout=60)
        err = process.stderr.read() if process.stderr else b""

    assert process.returncode == 128 + signal.SIGPIPE
    assert err == b""


@pytest.mark.parametrize("words", [[], ["nothing"], ["vault"], ["set"], ["import", "x"]])
def test_wrong_words_are_wrong_use(device: NewDevice, words: list[str]) -> None:
    assert "usage:" in device()(*words, code=2).err


@pytest.mark.parametrize(
    "command",
    [
        "2fa codes",
        "2fa off",
        "2fa on",
        "2fa status",
        "account delete",
        "account email",
        "account key",
        "account kit",
        "account password",
        "account recovery-code",
        "account rotate",
        "account show",
        "device approve",
        "device ls",
        "device refuse",
        "expiring",
        "export",
        "get",
        "import",
        "invitation cancel",
        "invitation ls",
        "join",
        "leave",
        "leavers",
        "link create",
        "link ls",
        "link open",
        "link rm",
        "login",
        "logout",
        "ls",
        "members add",
        "members hand-over",
        "members ls",
        "members remove",
        "members role",
        "passkey ls",
        "passkey rm",
        "recover",
        "recovery stop",
        "reminders",
        "rm",
        "run",
        "session ls",
        "session revoke",
        "set",
        "share",
        "signup",
        "status",
        "token create",
        "token ls",
        "token revoke",
        "vault create",
        "vault ls",
        "vault rotate",
        "words",
    ],
)
def test_every_command_has_help(device: NewDevice, command: str) -> None:
    assert device()(*command.split(), "--help").out.startswith(f"usage: keyarc {command}")


@pytest.mark.parametrize(
    "words",
    [["set", "work/\udcff"], ["set", "work/K", "--tag", "\udcff"], ["vault", "create", "\udcff"]],
)
def test_what_is_not_utf8_is_refused_in_a_sentence(keyarc: Keyarc, words: list[str]) -> None:
    assert keyarc(*words, given=b"x", code=2).err == "keyarc: what was given is not UTF-8 text.\n"


def test_output_that_cannot_hold_a_name_shows_it_escaped(keyarc: Keyarc) -> None:
    keyarc("set", "work/schlüssel", given=b"x")
    keyarc.variables["PYTHONIOENCODING"] = "ascii"

    assert "work/schl\\xfcssel" in keyarc("ls", "work").out
    assert keyarc("ls", "work", "--json").json["secrets"][0]["name"] == "schlüssel"


def test_a_closed_standard_output_is_no_failure(keyarc: Keyarc) -> None:
    keyarc("set", "work/K", given=b"x")
    script = "import os, sys; os.close(1); os.execv(sys.argv[1], sys.argv[1:])"

    for words in (["ls"], ["ls", "--json"], ["status"], ["get", "work/K"]):
        ran = subprocess.run(
            [sys.executable, "-c", script, *COMMAND, *words],
            env=keyarc.environment,
            stderr=subprocess.PIPE,
            check=False,
        )

        assert (ran.returncode, ran.stderr) == (0, b"")
