"""``python3 machines test``: every check and every test, to the end, and then the counts."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from xml.etree import ElementTree as ET

from machines import chromium, debian, environment, nginx
from machines.failures import Failure

BIN = environment.VENV / "bin"
CHECKS = {
    "Python's style": (["ruff", "check"], environment.ROOT),
    "Python's format": (["ruff", "format", "--check"], environment.ROOT),
    "Python's types": (["mypy"], environment.ROOT),
    "import rules": (["lint-imports"], environment.ROOT),
    "the page's types": (["npm", "run", "check"], environment.WEB),
    "the page's style": (["npm", "run", "lint"], environment.WEB),
}
AT_ONCE = min(os.cpu_count() or 1, 8)
# Of tests that fail while every core is busy: more than this has another reason.
ALONE = 3
# How many processes each service has when what they serve is tested a second time.
MACHINES = 3
# What many processes could break: sessions, tokens and histories that several of them serve. A
# refusal, a screen or a message is the same whoever serves.
AGAIN = (
    "tests/cli/test_journey.py",
    "tests/cli/test_processes.py",
    "tests/cli/test_tokens.py",
    "tests/keyarc_client/test_client.py",
    "tests/keyarc_client/test_machines.py",
    "tests/keyarc_client/test_writers.py",
    "tests/machines/behaviour/test_signals.py",
    "tests/web/test_journeys.py",
)


@dataclass(frozen=True)
class Counts:
    """How many did what; they add up."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def run(options: argparse.Namespace) -> int:
    """Run all, or with ``-k`` only the matching tests of pytest; 1 if anything failed."""
    expression: str | None = options.k
    form = [f"--processes={options.processes}", *(["--pooled"] if options.pooled else [])]
    counts = prepared("the page's build", environment.ensure_page)
    counts += prepared("a browser", chromium.ensure)
    server = partial(debian.ensure, "nginx", nginx.PACKAGES, files=(nginx.BROTLI,))
    counts += prepared("a web server", server, must=False)
    pooler = prepared("a pooler", partial(debian.ensure, "pgbouncer", ("pgbouncer",)), must=False)
    if options.pooled and pooler.skipped:
        raise Failure("--pooled needs PgBouncer.")
    counts += pooler
    if expression:
        print("Only pytest runs: -k leaves out lint, types, import rules and the page's own tests.")
    else:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            checks = [threads.submit(_check, title, *CHECKS[title]) for title in CHECKS]
            counts = sum((check.result() for check in checks), counts)
        counts += _vitest()
    counts += run_pytest(*form, *(["-k", expression] if expression else []))
    if not expression and form == ["--processes=1"]:
        counts += _again(pooled=not pooler.skipped)
    print(counts)
    return 1 if counts.failed else 0


def _again(*, pooled: bool) -> Counts:
    """Run the journeys through the running services once more, with several processes of each."""
    through = "through PgBouncer" if pooled else "without PgBouncer"
    print(f"Once more, with {MACHINES} processes of each service, {through}: {', '.join(AGAIN)}.")
    form = [f"--processes={MACHINES}", *(["--pooled"] if pooled else [])]
    return run_pytest("--of-stack", *form, *AGAIN)


def prepared(title: str, prepare: Callable[[], object], *, must: bool = True) -> Counts:
    """Count a preparation; one that need not be is skipped, with the reason."""
    try:
        prepare()
    except Failure as ex:
        if not must:
            print(f"skip  {title}: {ex}")
            return Counts(skipped=1)
        _tell(title, ok=False, output=f"{ex}\n{_log()}")
        return Counts(failed=1)
    return Counts(passed=1)


def _log() -> str:
    return environment.LOG.read_text() if environment.LOG.exists() else ""


def _check(title: str, command: Sequence[str], folder: Path) -> Counts:
    began = time.monotonic()
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=folder,
        env=environment.with_node(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    ok = done.returncode == 0
    _tell(f"{title}, {time.monotonic() - began:.0f} s", ok=ok, output=done.stdout)
    return Counts(passed=1) if ok else Counts(failed=1)


def _tell(title: str, *, ok: bool, output: str) -> None:
    """In one write: checks that run side by side do not mix their lines."""
    sys.stdout.write(f"ok    {title}\n" if ok else f"FAIL  {title}\n{output.rstrip()}\n\n")
    sys.stdout.flush()


def _vitest() -> Counts:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "vitest.json"
        reporters = ["--reporter=default", "--reporter=json", f"--outputFile.json={report}"]
        code = _stream([str(BIN / "npm"), "run", "test", "--", *reporters], environment.WEB)
        return counted(code, of_vitest(report) if report.exists() else Counts())


def run_pytest(*options: str) -> Counts:
    """Run pytest on every core; of a few tests that fail beside others, the run alone decides."""
    with tempfile.TemporaryDirectory() as folder:
        # One more than cores: tests that start processes wait about a third of their time.
        together = _reported(Path(folder), f"--numprocesses={AT_ONCE + 1}", *options)
        if not 0 < together.failed <= ALONE:
            return together
        print(f"{together.failed} failed beside the others: once more, alone.")
        only = ("--last-failed", "--last-failed-no-failures=none")
        alone = _reported(Path(folder), "--numprocesses=0", *only, *options)
        return Counts(together.passed, 0, together.skipped) + alone


def _reported(folder: Path, *options: str) -> Counts:
    """Run pytest, which remembers in *folder* what failed."""
    report = folder / "pytest.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", f"--junit-xml={report}"]
    code = _stream([*command, f"--override-ini=cache_dir={folder}", *options], environment.ROOT)
    return counted(code, of_pytest(report) if report.exists() else Counts())


def of_vitest(report: Path) -> Counts:
    """Read the counts out of vitest's JSON report."""
    told = json.loads(report.read_text())
    skipped = told["numPendingTests"] + told["numTodoTests"]
    return Counts(told["numPassedTests"], told["numFailedTests"], skipped)


def of_pytest(report: Path) -> Counts:
    """Read the counts out of pytest's JUnit report; an error is a failure."""
    # The file was written by pytest a moment ago, and by nobody else.
    suites = ET.parse(report).getroot().iter("testsuite")  # noqa: S314
    return sum((_of_suite(suite) for suite in suites), Counts())


def _of_suite(suite: ET.Element) -> Counts:
    number = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
    failed = number["failures"] + number["errors"]
    return Counts(number["tests"] - failed - number["skipped"], failed, number["skipped"])


def counted(code: int, counts: Counts) -> Counts:
    """Count as failed a run that ended badly for another reason than a test, or ran none."""
    bad = (code and not counts.failed) or counts == Counts()
    return counts + Counts(failed=1) if bad else counts


def _stream(command: Sequence[str], folder: Path) -> int:
    """Run *command* with its output as ours; its exit code."""
    env = environment.with_node()
    if not sys.stdout.isatty():
        env["NO_COLOR"] = "1"
    if browser := chromium.find():
        env["CHROME_PATH"] = str(browser)
    sys.stdout.flush()
    return subprocess.run(
        command, cwd=folder, env=env, stdin=subprocess.DEVNULL, check=False
    ).returncode
