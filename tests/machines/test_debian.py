"""Programs out of Debian's packages: found, or asked for in one sentence, and never started."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from machines import debian, environment
from machines.failures import Failure


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of one folder of programs, whose apt-get writes down what it is asked."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(debian, "PLACES", ())
    monkeypatch.setattr(debian, "POLICY", tmp_path / "policy-rc.d")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return folder


def program(folder: Path, name: str, lines: str = "") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)
    return path


def test_a_program_that_is_there_is_not_installed(machine: Path) -> None:
    there = program(machine, "pgbouncer")

    assert debian.ensure("pgbouncer", ["pgbouncer"]) == there


def test_a_program_that_is_missing_is_installed_without_starting_a_server(
    machine: Path, tmp_path: Path
) -> None:
    asked = tmp_path / "asked"
    program(
        machine,
        "apt-get",
        f'echo "$@" >> {asked}; [ "$1" = update ] && exit\n'
        f"{debian.POLICY} nginx start; echo starts: $? >> {asked}\n"
        f"echo > {machine}/nginx; /bin/chmod +x {machine}/nginx",
    )

    found = debian.ensure("nginx", ["nginx-light", "libnginx-mod-http-brotli-static"])

    assert found == machine / "nginx"
    assert asked.read_text().splitlines() == [
        "update",
        "install --yes --no-install-recommends nginx-light libnginx-mod-http-brotli-static",
        "starts: 101",
    ]
    assert not debian.POLICY.exists()


def test_a_policy_of_the_machine_itself_stays(machine: Path) -> None:
    program(machine, "apt-get")
    debian.POLICY.write_text("its own")

    debian.install("nginx", ["nginx-light"])

    assert debian.POLICY.read_text() == "its own"


def test_a_program_without_a_file_that_it_loads_is_not_complete(
    machine: Path, tmp_path: Path
) -> None:
    program(machine, "nginx")
    program(machine, "apt-get")

    with pytest.raises(Failure, match=r"nginx-light did not bring .*/module\.so"):
        debian.ensure("nginx", ["nginx-light"], files=[tmp_path / "module.so"])


def test_without_apt_it_says_what_to_install(machine: Path) -> None:
    assert list(machine.iterdir()) == []

    with pytest.raises(Failure, match="there is no apt-get to bring it: install nginx-light"):
        debian.ensure("nginx", ["nginx-light"])


def test_without_root_it_says_what_root_would_do(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(machine, "apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(Failure, match="`sudo apt-get install nginx-light` brings it"):
        debian.ensure("nginx", ["nginx-light"])


def test_two_at_once_install_one_after_the_other() -> None:
    held = "from machines import environment\nwith environment.alone(): print('second')"

    with environment.alone():
        second = subprocess.Popen(
            [sys.executable, "-c", held],
            cwd=environment.ROOT,
            stdout=subprocess.PIPE,
        )
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(0.5)

    assert second.communicate(timeout=20)[0] == b"second\n"
