"""What this device remembers, under KEYARC_HOME: who, by which server, and the seals it has seen.

``state.json`` (0600, replaced whole) holds nothing secret: the current account, and for each
account the server, address, user id, sealed identity and the newest sealed keyring. Account keys
and the session (tokens and the unlocked user key) are in the secret store: secret_store.py.
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .encoding import Broken, strict_json
from .errors import Failure

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Account:
    """One account as this device knows it: nothing secret, since *identity*, *keyring* are sealed.

    All of it is text, as it stands in ``state.json``; ids and bytes are spelled as in KA1's JSON.
    """

    server: str
    email: str
    user_id: str
    keyset: str
    idcert: str
    identity: str
    revision: str
    keyring: str
    plain_http: bool = False

    @property
    def name(self) -> str:
        """What the account is called on this device."""
        return f"{self.email} {self.server}"


class Device:
    """The folder *home*. Made with mode 0700 on the first write."""

    def __init__(self, home: Path) -> None:
        self.home = home.absolute()
        self._locks = 0

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes of this device out, for as long as the outermost block runs."""
        self._make_home()
        handle = None if self._locks else os.open(self.home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if handle is not None:
                _lock(handle)
            self._locks += 1
            yield
            self._locks -= 1
        finally:
            if handle is not None:
                self._locks = 0
                os.close(handle)

    def store(self) -> str | None:
        """Give the secret store that was chosen here, or None before the first sign-up or login."""
        chosen = self._state().get("store")
        return chosen if isinstance(chosen, str) else None

    def choose_store(self, store: str) -> None:
        """Remember the secret store."""
        with self.locked():
            self._write({**self._state(), "store": store})

    def current(self) -> Account | None:
        """Give the account that was last logged in to."""
        state = self._state()
        return self._account(state, state.get("current"))

    def account(self, server: str, email: str) -> Account | None:
        """Give what is known of an account."""
        return self.named(f"{email} {server}")

    def named(self, name: str) -> Account | None:
        """Give what is known of the account of that name."""
        return self._account(self._state(), name)

    def remember(self, account: Account) -> None:
        """Keep *account*, and make it the current one."""
        with self.locked():
            state = self._state()
            accounts = {**state.get("accounts", {}), account.name: asdict(account)}
            self._write({**state, "current": account.name, "accounts": accounts})

    def forget(self, name: str) -> None:
        """Know nothing of that account any more."""
        with self.locked():
            state = self._state()
            accounts = {**state.get("accounts", {})}
            if accounts.pop(name, None) is not None:
                self._write({**state, "accounts": accounts})

    def remember_keyring(self, account: Account) -> None:
        """Keep the newest sealed keyring of *account*; where a newer one is kept, that stays."""
        with self.locked():
            state = self._state()
            known = self._account(state, account.name)
            if known is not None and int(known.revision) < int(account.revision):
                accounts = {**state["accounts"], account.name: asdict(account)}
                self._write({**state, "accounts": accounts})

    def _state(self) -> dict[str, Any]:
        return read_json(self.home / "state.json")

    def _write(self, state: Mapping[str, Any]) -> None:
        write_json(self.home / "state.json", state)

    def _account(self, state: Mapping[str, Any], name: Any) -> Account | None:
        known = state.get("accounts", {}).get(name)
        try:
            return None if known is None else Account(**known)
        except TypeError as ex:
            raise Failure(f"{self.home / 'state.json'} is not as this version writes it") from ex

    def _make_home(self) -> None:
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as ex:
            raise Failure(f"{self.home} cannot be made ({ex.strerror}): set KEYARC_HOME") from ex


def read_json(path: Path) -> dict[str, Any]:
    """Give the object in *path*, empty where there is no such file."""
    try:
        found = strict_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as ex:
        raise Failure(f"{path} cannot be read ({ex.strerror})") from ex
    except Broken as ex:
        raise Failure(f"{path} is damaged: move it away and log in again") from ex
    if not isinstance(found, dict) or found.get("keyarc") != FORMAT:
        raise Failure(f"{path} was written by another version of keyarc")
    return found


def write_json(path: Path, media: Mapping[str, Any]) -> None:
    """Replace *path* in one step, readable by its owner alone."""
    text = json.dumps({"keyarc": FORMAT, **media}, indent=1)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as ex:
        raise Failure(f"{path} cannot be written ({ex.strerror})") from ex


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
    else:
        fcntl.flock(handle, fcntl.LOCK_EX)
