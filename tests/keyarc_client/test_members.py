"""People share vaults: who joins reads, who is removed reads nothing new, whatever they kept."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from uuid import UUID

import pytest

from machines.stack import Stack
from shared.keyarc import members, open_invitations, removals, waiting
from shared.keyarc.commits import Role
from shared.keyarc.errors import Conflict, Failure, NotFound
from shared.keyarc.joining import join, parse_link, read_link
from shared.keyarc.leavers import Now, leavers
from shared.keyarc.machine_keys import MachineToken
from tests.keyarc_client.jobs import Jobs, made
from tests.keyarc_client.people import People, Someone, add, invite, people, tomorrow


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
    (offer,) = [one for one in waiting.waiting(third.client)[0] if one.vault_id == vault]
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


def test_a_machine_reads_on_with_the_new_key(team: People, vault: UUID) -> None:
    owner, guest = team["owner"], team["guest"]
    invite(owner, guest, vault)
    token = made(owner.client, vault, name=str(vault))
    with ExitStack() as undo:
        job = Jobs(owner.server, undo).log_in(token)
        job.sync(vault)

        members.remove(owner.client, vault, guest.id)
        owner.put(vault, B="value b")

        view = job.sync(vault)
        read = job.details(view, view.secrets)
    assert sorted(one.value for one in read.values()) == ["value a", "value b"]


def test_who_is_removed_goes_with_the_machines_they_added(team: People, vault: UUID) -> None:
    """M39: whoever made a machine has its keys, and must not get the new one by it."""
    owner, guest = team["owner"], team["guest"]
    add(owner, guest, vault, Role.ADMIN)
    kept, theirs = (made(one.client, vault, name=str(vault)) for one in (owner, guest))

    members.remove(owner.client, vault, guest.id)

    left = owner.client.sync(vault).state.roster.keys()
    assert left == {owner.id, MachineToken.parse(kept).machine_id}
    assert MachineToken.parse(theirs).machine_id in [
        one.user_id for one in leavers(owner.client, vault)
    ]


def test_a_vault_is_handed_over_and_left(team: People, vault: UUID) -> None:
    owner, guest = team["owner"], team["guest"]
    with pytest.raises(Failure, match="at least one owner"):
        members.leave(owner.client, vault)
    invite(owner, guest, vault)

    members.hand_over(owner.client, vault, guest.id)
    members.leave(owner.client, vault)

    assert roles(guest, vault) == {"guest": (Role.OWNER, "self")}
    assert vault not in [one.id for one in owner.client.vaults()]
    assert vault not in owner.client.withheld
    (leaver,) = leavers(guest.client, vault)
    assert (leaver.user_id, leaver.by, leaver.rotated) == (owner.id, owner.id, False)


def test_who_left_comes_back_by_a_new_link(team: People, vault: UUID) -> None:
    owner, guest = team["owner"], team["guest"]
    add(owner, guest, vault)
    members.leave(guest.client, vault)
    members.rotate(owner.client, vault)

    invite(owner, guest, vault)

    assert guest.values(vault) == {"A": "value a"}
    assert leavers(owner.client, vault) == []


def test_what_roles_forbid_is_said_and_not_sent(team: People, vault: UUID) -> None:
    owner, guest, third = team["owner"], team["guest"], team["third"]
    invite(owner, guest, vault, Role.VIEWER)

    for deed in (
        lambda: members.remove(guest.client, vault, owner.id),
        lambda: members.set_role(guest.client, vault, guest.id, Role.OWNER),
        lambda: members.add(guest.client, vault, third.known, Role.VIEWER),
        lambda: members.rotate(guest.client, vault),
        lambda: open_invitations.share_by_link(guest.client, vault, Role.VIEWER, tomorrow()),
    ):
        with pytest.raises(Failure, match="role viewer"):
            deed()
    with pytest.raises(Conflict):
        members.add(owner.client, vault, guest.known, Role.VIEWER)


def test_both_of_two_keepers_change_the_roster_at_once(team: People, vault: UUID) -> None:
    owner, guest, third = team["owner"], team["guest"], team["third"]
    add(owner, guest, vault, Role.ADMIN)
    made_links = []

    def link(someone: Someone) -> None:
        for _ in range(3):
            open_invitations.share_by_link(someone.client, vault, Role.VIEWER, tomorrow())
            made_links.append(someone.id)

    with ThreadPoolExecutor() as pool:
        for one in [pool.submit(link, someone) for someone in (owner, guest)]:
            one.result()

    assert len(made_links) == 6
    assert len(open_invitations.open_invitations(owner.client, vault)) == 6
    members.add(guest.client, vault, third.known, Role.MEMBER)
    assert len(roles(owner, vault)) == 3


def test_who_used_a_link_that_was_for_another_is_seen(team: People, vault: UUID) -> None:
    """M37: the maker of a link is told that the server knows its user by another address."""
    owner, guest = team["owner"], team["guest"]
    keyring = owner.client.opened.keyring.keyring
    keyring.people.pop(guest.id, None)
    link = open_invitations.share_by_link(
        owner.client, vault, Role.MEMBER, tomorrow(), "somebody@example.com"
    )
    join(guest.client, read_link(guest.client, parse_link(link)[1]))

    found = members.find(owner.client, vault, "somebody@example.com")

    assert (found.user_id, found.verified, found.called) == (guest.id, "link", guest.email)
    keyring.people.pop(guest.id)


def test_the_role_that_somebody_has_is_not_signed_again(team: People, vault: UUID) -> None:
    owner, guest = team["owner"], team["guest"]
    invite(owner, guest, vault, Role.VIEWER)
    before = owner.client.sync(vault).state.seq

    members.set_role(owner.client, vault, guest.id, Role.VIEWER)

    assert owner.client.sync(vault).state.seq == before
