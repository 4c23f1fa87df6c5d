"""People who share vaults, each with both clients, as they were before a lot happened, and after.

- *team*: the owner's; the reader and the leaver joined it by link. Since the reader's devices
  looked last, values were changed, added and removed, and the leaver was removed.
- *waiting*: the owner's; the newcomer was added by compared words, and has not said yes.
- an open invitation to *team*, whose link the newcomer holds.
- *once*: a one-time link of the reader's. The server knows a day to remind of a secret.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from shared.keyarc import members, one_time_links, open_invitations, reminders
from shared.keyarc.changes import Removal
from shared.keyarc.commits import Role
from shared.keyarc.encoding import b64
from shared.keyarc.items import Field
from shared.keyarc.joining import parse_link
from shared.keyarc.words import words_of_idcert
from tests.evil.page import Node, Page, node
from tests.evil.server import Answer, Evil
from tests.keyarc_client.conftest import PASSWORD
from tests.keyarc_client.people import Someone, invite, people, tomorrow

NAMES = ("owner", "reader", "leaver", "newcomer")
CANARY = "CANARY-b8f1"


@dataclass
class World:
    """Everybody and everything."""

    evil: Evil
    people: dict[str, Someone]
    pages: dict[str, Page]
    node: Node
    folder: Path
    device: Path
    team: UUID
    waiting: UUID = field(default_factory=lambda: UUID(int=0))
    secret: bytes = b""
    once: str = ""
    before: Mapping[str, Answer] = field(default_factory=dict)

    @property
    def link_secret(self) -> str:
        """What stands behind the # of the link."""
        return b64(self.secret)

    @property
    def words(self) -> list[str]:
        """The seven words of the owner, as the owner's own devices show them."""
        return words_of_idcert(self.people["owner"].known.idcert)

    def happen(self) -> None:
        """Let everything happen that those who are behind have not seen."""
        owner, team = self.people["owner"], self.team
        owner.put(team, A=f"{CANARY} newer", C=f"{CANARY} c")
        gone = owner.client.sync(team).find("B").id
        owner.client.change(team, lambda _: [Removal(gone)])
        members.remove(owner.client, team, self.people["leaver"].id)
        owner.put(team, D=f"{CANARY} d")
        self.waiting = owner.client.create_vault("waiting")
        owner.put(self.waiting, W=f"{CANARY} w")
        members.add(owner.client, self.waiting, self.people["newcomer"].known, Role.MEMBER)
        link = open_invitations.share_by_link(owner.client, team, Role.MEMBER, tomorrow())
        self.secret = parse_link(link)[1]
        reader = self.people["reader"].client
        told = one_time_links.Message("once", (Field("value", f"{CANARY} once"),))
        tomorrow_at = datetime.fromtimestamp(tomorrow() / 1000, UTC)
        self.once = one_time_links.make(reader, told, 9, tomorrow_at)
        day = {next(iter(owner.client.sync(team).secrets)): tomorrow_at.date()}
        reminders.tell(owner.client.opened.connection, team, day)


@contextmanager
def before_it_happened(evil: Evil, folder: Path) -> Iterator[World]:
    """Make everybody, with all their devices, up to where things begin to happen."""
    shared_memory = Path("/dev/shm")  # noqa: S108 - a folder of one's own is made in it
    with (
        people(evil.url, folder / "people", *NAMES) as found,
        node() as program,
        TemporaryDirectory(dir=shared_memory if shared_memory.is_dir() else None) as quick,
    ):
        owner = found["owner"]
        team = owner.client.create_vault("team")
        owner.put(team, A=f"{CANARY} a", B=f"{CANARY} b")
        for name in ("reader", "leaver"):
            invite(owner, found[name], team)
            found[name].values(team)
        owner.client.sync(team)
        pages = {name: Page(program, name) for name in NAMES}
        for name, page in pages.items():
            page.start(evil.url)
            who = {"email": found[name].email, "password": PASSWORD}
            page.ask("entrance", "logIn", {**who, "accountKey": found[name].account_key})
        yield World(evil, found, pages, program, folder, Path(quick) / "home", team)
