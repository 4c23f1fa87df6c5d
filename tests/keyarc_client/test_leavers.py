"""People go from a vault, by themselves or not: what they had they keep, what comes they miss."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from machines.stack import Stack
from shared.keyarc import members, removals
from shared.keyarc.changes import Removal
from shared.keyarc.commits import Remove, Role
from shared.keyarc.leavers import Now, leavers
from shared.keyarc.machine_keys import MachineToken
from shared.keyarc.roster_changes import RosterEdit, change_roster
from tests.keyarc_client.jobs import made
from tests.keyarc_client.people import People, add, invite, people


@pytest.fixture(scope="module")
def team(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with people(stack.url, tmp_path_factory.mktemp("leavers"), "owner", "guest") as found:
        yield found


@pytest.fixture
def vault(team: People) -> UUID:
    """A vault of the owner's with one secret."""
    made = team["owner"].client.create_vault("team")
    team["owner"].put(made, A="value a")
    return made


def test_a_value_is_replaced_once_it_is_none_that_they_knew(team: People, vault: UUID) -> None:
    """M39: what somebody could read stays on the list until it is another value."""
    owner, guest = team["owner"], team["guest"]
    owner.put(vault, B="value b", C="value c")
    invite(owner, guest, vault)
    owner.put(vault, B="another b")
    members.remove(owner.client, vault, guest.id)
    owner.put(vault, A="another a", D="never theirs")
    view = owner.client.sync(vault)
    owner.client.change(vault, lambda _: [Removal(view.find("C").id)])

    (leaver,) = leavers(owner.client, vault)

    told = {one.address: one.now for one in leaver.secrets}
    assert told == {"A": Now.REPLACED, "B": Now.LEFT, "C": Now.DELETED}
    assert leaver.rotated


def test_of_oneself_a_removal_is_leaving(team: People, vault: UUID) -> None:
    """M39: a key that the leaver made shuts nobody out, so it must not look as if it did."""
    owner, guest = team["owner"], team["guest"]
    add(owner, guest, vault, Role.ADMIN)

    members.remove(guest.client, vault, guest.id)

    (leaver,) = leavers(owner.client, vault)
    assert (leaver.by, leaver.rotated) == (guest.id, False)
    assert owner.client.sync(vault).state.epoch == 1


def test_a_key_that_a_leaver_made_in_leaving_is_no_new_one(team: People, vault: UUID) -> None:
    """M39: whoever changes the key as they go knows it."""
    owner, guest = team["owner"], team["guest"]
    add(owner, guest, vault, Role.ADMIN)

    edit = RosterEdit((Remove(guest.id),), rotates=True)
    change_roster(guest.client, vault, lambda _: edit)

    (leaver,) = leavers(owner.client, vault)
    assert not leaver.rotated
    members.rotate(owner.client, vault)
    assert leavers(owner.client, vault)[0].rotated


def test_a_new_key_passes_by_the_machines_of_who_left(team: People, vault: UUID) -> None:
    """M39: whoever left has the keys of the machines they made."""
    owner, guest = team["owner"], team["guest"]
    add(owner, guest, vault, Role.ADMIN)
    kept, theirs = (made(one.client, vault, name=str(vault)) for one in (owner, guest))
    members.leave(guest.client, vault)
    assert MachineToken.parse(theirs).machine_id in owner.client.sync(vault).state.roster

    members.rotate(owner.client, vault)

    left = owner.client.sync(vault).state.roster.keys()
    assert left == {owner.id, MachineToken.parse(kept).machine_id}


def test_who_lost_a_race_of_keys_and_was_removed_by_it_comes_back(
    team: People, vault: UUID
) -> None:
    """A key that never came to be is not held against the one that the next link brings."""
    owner, guest = team["owner"], team["guest"]
    add(owner, guest, vault, Role.ADMIN)
    guest.client.opened.keyring.keyring.add_vault_key(vault, 2, bytes(32))
    guest.client.opened.keyring.save()
    members.remove(owner.client, vault, guest.id)
    guest.client.vaults()
    removals.settle_withheld(guest.client)

    invite(owner, guest, vault)

    assert guest.values(vault) == {"A": "value a"}
