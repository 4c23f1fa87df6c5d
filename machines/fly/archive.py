"""A backup on its way back: opened, turned into SQL, and run as one transaction."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from threading import Thread
from typing import IO, Any, cast

import pyrage
from pyrage import x25519

from handlers.jobs import programs
from handlers.jobs.manifests import Manifest
from handlers.jobs.store import Store
from handlers.jobs.streams import Held, Readable, first_error
from machines.failures import Failure
from machines.fly import restore_sql

PSQL = ("-X", "-q", "--no-password", "--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse")
# A setting that servers before 17 do not know; as long as restoring takes, it is off anyway.
UNKNOWN_TO_OLD_SERVERS = b"SET transaction_timeout = 0;\n"


@dataclass(frozen=True)
class Backup:
    """A stored backup, and the private key that is to open it."""

    store: Store
    manifest: Manifest
    identity: x25519.Identity

    def restore(self, url: str, *, force: bool) -> None:
        """Fill the database: the last word is COMMIT, and nothing is said after an error.

        With *force*, what is there goes in the same transaction.
        """
        self._check_size()
        with _psql(url) as psql:
            psql.write(restore_sql.before(self.manifest, force=force))
            with _script(psql) as archive:
                self._open(archive)
            psql.write(restore_sql.after(self.manifest))

    def _check_size(self) -> None:
        size = self.store.size(self.manifest.archive)
        if size != self.manifest.size:
            raise Failure(
                f"{self.manifest.archive} was cut off or changed: it has {size:,} bytes, "
                f"and its manifest says {self.manifest.size:,}."
            )

    def _open(self, target: Any) -> None:
        """Decrypt into *target*; what has been changed by one bit comes to no end."""
        name = self.manifest.name
        with closing(self.store.open(self.manifest.archive)) as content:
            source = _Hashed(content)
            self._decrypt(source, target)
        if source.sha256 != self.manifest.sha256:
            raise Failure(f"{name} is not the backup that its manifest describes: another hash.")

    def _decrypt(self, source: Readable, target: Any) -> None:
        name = self.manifest.name
        reader, writer = Held(source=source), Held(target=target)
        try:
            pyrage.decrypt_io(reader, writer, [self.identity])
        except (pyrage.DecryptError, OSError) as ex:
            if held := reader.ex or writer.ex:
                raise held from None
            if str(self.identity.to_public()) != self.manifest.recipient:
                raise Failure(
                    f"The key does not open {name}: it was sealed for {self.manifest.recipient}."
                ) from ex
            raise Failure(f"{name} was cut off or changed: it does not decrypt.") from ex


class _Hashed:
    """What is read, with its hash."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._hash = sha256()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def read(self, size: int = -1) -> bytes:
        content = self._source.read(size)
        self._hash.update(content)
        return content


@contextmanager
def _psql(url: str) -> Iterator[IO[bytes]]:
    """Yield what takes SQL."""
    with (
        subprocess.Popen(
            [programs.path("psql"), *PSQL],
            env=programs.environment(url),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as process,
        _fed(process) as stdin,
    ):
        yield stdin


@contextmanager
def _script(target: IO[bytes]) -> Iterator[IO[bytes]]:
    """Yield what takes an archive and writes it to *target* as SQL."""
    with (
        subprocess.Popen(
            [programs.path("pg_restore"), "--no-owner", "--file=-"],
            env=programs.environment(""),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
        _fed(process, _Pump(cast("IO[bytes]", process.stdout), target)) as stdin,
    ):
        yield stdin


@contextmanager
def _fed(process: "subprocess.Popen[bytes]", pump: "_Pump | None" = None) -> Iterator[IO[bytes]]:
    """Yield what *process* reads. If it says no, its first error is the failure of the block."""
    stdin = cast("IO[bytes]", process.stdin)
    broken = False
    if pump:
        pump.start()
    try:
        yield stdin
        stdin.close()
    except BrokenPipeError:
        broken = True
    except BaseException:
        process.kill()
        raise
    finally:
        with suppress(BrokenPipeError):
            stdin.close()
        if pump:
            pump.join()
    if pump and pump.ex:
        raise pump.ex
    _end(process, broken=broken)


def _end(process: "subprocess.Popen[bytes]", *, broken: bool) -> None:
    """Wait for a program; if it failed, or took not all that it was given, so did the restore."""
    if process.wait() or broken:
        why = first_error(cast("IO[bytes]", process.stderr).read().decode(errors="replace"))
        in_use = ": somebody uses the database, stop the services" if "lock timeout" in why else ""
        raise Failure(f"Nothing was restored: {why}{in_use}")


class _Pump(Thread):
    """Copies SQL, but for what an old server does not understand; the data has no such line."""

    def __init__(self, source: IO[bytes], target: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._source = source
        self._target = target
        self.ex: Exception | None = None

    def run(self) -> None:
        try:
            for line in self._source:
                if line == UNKNOWN_TO_OLD_SERVERS:
                    break
                self._target.write(line)
            shutil.copyfileobj(self._source, self._target, 1 << 16)
        except OSError as ex:
            self.ex = ex
            self._source.close()  # so that pg_restore, and what fills it, ends too
