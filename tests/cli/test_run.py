"""``run``: the program gets the values, and the caller gets the program's end."""

import signal
import time
from pathlib import Path

import pytest

from tests.cli.keyarc import Keyarc


@pytest.fixture
def filled(keyarc: Keyarc) -> Keyarc:
    keyarc("import", "-", "--vault", "work", "--yes", given=b"TOP=top")
    keyarc("import", "-", "--vault", "work", "--path", "api", "--yes", given=b"KEY='a b'")
    keyarc("import", "-", "--vault", "work", "--path", "api/eu", "--yes", given=b"EU=eu")
    keyarc("import", "-", "--vault", "work", "--path", "apis", "--yes", given=b"OTHER=other")
    return keyarc


def variables(output: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in output.splitlines())


def test_a_program_gets_every_value_of_the_vault(filled: Keyarc) -> None:
    found = variables(filled("run", "--vault", "work", "--", "printenv").out)

    assert found.items() >= {"TOP": "top", "KEY": "a b", "EU": "eu", "OTHER": "other"}.items()


def test_a_folder_gives_its_own_values_and_those_inside_it(filled: Keyarc) -> None:
    found = variables(filled("run", "--vault", "work", "--path", "api", "--", "printenv").out)

    assert found.items() >= {"KEY": "a b", "EU": "eu"}.items()
    assert not found.keys() & {"TOP", "OTHER"}


def test_what_opens_the_account_is_not_handed_on(filled: Keyarc) -> None:
    own = {f"KEYARC_{name}" for name in ("ACCOUNT_KEY", "CODE", "MAIL_CODE", "RECOVERY_CODE")}
    filled.variables.update(dict.fromkeys(own, "anything"))

    found = variables(filled("run", "--vault", "work", "--", "printenv").out)

    assert not found.keys() & {"KEYARC_PASSWORD", *own}
    assert found["KEYARC_HOME"] == str(filled.home)


@pytest.mark.parametrize("code", [0, 1, 42])
def test_the_exit_code_is_the_programs(filled: Keyarc, code: int) -> None:
    filled("run", "--vault", "work", "--", "sh", "-c", f"exit {code}", code=code)


def test_options_after_the_program_are_the_programs(filled: Keyarc) -> None:
    ran = filled("run", "--vault", "work", "--", "echo", "--vault", "x", "--", "--help")

    assert ran.out == "--vault x -- --help\n"


def test_a_signal_reaches_the_program(filled: Keyarc, tmp_path: Path) -> None:
    ready, script = tmp_path / "ready", 'trap "exit 7" TERM; touch $0; while :; do sleep 0.05; done'
    with filled.start("run", "--vault", "work", "--", "sh", "-c", script, str(ready)) as process:
        while not ready.exists():
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=30) == 7


def test_a_program_that_is_not_there_ends_with_127(filled: Keyarc, tmp_path: Path) -> None:
    (tmp_path / "file").touch(mode=0o600)

    filled("run", "--vault", "work", "--", "no-such-program", code=127)
    filled("run", "--vault", "work", "--", str(tmp_path / "file"), code=126)
    filled("run", "--vault", "work", code=2)


def test_a_name_that_no_variable_can_have_is_told(filled: Keyarc) -> None:
    filled("set", "work/web/not a name", given=b"v")
    filled("set", "work/web/9", given=b"v")

    failed = filled("run", "--vault", "work", "--", "true", code=1)

    assert "web/not a name" in failed.err
    assert "web/9" in failed.err
    filled("run", "--vault", "work", "--path", "api", "--", "true")


def test_two_secrets_for_one_variable_are_told(filled: Keyarc) -> None:
    filled("set", "work/api/eu/KEY", given=b"v")

    failed = filled("run", "--vault", "work", "--", "true", code=5)

    assert "api/KEY" in failed.err
    assert "api/eu/KEY" in failed.err


def test_a_folder_with_nothing_in_it_is_not_found(filled: Keyarc) -> None:
    filled("run", "--vault", "work", "--path", "none", "--", "true", code=4)
