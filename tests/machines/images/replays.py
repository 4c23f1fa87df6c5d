"""Images made without Docker, once for all test processes, and services that run from them."""

import fcntl
import http.client
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from machines.apps import APPS
from machines.children import Child
from machines.image import Replay
from machines.unprivileged import Unprivileged

PATIENCE_S = 60
OWNER_OF_AN_IMAGE = 1  # root there; here only somebody else than who runs it


class Images:
    """The images in *folder*, which is gone when no test process uses it any more."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._users = folder / "users"
        self.replay = Replay(folder, arguments=APPS["frontend"].settings["build"]["args"])

    def __enter__(self) -> Self:
        with self._alone():
            self._users.write_text(str(self._count() + 1))
        return self

    def __exit__(self, *_ex: object) -> None:
        with self._alone():
            self._users.write_text(str(self._count() - 1))
            if not self._count():
                shutil.rmtree(self._folder)

    def build(self, target: str) -> Path:
        """Return the root of *target*'s files."""
        with self._alone():
            return self.replay.build(target)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._folder.parent / "images.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._folder.mkdir(exist_ok=True)
            yield

    def _count(self) -> int:
        return int(self._users.read_text()) if self._users.exists() else 0

    @contextmanager
    def running(self, target: str, scratch: Path, told: Mapping[str, str]) -> Iterator["Running"]:
        """Run *target*, which is told *told*, as somebody who owns none of its files."""
        root = self.build(target)
        somebody = Unprivileged(scratch)
        if os.geteuid() == 0:
            for each in (root, *root.rglob("*")):
                os.chown(each, OWNER_OF_AN_IMAGE, OWNER_OF_AN_IMAGE, follow_symlinks=False)
        python, *words = self.replay.command(target)
        child = Child(
            somebody.command(Path(python), *words),
            log=scratch / "log",
            env={
                "PATH": os.environ["PATH"],
                "BIND_HOST": "127.0.0.1",
                **self.replay.variables(target),
                **told,
            },
            cwd=self.replay.folder(target),
            user=somebody.user,
            group=somebody.group,
        )
        try:
            host = told.get("PUBLIC_ORIGIN", "").removeprefix("https://")
            yield Running(child, int(told["PORT"]), host, scratch / "log")
        finally:
            code = child.stop()
        assert code == 0, (scratch / "log").read_text()


@dataclass(frozen=True)
class Running:
    """A service that was started from an image."""

    child: Child
    port: int
    host: str
    log: Path

    def answer(self, path: str) -> tuple[int, Any]:
        """Ask until it answers; its status, and what it says in JSON."""
        until = time.monotonic() + PATIENCE_S
        while not self.child.ended and time.monotonic() < until:
            asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
            with suppress(OSError, http.client.HTTPException), closing(asked):
                asked.request("GET", path, headers={"Host": self.host})
                response = asked.getresponse()
                return response.status, json.loads(response.read())
            time.sleep(0.05)
        raise AssertionError(f"{path} is not answered: {self.log.read_text()}")
