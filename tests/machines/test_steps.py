"""A step says what it does and, when it fails, one sentence and where the rest stands."""

import sys
from pathlib import Path

import pytest

from machines import steps
from machines.failures import Failure


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def test_a_step_says_when_it_begins_and_how_long_it_took(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps.run("Making tea", python("print('a lot of talk')"), log=tmp_path / "log")

    assert capsys.readouterr().out == "Making tea …\nMaking tea … 0 s\n"
    assert not (tmp_path / "log").exists()


def test_a_failure_leaves_its_output_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"

    with pytest.raises(Failure, match=f"^Making tea failed. All it said is in {log}.$"):
        steps.run("Making tea", python("print('no water'); exit(1)"), log=log)

    assert log.read_text() == "no water\n"


def test_a_sign_in_the_output_is_explained(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"^Fill the kettle\. All it said"):
        steps.run(
            "Making tea",
            python("import sys; sys.exit('no water')"),
            log=tmp_path / "log",
            hints={"no tea": "Buy some.", "no water": "Fill the kettle."},
        )
