"""``python3 machines up --sleepy`` as a person meets it."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from machines.apps import APPS
from machines.environment import ROOT
from machines.stack import Stack
from tests.gateway.wire import eventually
from tests.machines.test_up import family, get, left_over, refused, up

FRONTEND = APPS["frontend"].fly_name
AWAKE = re.compile(rf"\d\d:\d\d:\d\d {FRONTEND} is awake after \d+\.\d\d s\n")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which KeyArc has run before."""
    folder = tmp_path_factory.mktemp("instance")
    with Stack(folder, durable=False):
        return folder


def until(process: subprocess.Popen[str], wanted: str) -> list[str]:
    """What it prints up to the line that ends so."""
    found = []
    for line in process.stdout or ():
        found.append(line)
        if line.rstrip("\n").endswith(wanted):
            return found
    raise AssertionError("".join(found))


def suspended(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [each for each in processes if each.status() == psutil.STATUS_STOPPED]


def test_it_tells_who_wakes_and_who_falls_asleep(data: Path) -> None:
    arguments = ("--data", data, "--port", "0", "--sleepy", "--idle", "300ms")
    with up(*arguments, "--by", "stop") as (process, address):
        assert b"<!doctype html>" in get(address).lower()
        told = until(process, f"{FRONTEND} is stopped: nobody asked for 0.3 s")

        assert told[0].endswith(f"{FRONTEND} starts\n")
        assert AWAKE.fullmatch(told[1])
        assert len(told) == 3

        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_its_end_leaves_no_process_behind_not_even_a_suspended_one(
    data: Path, ending: signal.Signals
) -> None:
    arguments = ("--data", data, "--port", "0", "--sleepy", "--idle", "200ms")
    with up(*arguments, "--by", "suspend") as (process, address):
        get(address)
        until(process, f"{FRONTEND} is suspended: nobody asked for 0.2 s")
        processes = family(process.pid)
        assert eventually(lambda: len(suspended(processes)) > 1)

        process.send_signal(ending)
        process.wait(60)

        assert left_over(processes) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--idle", "30s"), "--idle says how services sleep: it goes with --sleepy."),
        (("--by", "stop"), "--by says how services sleep: it goes with --sleepy."),
    ],
)
def test_how_to_sleep_says_nothing_without_sleepy(
    tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    assert refused("--data", tmp_path, *arguments) == sentence


def test_a_duration_without_unit_is_told_with_examples() -> None:
    ended = subprocess.run(
        [sys.executable, ROOT / "machines", "up", "--sleepy", "--idle", "30"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 2
    assert "'30' is no duration like 500ms, 30s, 5m or 1h" in ended.stderr
