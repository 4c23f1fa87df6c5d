"""Other keys for an account: what works afterwards, and what a lost answer leaves."""

from collections.abc import Callable
from contextlib import closing, suppress

import pytest

from shared.keyarc import own_email
from shared.keyarc.client import Client
from shared.keyarc.errors import NotLoggedIn, Refused, Unreachable, WrongCredentials
from shared.keyarc.new_keys import (
    NewKeys,
    prepare_account_key,
    prepare_password,
    prepare_recovery_code,
)
from shared.keyarc.opened import Opened
from shared.keyarc.proofs import prove
from shared.keyarc.rotation import prepare_rotation
from tests.evil.server import Evil
from tests.keyarc_client.conftest import PASSWORD, Person
from tests.keyarc_client.lies import listing

NEW_PASSWORD = "another horse, another battery"
PROFILE = "GET /api/account/profile"

Prepare = Callable[[Client, Person], NewKeys]

CHANGES: dict[str, tuple[str, Prepare]] = {
    "password": (
        "PUT /api/account/password",
        lambda client, person: prepare_password(client.opened, NEW_PASSWORD, person.account_key),
    ),
    "account key": (
        "PUT /api/account/password",
        lambda client, _: prepare_account_key(client.opened, PASSWORD),
    ),
    "recovery code": (
        "PUT /api/account/recovery",
        lambda client, _: prepare_recovery_code(client.opened),
    ),
    "every key": (
        "PUT /api/account/keys",
        lambda client, person: prepare_rotation(client, PASSWORD, person.account_key),
    ),
}


def continued(person: Person, opened: Opened) -> None:
    """Hold that this client, and the next one of the device, read and write."""
    person.put(Client(opened), A="a newer value")
    assert person.values(person.client())["A"] == ("a newer value", 2)


@pytest.mark.parametrize("name", CHANGES)
def test_other_keys_open_what_the_old_ones_did_and_end_every_other_session(
    person: Person, name: str
) -> None:
    """S10: the session that changed the keys is the only one left."""
    other, client = person.fresh(), person.client()
    new = CHANGES[name][1](client, person)
    prove(client.opened, PASSWORD)

    opened = new.send()

    continued(person, opened)
    with pytest.raises(NotLoggedIn):
        other.check()
    password = NEW_PASSWORD if name == "password" else PASSWORD
    key = new.account_key or person.account_key
    with closing(Client.log_in(person.server, person.email, password, key)) as fresh:
        assert person.values(fresh)["A"][0] == "a newer value"
    if (password, key) != (PASSWORD, person.account_key):
        with pytest.raises(WrongCredentials):
            person.fresh()


@pytest.mark.parametrize("name", CHANGES)
def test_an_answer_that_was_lost_is_asked_for(person: Person, evil: Evil, name: str) -> None:
    """M40: the request arrived; the client finds out, and does not make other keys once more."""
    line, prepare = CHANGES[name]
    client = person.client()
    new = prepare(client, person)
    prove(client.opened, PASSWORD)
    evil.lost = [line]
    evil.lines()

    opened = new.send()

    assert evil.lines()[-1] == PROFILE
    continued(person, opened)


@pytest.mark.parametrize("name", [name for name in CHANGES if name != "recovery code"])
def test_keys_that_nobody_could_tell_of_are_found_by_the_next_process(
    person: Person, evil: Evil, name: str
) -> None:
    """M40: the request arrived, and then the server was gone for a while."""
    line, prepare = CHANGES[name]
    client = person.client()
    new = prepare(client, person)
    prove(client.opened, PASSWORD)
    evil.lost, evil.meanwhile = [line], lambda: evil.withheld.update({line, PROFILE})

    with pytest.raises(Unreachable):
        new.send()
    evil.withheld.clear()

    person.put(person.client(), A="a newer value")
    assert person.values(person.client())["A"] == ("a newer value", 2)
    continued_again = new.send()  # the same person asks again, and the keys stay what they are
    assert person.values(Client(continued_again))["A"] == ("a newer value", 2)


@pytest.mark.parametrize("name", CHANGES)
def test_without_a_fresh_proof_nothing_changes(person: Person, name: str) -> None:
    """M40: the refusal leaves the old keys, and nothing to be settled."""
    client = person.client()

    with pytest.raises(Refused) as caught:
        CHANGES[name][1](client, person).send()

    assert caught.value.problem == "proof-needed"
    continued(person, client.opened)
    assert set(person.values(person.fresh())) == {"A", "B"}


def test_a_vault_that_changes_during_a_rotation_is_looked_at_again(
    person: Person, evil: Evil
) -> None:
    """M40: somebody writes before the request arrives: it is made anew, on the newer head."""
    client, other = person.client(), person.fresh()
    new = prepare_rotation(client, PASSWORD, person.account_key)
    prove(client.opened, PASSWORD)

    def write_meanwhile(media: object) -> object:
        evil.transforms.clear()
        person.put(other, B="written meanwhile")
        return media

    evil.answer(listing(person), write_meanwhile)
    opened = new.send()

    assert person.values(Client(opened)) == {"A": ("value a", 1), "B": ("written meanwhile", 2)}
    continued(person, opened)


def test_of_two_devices_that_change_the_keys_one_does(person: Person) -> None:
    """M40: the later one has no session any more; what it made is forgotten."""
    first, second = person.client(), person.fresh()
    changes = [prepare_rotation(one, PASSWORD, person.account_key) for one in (second, first)]
    for client in (first, second):
        prove(client.opened, PASSWORD, account_key=person.account_key)
    opened = changes.pop().send()

    with pytest.raises(NotLoggedIn):
        changes.pop().send()

    continued(person, opened)
    assert opened.keys.keyset == 2


def test_another_process_of_the_device_is_told_to_begin_again(person: Person) -> None:
    """Its keys are of before: what it cannot open is not taken for an attack."""
    client, beside = person.client(), person.client()
    new = prepare_rotation(client, PASSWORD, person.account_key)
    prove(client.opened, PASSWORD)
    new.send()

    with pytest.raises(NotLoggedIn, match="try again"):
        beside.vaults()

    assert set(person.values(person.client())) == {"A", "B"}


def test_another_address_stays_on_the_device(person: Person, evil: Evil) -> None:
    """M40: even where the answer was lost, and the process then ended."""
    client, email = person.client(), f"new-{person.email}"
    prove(client.opened, PASSWORD)
    evil.lost = ["PUT /api/account/email"]
    evil.meanwhile = lambda: evil.withheld.update({"PUT /api/account/email", PROFILE})
    with suppress(Unreachable):
        own_email.change(client.opened, email)
    evil.withheld.clear()

    assert set(person.values(person.client())) == {"A", "B"}

    again = Client.log_in(person.server, email, PASSWORD, device=person.device)
    assert set(person.values(person.open.enter_context(closing(again)))) == {"A", "B"}
    with pytest.raises(WrongCredentials):
        person.fresh()
