"""A vault's new key is lost by nobody, though a change is cut off or another comes first."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from machines.stack import Stack
from shared.keyarc import members
from shared.keyarc.commits import Role
from shared.keyarc.errors import Altered, Conflict, Unreachable
from shared.keyarc.joining import parse_link, read_link
from shared.keyarc.open_invitations import share_by_link
from shared.keyarc.rotation import prepare_rotation
from tests.evil.server import Evil, evil_before
from tests.keyarc_client.people import PASSWORD, People, add, people, tomorrow


@pytest.fixture(scope="module")
def server(stack: Stack) -> Iterator[Evil]:
    with evil_before(stack.url) as found:
        yield found


@pytest.fixture(scope="module")
def both(server: Evil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with people(server.url, tmp_path_factory.mktemp("both"), "owner", "admin") as found:
        yield found


@pytest.fixture
def vault(both: People) -> UUID:
    """A vault of both."""
    made = both["owner"].client.create_vault("team")
    both["owner"].put(made, A="value a")
    add(both["owner"], both["admin"], made, Role.ADMIN)
    return made


def test_a_change_whose_answer_never_came_is_found_by_the_next_process(
    both: People, vault: UUID, server: Evil
) -> None:
    owner, line = both["owner"], f"POST /api/account/vaults/{vault}/commits"
    owner.client.sync(vault)
    server.lost += [line] * 4  # each is sent again, and once more where a connection closes
    with pytest.raises(Unreachable):
        members.rotate(owner.client, vault)

    server.lost.clear()
    owner.client = owner.again()
    owner.put(vault, B="value b")

    assert owner.client.sync(vault).state.epoch == 2
    assert both["admin"].values(vault) == {"A": "value a", "B": "value b"}


def test_a_key_that_never_came_to_be_gives_way_to_the_one_that_did(
    both: People, vault: UUID, server: Evil
) -> None:
    owner, admin = both["owner"], both["admin"]
    server.withheld.add(f"POST /api/account/vaults/{vault}/commits")
    with pytest.raises(Unreachable):
        members.rotate(owner.client, vault)
    server.withheld.clear()
    never = owner.client.opened.keyring.keyring.vaults[vault].keys[2]

    members.rotate(admin.client, vault)
    admin.put(vault, B="value b")

    assert owner.values(vault) == {"A": "value a", "B": "value b"}
    assert owner.client.opened.keyring.keyring.vaults[vault].keys[2] != never


def test_a_key_is_made_anew_for_every_try(both: People, vault: UUID, server: Evil) -> None:
    """What went out with a try that lost must not become the vault's key after all."""
    owner, admin = both["owner"], both["admin"]
    line = f"POST /api/account/vaults/{vault}/commits"
    owner.client.sync(vault)
    server.lines()
    server.meanwhile = lambda: admin.put(vault, C="in between")
    server.lost.append("PUT /api/account/keyring")

    members.rotate(owner.client, vault)

    server.meanwhile = object
    tries = [one.body["shares"][0]["ciphertext"] for one in server.requests if one.line == line]
    assert len(set(tries)) == len(tries) == 2
    assert admin.values(vault) == {"A": "value a", "C": "in between"}


def test_own_keys_do_not_change_while_a_vault_waits(both: People, vault: UUID) -> None:
    """M24: nothing that was not accepted is written to, and nothing is lost to new keys."""
    owner, admin = both["owner"], both["admin"]
    waits = owner.client.create_vault("waits")
    members.add(owner.client, waits, admin.known, Role.MEMBER)
    change = prepare_rotation(admin.client, PASSWORD, admin.account_key)

    with pytest.raises(Conflict, match="take it or refuse it"):
        change.send()

    assert vault in [one.id for one in admin.client.vaults()]


def test_a_profile_from_before_the_new_key_is_not_shown_to_a_joiner(
    both: People, vault: UUID, server: Evil
) -> None:
    """M14: it was sealed rightly once, and the joiner has its key; the head names another."""
    owner = both["owner"]
    listed = owner.client.opened.connection.get("/api/account/vaults")["items"]
    (before,) = [one["profile"] for one in listed if one["vault_id"] == str(vault)]
    members.rotate(owner.client, vault)
    link = share_by_link(owner.client, vault, Role.MEMBER, tomorrow())
    server.answer("GET /api/account/invitations/", lambda media: media | {"profile": before})

    with pytest.raises(Altered):
        read_link(both["admin"].again(), parse_link(link)[1])

    server.transforms.clear()
