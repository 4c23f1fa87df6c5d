"""The Emergency Kit: one page with what a person needs when every device is gone."""

import html
import os
from pathlib import Path

from ..errors import Conflict, Failure
from ..sign_up import NewAccount

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
PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>KeyArc Emergency Kit</title>
<style>pre {{ font: 12pt/1.6 monospace; margin: 2cm; white-space: pre-wrap }}</style>
<pre>{text}</pre>
</html>
"""


def check_free(file: str | None) -> None:
    """Refuse, before anything else is done, a kit that would replace a file."""
    if file is not None and Path(file).exists():
        raise Conflict(f"{file} exists already: name another file for the kit")


def write(file: str | None, account: NewAccount) -> Path | None:
    """Write the kit, readable by its owner alone; an existing file is never replaced."""
    if file is None:
        return None
    path = Path(file)
    text = TEXT.format(
        server=account.server,
        email=account.email,
        account_key=account.account_key,
        recovery_code=account.recovery_code,
    )
    if path.suffix.lower() in {".html", ".htm"}:
        text = PAGE.format(text=html.escape(text))
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as ex:
        raise Conflict(f"{file} exists already: name another file for the kit") from ex
    except OSError as ex:
        raise Failure(f"{file} cannot be written ({ex.strerror})") from ex
    with os.fdopen(handle, "w", encoding="utf-8") as kit:
        kit.write(text)
    return path
