"""Where a device keeps account keys and its session: the system's key store, else a 0600 file.

The choice is made once, at the first sign-up or login, and remembered in ``state.json``: a device
without a key store never pays for looking again.
"""

import contextlib
from collections.abc import Iterator
from typing import Protocol

from .device import Device, read_json, write_json
from .errors import Failure


class SecretStore(Protocol):
    """Short texts by name."""

    def get(self, name: str) -> str | None:
        """Give a text, or None where there is none."""

    def put(self, name: str, text: str) -> None:
        """Keep *text*, replacing what was there."""

    def remove(self, name: str) -> None:
        """Forget a text; nothing happens where there is none."""


class FileStore:
    """``secrets.json`` in the device's folder, readable by its owner alone."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._path = device.home / "secrets.json"

    def get(self, name: str) -> str | None:
        """Give a text, or None where there is none."""
        text = read_json(self._path).get("secrets", {}).get(name)
        return text if isinstance(text, str) else None

    def put(self, name: str, text: str) -> None:
        """Keep *text*, replacing what was there."""
        with self._device.locked():
            secrets = read_json(self._path).get("secrets", {})
            write_json(self._path, {"secrets": {**secrets, name: text}})

    def remove(self, name: str) -> None:
        """Forget a text; nothing happens where there is none."""
        with self._device.locked():
            secrets = read_json(self._path).get("secrets", {})
            if secrets.pop(name, None) is not None:
                write_json(self._path, {"secrets": secrets})


class SystemStore:
    """The platform's key store, by the ``keyring`` library, which is slow to import."""

    def __init__(self, device: Device) -> None:
        import keyring  # noqa: PLC0415 - 0.1 s that a device with a file store never pays

        self._backend = keyring.get_keyring()
        self._service = f"keyarc {device.home}"

    @property
    def works(self) -> bool:
        """Whether the backend keeps and gives back a text."""
        try:
            self._backend.set_password(self._service, "probe", "kept")
            kept = self._backend.get_password(self._service, "probe")
            self._backend.delete_password(self._service, "probe")
        except Exception:  # noqa: BLE001 - backends raise what their platform raises
            return False
        return kept == "kept"

    def get(self, name: str) -> str | None:
        """Give a text, or None where there is none."""
        with _told():
            return self._backend.get_password(self._service, name)

    def put(self, name: str, text: str) -> None:
        """Keep *text*, replacing what was there."""
        with _told():
            self._backend.set_password(self._service, name, text)

    def remove(self, name: str) -> None:
        """Forget a text; nothing happens where there is none."""
        with _told():
            if self._backend.get_password(self._service, name) is not None:
                self._backend.delete_password(self._service, name)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn whatever a platform's key store raises into one sentence."""
    try:
        yield
    except Exception as ex:
        raise Failure(f"the system's key store does not work here ({ex})") from ex


def account_key_name(account: str) -> str:
    """Give the name under which the key of an account is kept."""
    return f"account-key {account}"


def secret_store(device: Device) -> SecretStore:
    """Give the device's store, and choose it on the first call."""
    chosen = device.store()
    if chosen == "file":
        return FileStore(device)
    system = SystemStore(device)
    if chosen is None and not system.works:
        device.choose_store("file")
        return FileStore(device)
    if chosen is None:
        device.choose_store("system")
    return system
