"""Processes that end with the one that started them, even when that one is killed."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

# It waits on a pipe whose other end only the parent holds: when the parent is gone, read fails.
# Whoever is suspended must go on to hear that it should end.
WATCH = 'read -r _ || { kill -s "$1" "$2"; kill -s CONT -- "-$2"; } 2>/dev/null'


class Child:
    """One running program in a session of its own: Ctrl-C reaches only the parent.

    *ending* is the signal that asks it to stop cleanly.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        pass_fds: Sequence[int] = (),
        ending: signal.Signals = signal.SIGTERM,
        user: str | None = None,
        group: int | None = None,
    ) -> None:
        self._ending = ending
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as out:
            self._process = subprocess.Popen(
                command,
                env=env,
                cwd=cwd,
                pass_fds=pass_fds,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user,
                group=group,
                extra_groups=[] if user else None,
            )
        self._watcher = subprocess.Popen(
            ["/bin/sh", "-c", WATCH, "sh", ending.name.removeprefix("SIG"), str(self.pid)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def ask_to_stop(self) -> None:
        """Send the ending signal and do not wait."""
        if not self.ended:
            self._process.send_signal(self._ending)

    def stop(self, patience: float = 20) -> int:
        """Stop it, by force after *patience* seconds; its exit code."""
        self.ask_to_stop()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            os.killpg(self.pid, signal.SIGKILL)
        code = self._process.wait()
        self._watcher.kill()
        self._watcher.communicate()
        return code
