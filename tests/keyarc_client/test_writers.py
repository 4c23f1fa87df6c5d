"""Many who write one vault at once: every change is made once, on whatever the others did."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from machines.stack import Stack
from shared.keyarc import members
from shared.keyarc.changes import Edit, Removal, Write
from shared.keyarc.client import Client
from shared.keyarc.commits import Role
from shared.keyarc.device import Device
from shared.keyarc.history import read_log
from shared.keyarc.items import Details, Field, Overview
from shared.keyarc.sync import VaultView
from shared.keyarc.verification import verify
from tests.keyarc_client.people import Someone, invite, people

WRITERS = 8
ROUNDS = 2
SUM = "SUM"


@pytest.fixture(scope="module")
def team(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Someone]]:
    folder = tmp_path_factory.mktemp("writers")
    with people(stack.url, folder, "owner", "guest", "third") as found:
        yield found


@pytest.fixture
def vault(team: dict[str, Someone]) -> UUID:
    """A vault of two people, with a number that everybody adds to."""
    made = team["owner"].client.create_vault("busy")
    team["owner"].put(made, **{SUM: "0"})
    invite(team["owner"], team["guest"], made)
    return made


def devices(someone: Someone, count: int, folder: Path, opened: ExitStack) -> list[Client]:
    """Give several devices of one person, as by a login on each; they share a session."""
    made = []
    for place in range(count):
        home = folder / f"{someone.id}.{place}"
        shutil.copytree(someone.device.home, home)
        made.append(opened.enter_context(closing(Client.resume(Device(home)))))
    return made


def added(client: Client, vault_id: UUID, name: str) -> None:
    """Write a secret of one's own, and add one to the common number, in one change."""

    def plan(view: VaultView) -> list[Edit]:
        common = view.find(SUM)
        value = int(client.details(view, [common.id])[common.id].value) + 1
        return [
            Write(Overview(name=name), Details((Field("value", name),))),
            Write(common.overview, Details((Field("value", str(value)),)), common.id),
        ]

    client.change(vault_id, plan)


def removed(client: Client, vault_id: UUID, name: str) -> None:
    client.change(vault_id, lambda view: [Removal(view.find(name).id)])


def written(client: Client, place: int, vault_id: UUID) -> None:
    """Write some secrets one after the other, and remove the first again."""
    for number in range(ROUNDS):
        added(client, vault_id, f"KEY_{place}_{number}")
    removed(client, vault_id, f"KEY_{place}_0")


def at_once(deeds: list[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(len(deeds)) as pool:
        for done in [pool.submit(deed) for deed in deeds]:
            done.result()


def test_eight_writers_at_once_lose_nothing_and_do_nothing_twice(
    team: dict[str, Someone], vault: UUID, tmp_path: Path
) -> None:
    """Two people on four devices each; meanwhile the key changes, and somebody is let in."""
    owner, guest, third = (team[name] for name in ("owner", "guest", "third"))

    with ExitStack() as opened:
        writers = [
            one
            for someone in (owner, guest)
            for one in devices(someone, WRITERS // 2, tmp_path, opened)
        ]

        def kept() -> None:
            keeper = opened.enter_context(closing(Client.resume(owner.device)))
            members.rotate(keeper, vault)
            members.add(keeper, vault, third.known, Role.VIEWER)

        deeds = [partial(written, writer, place, vault) for place, writer in enumerate(writers)]
        at_once([*deeds, kept])

    expected = {
        f"KEY_{place}_{number}": f"KEY_{place}_{number}"
        for place in range(WRITERS)
        for number in range(1, ROUNDS)
    }
    assert owner.values(vault) == expected | {SUM: str(WRITERS * ROUNDS)}
    assert guest.values(vault) == owner.values(vault)
    log = read_log(owner.client, vault)
    assert all(
        [one.number for one in versions] == list(range(1, len(versions) + 1))
        for versions in log.versions.values()
    )
    assert {span.role for span in log.spans_of(third.id)} == {Role.VIEWER}
    assert verify(guest.client, vault).commits == log.state.seq
