"""An account on a running KeyArc, with vaults of as many secrets as a figure needs."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from machines.stack import Stack
from shared.keyarc.changes import Write
from shared.keyarc.client import Client
from shared.keyarc.device import Device
from shared.keyarc.items import Details, Field, Overview
from shared.keyarc.sync import VaultView

PASSWORD = "correct horse battery staple"  # noqa: S105 - of an account that lives for minutes
EMAIL = "someone@example.com"


@dataclass(frozen=True)
class Account:
    """Who may log in at *url*, and from which device without doing so."""

    url: str
    device: Device
    account_key: str

    def log_in(self) -> Client:
        """Log in as on a device that knows nothing yet."""
        return Client.log_in(self.url, EMAIL, PASSWORD, self.account_key)


@contextmanager
def made(sizes: tuple[int, ...]) -> Iterator[Account]:
    """Start the whole, sign up, and fill one vault for each of *sizes*, named after it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(Path(folder) / "data", durable=False) as stack,
    ):
        yield made_at(stack.url, Path(folder) / "home", sizes)


def made_at(url: str, home: Path, sizes: tuple[int, ...]) -> Account:
    """Sign up at a running KeyArc, and fill the vaults."""
    device = Device(home)
    new = Client.prepare_sign_up(url, EMAIL, PASSWORD)
    client = Client.sign_up(new, device)
    for size in sizes:
        vault_id = client.create_vault(str(size))
        client.change(vault_id, partial(_secrets, size))
    client.close()
    return Account(url, device, new.account_key)


def _secrets(size: int, _view: VaultView) -> list[Write]:
    return [_secret(number) for number in range(size)]


def _secret(number: int) -> Write:
    overview = Overview(
        name=f"SERVICE_{number}_API_KEY",
        provider="example",
        path=f"team-{number % 20}",
        tags=("backend", "production"),
        environment="production",
        expires_at="2027-06-30",
        updated_at="1767225600000",
    )
    return Write(overview, Details((Field("value", f"sk_live_{number:032d}"),)))
