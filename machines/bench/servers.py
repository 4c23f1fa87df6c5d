"""One service at a time, under gunicorn as in production, from its first moment on."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from machines.failures import Failure

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "machines" / "gunicorn.conf.py"
BARE = "machines.bench.one_line:app"
PATIENCE_S = 30


class Server:
    """A context manager: gunicorn with *app* on a free port of this machine."""

    def __init__(self, app: str, env: Mapping[str, str] | None = None) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            # gunicorn sets this, too, but a connection that came before it would lag by 40 ms.
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.port: int = listening.getsockname()[1]
            bind = f"--bind=fd://{listening.fileno()}"
            self._started = time.perf_counter()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--config", CONFIG, bind, app],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "LOG_LEVEL": "WARNING", **(env or {})},
                pass_fds=[listening.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _ex: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def first_answer(
        self,
        status: int,
        target: str,
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "GET",
        body: bytes | None = None,
    ) -> float:
        """Ask at once and return the milliseconds from the start of the process to the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request(method, target, body, dict(headers or {}))
            response = connection.getresponse()
            response.read()
        except OSError as ex:
            raise Failure("A service does not start; `python3 machines test` tells why.") from ex
        finally:
            connection.close()
        took_ms = (time.perf_counter() - self._started) * 1000
        if response.status != status:
            raise Failure(f"{method} {target} was answered with {response.status}, not {status}.")
        return took_ms

    def memory_mb(self) -> float | None:
        """Return the proportional memory of master and worker; None where the system hides it."""
        master = self._process.pid
        try:
            workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
            rollups = [Path(f"/proc/{pid}/smaps_rollup") for pid in (master, *workers)]
            return sum(_pss_kb(each.read_text()) for each in rollups) / 1024
        except OSError:
            return None


def _pss_kb(rollup: str) -> int:
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
