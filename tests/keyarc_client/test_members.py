"""People share vaults: who joins reads, who is removed reads nothing new, whatever they kept."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from machines.stack import Stack
from shared.keyarc import members, removals, waiting
from shared.keyarc.commits import Role
from shared.keyarc.errors import NotFound
from shared.keyarc.leavers import Now, leavers
from tests.keyarc_client.people import Someone, add, invite, people

People = dict[str, Someone]


@pytest.fixture(scope="module")
def team(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with people(stack.url, tmp_path_factory.mktemp("team"), "owner", "guest", "third") as found:
        yield found


@pytest.fixture
def vault(team: People) -> UUID:
    """A vault of the owner's with one secret."""
    made = team["owner"].client.create_vault("team")
    team["owner"].put(made, A="value a")
    return made


def roles(someone: Someone, vault_id: UUID) -> dict[str, tuple[Role, str | None]]:
    found = members.members(someone.client, vault_id)
    return {one.email.split("-")[0]: (one.role, one.verified) for one in found}


def test_who_joins_by_link_reads_writes_and_is_known(team: People, vault: UUID) -> None:
    owner, guest = team["owner"], team["guest"]

    invite(owner, guest, vault)
    guest.put(vault, B="value b")

    assert guest.values(vault) == {"A": "value a", "B": "value b"}
    assert owner.values(vault) == guest.values(vault)
    assert roles(owner, vault) == {"owner": (Role.OWNER, "self"), "guest": (Role.MEMBER, "link")}
    assert roles(guest, vault) == {"owner": (Role.OWNER, "link"), "guest": (Role.MEMBER, "self")}
    assert guest.client.vault(str(vault)).name == "team"


def test_who_was_added_reads_after_a_yes_only(team: People, vault: UUID) -> None:
    owner, third = team["owner"], team["third"]
    members.add(owner.client, vault, third.known, Role.VIEWER)

    assert vault not in [one.id for one in third.client.vaults()]
    (offer,) = [one for one in waiting.waiting(third.client) if one.vault_id == vault]
    with pytest.raises(NotFound):
        third.client.sync(vault)
    waiting.accept(third.client, offer, compared=True)

    assert third.values(vault) == {"A": "value a"}


def test_who_is_removed_reads_nothing_of_what_is_written_later(team: People, vault: UUID) -> None:
    owner, guest, third = team["owner"], team["guest"], team["third"]
    invite(owner, guest, vault)
    add(owner, third, vault)

    members.remove(owner.client, vault, guest.id)
    owner.put(vault, B="value b")

    assert third.values(vault) == {"A": "value a", "B": "value b"}
    assert owner.client.sync(vault).state.epoch == 2
    guest.client.vaults()
    gone, kept_back = removals.settle_withheld(guest.client)
    assert [one.by for one in gone if one.vault_id == vault] == [owner.id]
    assert vault not in kept_back
    assert 2 not in guest.client.opened.keyring.keyring.vaults[vault].keys
    (leaver,) = leavers(owner.client, vault)
    assert [(one.address, one.now) for one in leaver.secrets] == [("A", Now.LEFT)]
