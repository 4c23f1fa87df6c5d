"""People with accounts at the running services, and an evil server before these."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from machines.stack import Stack
from shared.keyarc.changes import Removal, Write
from shared.keyarc.client import Client
from shared.keyarc.device import Device
from shared.keyarc.items import Details, Field, Overview
from shared.keyarc.sync import VaultView
from tests.evil.server import Evil, evil_before
from tests.keyarc_client import people as several
from tests.keyarc_client.people import Someone, people

PASSWORD = several.PASSWORD


@dataclass
class Person:
    """Someone with an account, one vault, and a device that knows both."""

    server: str
    email: str
    account_key: str
    device: Device
    vault_id: UUID
    open: ExitStack

    def client(self) -> Client:
        """Go on with the device's session."""
        return self.open.enter_context(closing(Client.resume(self.device)))

    def unseen(self) -> Client:
        """Go on with the device's session, with no copy of the vault on the device."""
        shutil.rmtree(self.device.home / "cache", ignore_errors=True)
        return self.client()

    def fresh(self, device: Device | None = None) -> Client:
        """Log in anew, on a device that knows nothing."""
        client = Client.log_in(self.server, self.email, PASSWORD, self.account_key, device=device)
        return self.open.enter_context(closing(client))

    def values(self, client: Client) -> dict[str, tuple[str, int]]:
        """Read everything: the value and version of each secret by its name."""
        view = client.sync(client.vault("work").id)
        details = client.details(view, view.secrets)
        return {
            one.overview.name: (details[one.id].value, one.put.version)
            for one in view.secrets.values()
        }

    def put(self, client: Client, **values: str) -> VaultView:
        """Write values in one change, as new secrets or as new versions."""

        def plan(view: VaultView) -> list[Write]:
            known = {one.overview.name: one.id for one in view.secrets.values()}
            return [
                Write(Overview(name=name), Details((Field("value", value),)), known.get(name))
                for name, value in values.items()
            ]

        return client.change(self.vault_id, plan)

    def remove(self, client: Client, name: str) -> None:
        """Remove one secret."""
        client.change(self.vault_id, lambda view: [Removal(view.find(name).id)])


@contextmanager
def signed_up(evil: Evil, folder: Path) -> Iterator[Person]:
    """Sign somebody up, with a vault of two secrets and a device in *folder*."""
    device, email = Device(folder), f"{uuid4().hex}@example.com"
    device.choose_store("file")
    new = Client.prepare_sign_up(evil.url, email, PASSWORD)
    with ExitStack() as stack:
        client = stack.enter_context(closing(Client.sign_up(new, device)))
        vault_id = client.create_vault("work")
        made = Person(evil.url, email, new.account_key, device, vault_id, stack)
        made.put(client, A="value a", B="value b")
        evil.lines()
        yield made


@pytest.fixture
def evil(stack: Stack) -> Iterator[Evil]:
    """A server that passes on to the real ones until it is told otherwise."""
    with evil_before(stack.url) as server:
        yield server


@pytest.fixture
def person(evil: Evil, tmp_path: Path) -> Iterator[Person]:
    """Someone whose every request goes through the evil server, so far an honest one."""
    with signed_up(evil, tmp_path / "first") as made:
        yield made


@pytest.fixture(scope="module")
def between(stack: Stack) -> Iterator[Evil]:
    """A server between one person and the services, for all tests of a module."""
    with evil_before(stack.url) as server:
        yield server


@pytest.fixture(scope="module")
def someone(between: Evil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Someone]:
    """A person behind it, for all tests of a module: a login costs Argon2id."""
    with people(between.url, tmp_path_factory.mktemp("someone"), "someone") as found:
        yield found["someone"]


@pytest.fixture(scope="module")
def elsewhere(someone: Someone) -> Iterator[Client]:
    """The same person on another device."""
    who = (someone.server, someone.email, PASSWORD, someone.account_key)
    with closing(Client.log_in(*who)) as client:
        yield client


@pytest.fixture
def liar(between: Evil) -> Evil:
    """The server before `someone`: an honest one, until a test says otherwise."""
    between.honest()
    between.tagged = False
    return between


@pytest.fixture
def vault(someone: Someone, liar: Evil) -> UUID:
    """A vault of two secrets, each from a change of its own."""
    made = someone.client.create_vault("work")
    someone.put(made, A="value a")
    someone.put(made, B="value b")
    liar.lines()
    return made
