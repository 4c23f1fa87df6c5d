"""PostgreSQL refuses to run as root: here root becomes somebody else for one program.

First choice is a user namespace, in which root appears as nobody: the files stay root's own and
folders that only root may enter (``/root``) are no obstacle. Containers often forbid namespaces;
there the program runs as the user nobody, to whom its folder is given.
"""

import os
import pwd
import shutil
import stat
import subprocess
from functools import cache
from pathlib import Path

from machines.failures import Failure


@cache
def _namespace() -> tuple[str, ...]:
    """Words before a command that put it into a namespace; none where that is forbidden."""
    nobody = pwd.getpwnam("nobody")
    words = ("unshare", "--user", f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}")
    if shutil.which("unshare") is None:
        return ()
    tried = subprocess.run([*words, "true"], capture_output=True, check=False)
    return () if tried.returncode else words


class Unprivileged:
    """How to run a program that works on *folder* and must not be root."""

    def __init__(self, folder: Path) -> None:
        self._is_root = os.geteuid() == 0
        self._words = _namespace() if self._is_root else ()
        self._nobody = self._is_root and not self._words
        if self._nobody:
            _let_pass(folder)
        if self._is_root:
            self.own(folder)

    def command(self, program: Path, *arguments: str) -> list[str]:
        if self._nobody:
            _let_pass(program)
        return [*self._words, str(program), *arguments]

    @property
    def user(self) -> str | None:
        """For subprocess' *user* and *group*: None is the present one."""
        return "nobody" if self._nobody else None

    @property
    def group(self) -> int | None:
        return pwd.getpwnam("nobody").pw_gid if self._nobody else None

    def own(self, path: Path) -> None:
        """Give *path* and all in it to the user under which the program runs."""
        if not self._is_root:
            return
        owner = pwd.getpwnam("nobody") if self._nobody else pwd.getpwuid(0)
        if path.stat().st_uid == owner.pw_uid:
            return
        for each in (path, *path.rglob("*")):
            os.chown(each, owner.pw_uid, owner.pw_gid)


def _let_pass(path: Path) -> None:
    """Fail with help where nobody could not reach *path*."""
    for folder in path.resolve().parents:
        if not folder.stat().st_mode & stat.S_IXOTH:
            raise Failure(
                f"PostgreSQL does not run as root, and other users may not enter {folder}: "
                "run this as an ordinary user, clone to another folder, or pass --database."
            )
