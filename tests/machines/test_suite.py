"""``python3 machines test`` believes nothing that it has not counted."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from machines.environment import ROOT
from machines.failures import Failure
from machines.suite import AGAIN, Counts, counted, of_pytest, of_vitest, prepared, run_pytest

PYTEST = (sys.executable, "-m", "pytest")
# Of the plugins only what the tests use: each process would load a browser's driver, too.
ONLY = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
TESTS = """
import pytest
def test_passes(): pass
def test_passes_too(): pass
def test_fails(): assert False
@pytest.fixture
def broken(): raise OSError
def test_errs(broken): pass
@pytest.mark.{mark}
def test_waits(): pass
"""


def test_what_pytest_reports_is_counted_and_an_error_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS.format(mark="skip"))

    ended = subprocess.run(
        [*PYTEST, "--junit-xml=report.xml", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=os.environ | ONLY,
        capture_output=True,
        check=False,
    )

    assert ended.returncode == 1
    assert str(of_pytest(tmp_path / "report.xml")) == "2 passed, 2 failed, 1 skipped"


def test_what_vitest_reports_is_counted(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    numbers = {"Passed": 5, "Failed": 1, "Pending": 2, "Todo": 3}
    report.write_text(json.dumps({f"num{name}Tests": each for name, each in numbers.items()}))

    assert of_vitest(report) == Counts(passed=5, failed=1, skipped=5)


@pytest.mark.parametrize(
    ("code", "counts", "failed"),
    [
        pytest.param(0, Counts(passed=3), 0, id="all passed"),
        pytest.param(1, Counts(passed=3, failed=2), 2, id="the failures are the tests that failed"),
        pytest.param(3, Counts(passed=3), 1, id="a crash after the tests is a failure"),
        pytest.param(1, Counts(), 1, id="no report is a failure"),
        pytest.param(0, Counts(), 1, id="no test at all is a failure"),
    ],
)
def test_a_run_that_ended_badly_has_failed(code: int, counts: Counts, failed: int) -> None:
    assert counted(code, counts).failed == failed


def test_one_expression_runs_only_what_matches_and_counts_it_last() -> None:
    ended = subprocess.run(
        [sys.executable, ROOT / "machines", "test", "-k", "no_test_at_all or all_passed_nowhere"],
        env=os.environ | ONLY | {"PYTEST_ADDOPTS": "-p xdist tests/machines/test_steps.py"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Only pytest runs" in ended.stdout
    assert ended.returncode == 1
    assert re.fullmatch(r"\d+ passed, 1 failed, \d+ skipped", ended.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("body", "last"),
    [
        pytest.param("assert False", "1 passed, 1 failed, 0 skipped", id="fails again"),
        pytest.param(
            "assert 'PYTEST_XDIST_WORKER' not in os.environ",
            "2 passed, 0 failed, 0 skipped",
            id="passes alone",
        ),
    ],
)
def test_what_fails_beside_others_is_run_alone_and_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, last: str
) -> None:
    file = tmp_path / "test_it.py"
    file.write_text(f"import os\ndef test_passes(): pass\ndef test_it(): {body}\n")
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    for name, value in ONLY.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTEST_ADDOPTS", f"-p xdist -c {os.devnull} --rootdir={tmp_path} {file}")

    assert str(run_pytest()) == last


def test_a_preparation_that_need_not_be_is_skipped_with_its_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def prepare() -> None:
        raise Failure("There is no apt-get to bring it.")

    assert prepared("a pooler", prepare, must=False) == Counts(skipped=1)
    assert capsys.readouterr().out == "skip  a pooler: There is no apt-get to bring it.\n"
    assert prepared("a browser", prepare) == Counts(failed=1)


def test_the_second_pass_takes_what_asks_the_running_services_and_nothing_else() -> None:
    asking, others = "tests/cli/test_journey.py", "tests/keyarc/test_words.py"

    ended = subprocess.run(
        [*PYTEST, "-p", "xdist", "--of-stack", "--collect-only", "-q", asking, others],
        cwd=ROOT,
        env=os.environ | ONLY,
        capture_output=True,
        text=True,
        check=False,
    )

    collected = [line.partition("::")[0] for line in ended.stdout.splitlines() if "::" in line]
    assert set(collected) == {asking}
    assert all(list(ROOT.glob(each)) for each in AGAIN)
