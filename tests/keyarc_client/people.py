"""Several people with accounts, made once for the tests of a module: each login costs Argon2id."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from shared.keyarc import members, open_invitations, waiting
from shared.keyarc.changes import Write
from shared.keyarc.client import Client
from shared.keyarc.commits import Role
from shared.keyarc.device import Device
from shared.keyarc.items import Details, Field, Overview
from shared.keyarc.joining import join, parse_link, read_link
from shared.keyarc.memories import Known
from shared.keyarc.sync import VaultView

PASSWORD = "correct horse battery staple"
DAY_MS = 86_400_000


@dataclass
class Someone:
    """Somebody with an account, at one server by its own name: see `at`."""

    server: str
    email: str
    account_key: str
    device: Device
    client: Client
    open: ExitStack

    @property
    def id(self) -> UUID:
        """Their user id."""
        return self.client.opened.keys.user_id

    @property
    def known(self) -> Known:
        """Them, as somebody knows them who compared words."""
        return Known(self.client.opened.keys.idcert, "words", self.email)

    def again(self) -> Client:
        """Go on with the device's session in a process that remembers nothing."""
        return self.open.enter_context(closing(Client.resume(self.device)))

    def values(self, vault_id: UUID) -> dict[str, str]:
        """Read every value of a vault, by name."""
        view = self.client.sync(vault_id)
        details = self.client.details(view, view.secrets)
        return {one.overview.name: details[one.id].value for one in view.secrets.values()}

    def put(self, vault_id: UUID, **values: str) -> None:
        """Write values in one change, as new secrets or as other values of old ones."""

        def plan(view: VaultView) -> list[Write]:
            known = {one.overview.name: one.id for one in view.secrets.values()}
            return [
                Write(Overview(name=name), Details((Field("value", value),)), known.get(name))
                for name, value in values.items()
            ]

        self.client.change(vault_id, plan)


People = dict[str, Someone]  # by what they are called in a test


def tomorrow() -> int:
    """Give the time of tomorrow in milliseconds."""
    return time.time_ns() // 1_000_000 + DAY_MS


@contextmanager
def people(server: str, folder: Path, *names: str) -> Iterator[People]:
    """Sign people up, each with a device in *folder*."""
    with ExitStack() as stack:
        found = {}
        for name in names:
            device, email = Device(folder / name), f"{name}-{uuid4().hex}@example.com"
            device.choose_store("file")
            new = Client.prepare_sign_up(server, email, PASSWORD)
            client = stack.enter_context(closing(Client.sign_up(new, device)))
            found[name] = Someone(server, email, new.account_key, device, client, stack)
        yield found


def invite(host: Someone, guest: Someone, vault_id: UUID, role: Role = Role.MEMBER) -> None:
    """Let somebody join a vault by link."""
    link = open_invitations.share_by_link(host.client, vault_id, role, tomorrow(), guest.email)
    join(guest.client, read_link(guest.client, parse_link(link)[1]))


def add(host: Someone, guest: Someone, vault_id: UUID, role: Role = Role.MEMBER) -> None:
    """Let somebody be added whose words were compared, and say yes; they compare words, too."""
    members.add(host.client, vault_id, guest.known, role)
    (offer,) = [one for one in waiting.waiting(guest.client)[0] if one.vault_id == vault_id]
    waiting.accept(guest.client, offer, compared=True)
