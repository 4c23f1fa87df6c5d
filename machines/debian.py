"""Programs that come from Debian's packages: found where they are, installed where that may be."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from machines import environment, steps
from machines.failures import Failure

# Where Debian puts servers, which is on nobody's PATH but root's.
PLACES = ("/usr/sbin", "/usr/local/sbin")
# Asked by every package that has a server, before it starts one.
POLICY = Path("/usr/sbin/policy-rc.d")
LET_NONE_START = "#!/bin/sh\nexit 101\n"


def find(program: str) -> Path | None:
    """Find *program* on this machine."""
    places = os.pathsep.join((os.environ.get("PATH", ""), *PLACES))
    found = shutil.which(program, path=places)
    return Path(found) if found else None


def ensure(program: str, packages: Sequence[str], *, files: Sequence[Path] = ()) -> Path:
    """Install *packages* unless *program*, and the *files* it loads, are there already."""
    with environment.alone():
        if missing(program, files):
            install(program, packages)
    if absent := missing(program, files):
        raise Failure(f"{' '.join(packages)} did not bring {' and '.join(absent)}.")
    return find(program) or Path(program)


def missing(program: str, files: Sequence[Path] = ()) -> list[str]:
    """List what of *program* and its *files* this machine does not have."""
    absent = [] if find(program) else [program]
    return absent + [str(each) for each in files if not each.exists()]


def install(title: str, packages: Sequence[str]) -> None:
    """Install *packages*; none of the servers in them is started."""
    names = " ".join(packages)
    if not shutil.which("apt-get"):
        raise Failure(f"This needs {title}, and there is no apt-get to bring it: install {names}.")
    if os.geteuid() != 0:
        raise Failure(f"This needs {title}: `sudo apt-get install {names}` brings it.")
    log = environment.VENV / "apt.log"
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    steps.run("Reading Debian's list of packages", ["apt-get", "update"], log=log, env=env)
    with _no_server_starts():
        steps.run(f"Installing {title}", command, log=log, env=env)


@contextmanager
def _no_server_starts() -> Iterator[None]:
    if POLICY.exists():
        yield  # a container's image, which lets none start either, or whatever this machine wants
        return
    POLICY.write_text(LET_NONE_START)
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()
