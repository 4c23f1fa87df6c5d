"""``python3 machines up --processes N --pooled``: as many processes, one pooler, and one end."""

import signal
from collections import Counter
from pathlib import Path

import pytest

from machines import debian
from machines.stack import SERVICES
from tests.machines.test_up import family, healthy, left_over, refused, up


def test_it_starts_as_many_as_it_is_told_and_ends_all_of_them(tmp_path: Path) -> None:
    if debian.missing("pgbouncer"):
        pytest.skip("there is no pgbouncer on this machine")
    form = ("--processes", "2", "--pooled")

    with up("--data", tmp_path, "--port", "0", *form) as (process, address):
        processes = family(process.pid)
        commands = [" ".join(each.cmdline()) for each in processes]
        masters_and_workers = Counter(
            name for name, service in SERVICES.items() for line in commands if service.app in line
        )
        assert masters_and_workers == {
            **dict.fromkeys(("auth", "gateway", "account", "keys"), 4),
            "edge": 2,
        }
        assert sum("pgbouncer.ini" in line and "--quiet" in line for line in commands) == 1
        assert healthy(address)

        process.send_signal(signal.SIGINT)

        assert process.wait(60) == 0
        assert left_over(processes) == []


def test_services_that_sleep_have_one_machine_each(tmp_path: Path) -> None:
    said = refused("--data", tmp_path, "--port", "0", "--sleepy", "--pooled")

    assert "without --processes, --pooled" in said
