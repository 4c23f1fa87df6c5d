"""What the commands need on this machine: Python packages, the page's packages, the built page.

Each step leaves a stamp, the hash of what it was made from, and is skipped while that is true.
"""

import fcntl
import importlib.util
import json
import os
import sys
import sysconfig
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from machines import steps
from machines.failures import Failure

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
LOCK = ROOT / "machines" / "requirements.txt"
LOG = VENV / "failed.log"
WEB = ROOT / "web"
MADE = {"dist", "node_modules", "test-results"}

OFFLINE = "The packages cannot be reached: is there a network?"
NOT_BUILT = (
    "A package has no ready-made build for this machine and this Python, and nothing is compiled "
    "here: another Python (3.11 to 3.14) may help."
)
HINTS = {
    "NewConnectionError": OFFLINE,
    "NameResolutionError": OFFLINE,
    "ProxyError": OFFLINE,
    "ConnectTimeoutError": OFFLINE,
    "ENOTFOUND": OFFLINE,
    "EAI_AGAIN": OFFLINE,
    "ECONNREFUSED": OFFLINE,
    "ETIMEDOUT": OFFLINE,
    "ENOSPC": "The disk is full.",
    "No space left on device": "The disk is full.",
    "No matching distribution": NOT_BUILT,
}


def python() -> Path:
    """Make the environment if it is missing or old; the interpreter in it."""
    interpreter = VENV / "bin" / "python"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = _digest([LOCK], json.dumps([project["project"], project["tool"]["hatch"]]))
    with alone():
        stamp = VENV / "packages.stamp"
        if not interpreter.exists() or not (VENV / "bin" / "pip").exists():
            _make_venv()
        if not _is(stamp, wanted):
            _install(interpreter)
            stamp.write_text(wanted)
    return interpreter


def ensure_page_packages() -> None:
    """Install what builds and checks the page, with the Node that came with the packages."""
    wanted = _digest([WEB / "package.json", WEB / "package-lock.json"])
    stamp = WEB / "node_modules" / ".keyarc.stamp"
    with alone():
        if not _is(stamp, wanted):
            command = [str(VENV / "bin" / "npm"), "ci"]
            steps.run(
                "Installing the page's packages",
                command,
                log=LOG,
                cwd=WEB,
                env=with_node(),
                hints=HINTS,
            )
            stamp.write_text(wanted)


def ensure_page() -> None:
    """Build the page when its sources changed."""
    ensure_page_packages()
    sources = (file for file in WEB.rglob("*") if not MADE & set(file.relative_to(WEB).parts))
    library = ROOT / "shared" / "keyarc"
    wanted = _digest([*sources, *library.glob("*.json"), *library.glob("*.txt")])
    stamp = WEB / "dist" / ".keyarc.stamp"
    with alone():
        if not _is(stamp, wanted):
            command = [str(VENV / "bin" / "npm"), "run", "build"]
            steps.run("Building the page", command, log=LOG, cwd=WEB, env=with_node())
            stamp.write_text(wanted)


def with_node() -> dict[str, str]:
    """Variables under which ``node`` is the installed one."""
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "NODE_NO_WARNINGS": "1"}


def _make_venv() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        raise Failure(
            "This Python cannot make environments; on Debian and Ubuntu "
            f"`apt-get install python{sysconfig.get_python_version()}-venv` brings what is missing."
        )
    steps.run("Making .venv", [sys.executable, "-m", "venv", "--clear", VENV], log=LOG)


def _install(interpreter: Path) -> None:
    count = sum("==" in line for line in LOCK.read_text().splitlines())
    pip = [str(interpreter), "-m", "pip", "install", "--disable-pip-version-check"]
    packages = ["--require-hashes", "--only-binary=:all:", "--progress-bar=off", "-r", str(LOCK)]
    steps.run(
        "Installing Python packages",
        [*pip, *packages],
        log=LOG,
        counted=("Collecting ", count),
        hints=HINTS,
    )
    itself = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    steps.run("Installing the command keyarc", [*pip, *itself], log=LOG)


@contextmanager
def alone() -> Iterator[None]:
    """Hold the checkout: another command that installs at the same time waits."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _digest(files: Iterable[Path], more: str = "") -> str:
    """One hash of names and contents."""
    digest = sha256(more.encode())
    for file in sorted(file for file in files if file.is_file()):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0")
        digest.update(sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _is(stamp: Path, wanted: str) -> bool:
    return stamp.exists() and stamp.read_text() == wanted
