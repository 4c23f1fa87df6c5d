"""Bytes on their way from one program to the next, in pieces."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Protocol, cast

from handlers.jobs.failures import Failure


class Readable(Protocol):
    """What can be read piece by piece."""

    def read(self, size: int = -1, /) -> bytes: ...


class Content(Readable, Protocol):
    """What holds a connection until it is closed."""

    def close(self) -> None: ...


class Writable(Protocol):
    """What can be written piece by piece."""

    def write(self, content: bytes, /) -> object: ...


class Held:
    """Passes bytes on; keeps an exception that a library between would turn into mere words."""

    def __init__(self, source: Readable | None = None, target: Writable | None = None) -> None:
        self._source = source
        self._target = target
        self.ex: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            return cast("Readable", self._source).read(size)
        except BaseException as ex:
            self.ex = ex
            raise

    def write(self, content: bytes) -> int:
        try:
            cast("Writable", self._target).write(content)
        except BaseException as ex:
            self.ex = ex
            raise
        return len(content)

    def flush(self) -> None:
        """Leave it to whoever closes the target."""


class Output:
    """What a program writes; its end is an end only if the program says that all went well."""

    def __init__(self, process: subprocess.Popen[bytes], title: str) -> None:
        self._process = process
        self._stdout = cast("IO[bytes]", process.stdout)
        self._title = title

    def read(self, size: int = -1) -> bytes:
        content = self._stdout.read(size)
        if not content and self._process.wait():
            words = cast("IO[bytes]", self._process.stderr).read().decode(errors="replace")
            raise Failure(f"{self._title} failed: {first_error(words)}")
        return content


@contextmanager
def output(command: Sequence[str], env: Mapping[str, str], title: str) -> Iterator[Output]:
    """Run *command* and yield what it writes; it ends with the block."""
    with subprocess.Popen(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            yield Output(process, title)
        finally:
            process.kill()


def first_error(words: str) -> str:
    """Return the one line that says why; those after it may quote what the database holds."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return next((line for line in lines if "error" in line.lower()), " ".join(lines[:1]))
