"""The Emergency Kit: one page with what a person needs when every device is gone."""

import html
import os
from dataclasses import dataclass
from pathlib import Path

from ..errors import Conflict, Failure
from . import qr

TEXT = """\
KeyArc Emergency Kit

Server         {server}
E-mail         {email}
Account key    {account_key}
Recovery code  {recovery_code}
Password       ______________________________  (by hand, if at all)

Print this page, keep it where you keep passports, and delete the file.
With the account key and the password you can log in on a new device. The recovery code is for a
lost password. If password, account key and recovery code are all lost, so is what is in the vaults:
nobody else can open them.
"""
NOT_HERE = "on the kit it came with (this device does not have it)"
PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>KeyArc Emergency Kit</title>
<style>
  body {{ margin: 2cm; font: 12pt/1.6 monospace }}
  pre {{ font: inherit; white-space: pre-wrap }}
</style>
<pre>{text}</pre>
<p>The account key, for a new device to scan:</p>
{picture}
</html>
"""


@dataclass(frozen=True)
class Kit:
    """What stands in it; the recovery code is at hand only where it has just been made."""

    server: str
    email: str
    account_key: str
    recovery_code: str | None

    @property
    def text(self) -> str:
        """The kit as text."""
        return TEXT.format(
            server=self.server,
            email=self.email,
            account_key=self.account_key,
            recovery_code=self.recovery_code or NOT_HERE,
        )

    @property
    def page(self) -> str:
        """The kit as a page that needs nothing else, to be printed."""
        return PAGE.format(text=html.escape(self.text), picture=qr.picture(self.account_key))


def check_free(file: str | None) -> None:
    """Refuse, before anything else is done, a kit that would replace a file."""
    if file is not None and Path(file).exists():
        raise Conflict(f"{file} exists already: name another file for the kit")


def write(file: str | None, kit: Kit) -> Path | None:
    """Write the kit, readable by its owner alone; an existing file is never replaced."""
    if file is None:
        return None
    path = Path(file)
    text = kit.page if path.suffix.lower() in {".html", ".htm"} else kit.text
    write_new(path, text)
    return path


def write_new(path: Path, text: str) -> None:
    """Write a file that only its owner can read, and that was not there before."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as ex:
        raise Conflict(f"{path} exists already: name another file") from ex
    except OSError as ex:
        raise Failure(f"{path} cannot be written ({ex.strerror})") from ex
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
