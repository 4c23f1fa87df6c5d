"""Several commands at once, servers that are gone, passwords that are wrong."""

import json
import signal
import time
from pathlib import Path

import pytest

from tests.cli.conftest import NewDevice
from tests.cli.keyarc import Keyarc, Result


def together(keyarc: Keyarc, commands: list[list[str]]) -> list[Result]:
    started = [keyarc.start(*words) for words in commands]
    ended = []
    for process in started:
        with process:
            out, err = process.communicate(b"value", timeout=120)
            ended.append(Result(process.returncode, out.decode(), err.decode()))
    return ended


def test_two_writers_at_once_lose_nothing(keyarc: Keyarc) -> None:
    for number in range(8):
        commands = [["set", f"work/{writer}/KEY_{number}"] for writer in ("a", "b")]
        assert [result.code for result in together(keyarc, commands)] == [0, 0]

    assert len(keyarc("ls", "--json").json["secrets"]) == 16


def test_eight_writers_at_once_lose_nothing(keyarc: Keyarc) -> None:
    results = together(keyarc, [["set", f"work/KEY_{number}"] for number in range(8)])

    assert {result.code for result in results} == {0}
    assert len(keyarc("ls", "--json").json["secrets"]) == 8


def test_writers_of_one_name_at_once_make_versions_of_one_secret(keyarc: Keyarc) -> None:
    results = together(keyarc, [["set", "work/KEY"]] * 4)

    assert {result.code for result in results} == {0}
    assert [one["version"] for one in keyarc("ls", "--json").json["secrets"]] == [4]


def expire(home: Path) -> str:
    """Let the access token be over for this device, and give the refresh token."""
    kept = json.loads((home / "secrets.json").read_text())
    session = json.loads(kept["secrets"]["session"])
    kept["secrets"]["session"] = json.dumps({**session, "expires_at": 0})
    (home / "secrets.json").write_text(json.dumps(kept))
    return str(session["refresh_token"])


def test_processes_that_refresh_at_once_do_not_end_the_session(keyarc: Keyarc) -> None:
    before = expire(keyarc.home)

    results = together(keyarc, [["vault", "ls"]] * 5)

    assert {result.code for result in results} == {0}
    assert expire(keyarc.home) != before
    keyarc("vault", "ls")


def test_a_wrong_password_or_account_key_is_told_as_one(keyarc: Keyarc, device: NewDevice) -> None:
    keyarc.password = "another correct horse"
    other = device(keyarc.email)
    other.variables["KEYARC_ACCOUNT_KEY"] = device()("signup").out.splitlines()[0].split()[-1]

    wrong_password = keyarc("login", code=8)
    wrong_key = other("login", code=8)

    assert wrong_password.err == wrong_key.err
    keyarc.password = "correct horse battery staple"
    keyarc("ls")


def test_an_account_that_is_not_there_is_told_alike(device: NewDevice) -> None:
    someone, nobody = device(), device()
    nobody.variables["KEYARC_ACCOUNT_KEY"] = someone("signup").out.splitlines()[0].split()[-1]

    assert "do not belong together" in nobody("login", code=8).err


def test_a_mistyped_account_key_or_short_password_is_wrong_use(device: NewDevice) -> None:
    someone = device()
    someone.variables["KEYARC_ACCOUNT_KEY"] = "ABCD"
    assert "account key" in someone("login", code=2).err
    someone.password = "short"
    assert "12" in someone("signup", code=2).err


def test_a_server_that_is_gone_is_told_and_the_session_stays(keyarc: Keyarc) -> None:
    state = keyarc.home / "state.json"
    told = state.read_text()
    state.write_text(told.replace(keyarc.server, "http://127.0.0.1:9"))
    secrets = keyarc.home / "secrets.json"
    kept = secrets.read_text()
    secrets.write_text(kept.replace(keyarc.server, "http://127.0.0.1:9"))

    assert "does not answer" in keyarc("ls", code=7).err

    state.write_text(told)
    secrets.write_text(kept)
    keyarc("ls")


def test_logging_out_works_without_the_server(keyarc: Keyarc) -> None:
    for file in (keyarc.home / "state.json", keyarc.home / "secrets.json"):
        file.write_text(file.read_text().replace(keyarc.server, "http://127.0.0.1:9"))

    assert "this device only" in keyarc("logout", code=7).err
    keyarc("ls", code=3)


@pytest.mark.parametrize("file", ["state.json", "secrets.json"])
@pytest.mark.parametrize("content", ["", "{", "[]", '{"keyarc":2}'])
def test_state_that_cannot_be_read_is_named(keyarc: Keyarc, file: str, content: str) -> None:
    path = keyarc.home / file
    before = path.read_text()
    path.write_text(content)

    assert str(path) in keyarc("ls", code=1).err

    path.write_text(before)


def test_a_command_that_is_killed_leaves_whole_files(keyarc: Keyarc) -> None:
    for number in range(6):
        with keyarc.start("set", f"work/KEY_{number}") as process:
            assert process.stdin is not None
            process.stdin.write(b"v")
            process.stdin.close()
            time.sleep(0.06 * number)
            process.send_signal(signal.SIGKILL)

    assert json.loads((keyarc.home / "state.json").read_text())
    keyarc("ls")
    keyarc("set", "work/AFTER", given=b"v")
