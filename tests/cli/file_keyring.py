"""A key store of the system, as the ``keyring`` library finds one: a file that KEY_STORE names."""

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend


class FileKeyring(KeyringBackend):
    """Keeps passwords by service and name."""

    priority = 1.0

    def get_password(self, service: str, username: str) -> str | None:
        """Give a password, or None."""
        return self._known().get(f"{service}|{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a password."""
        self._keep({**self._known(), f"{service}|{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        """Forget a password."""
        known = self._known()
        del known[f"{service}|{username}"]
        self._keep(known)

    def _known(self) -> dict[str, str]:
        path = Path(os.environ["KEY_STORE"])
        found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        return found

    def _keep(self, known: dict[str, str]) -> None:
        Path(os.environ["KEY_STORE"]).write_text(json.dumps(known))
