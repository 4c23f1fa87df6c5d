"""A device that knew an account, and a login after the keys were rotated on another one (M24)."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from shared.keyarc.client import Client
from shared.keyarc.device import Device
from shared.keyarc.encoding import Broken
from shared.keyarc.errors import Rollback
from shared.keyarc.proofs import prove
from shared.keyarc.rotation import prepare_rotation
from tests.evil.server import Evil
from tests.keyarc_client.conftest import PASSWORD, Person
from tests.keyarc_client.lies import recorded

PRELOGIN = "POST /auth/prelogin"
LOGIN = "POST /auth/sessions"


@pytest.fixture
def other(person: Person, tmp_path: Path) -> Device:
    """Another device of the same person, which has read everything."""
    device = Device(tmp_path / "other")
    device.choose_store("file")
    person.values(person.fresh(device))
    return device


def rotate(person: Person) -> None:
    client = person.client()
    prove(client.opened, PASSWORD)
    renewed = Client(prepare_rotation(client, PASSWORD, person.account_key).send())
    person.put(person.open.enter_context(closing(renewed)), C="value c")


@pytest.mark.parametrize("logged_out", [True, False])
def test_it_follows_to_keys_that_the_old_ones_signed(
    person: Person, other: Device, logged_out: bool
) -> None:
    if logged_out:
        Client.resume(other).log_out()
    rotate(person)

    client = person.fresh(other)

    assert set(person.values(client)) == {"A", "B", "C"}
    again = person.open.enter_context(closing(Client.resume(other)))
    assert set(person.values(again)) == {"A", "B", "C"}


def test_it_goes_back_to_no_earlier_keys(person: Person, other: Device, evil: Evil) -> None:
    """The answers of before the rotation, which were true then, are a rollback now."""
    before = [recorded(evil, line) for line in (PRELOGIN, LOGIN)]
    person.fresh()
    old_prelogin, old_login = (answers[0] for answers in before)
    evil.transforms.clear()
    rotate(person)
    person.fresh(other)
    kept = (other.home / "state.json").read_text()

    evil.answer(PRELOGIN, lambda _: old_prelogin)
    evil.replies[LOGIN], evil.statuses[LOGIN] = old_login, 201
    evil.lines()
    with pytest.raises(Rollback):
        person.fresh(other)

    assert evil.lines() == [PRELOGIN, LOGIN]
    assert (other.home / "state.json").read_text() == kept


@pytest.mark.parametrize(
    "change",
    [
        lambda media: media | {"keyring": media["keyring"] | {"revision": "1"}},
        lambda media: media | {"keyset": "1"},
        lambda media: media | {"idcert": media["idcert"][:-10] + "AAAAAAAAAA"},
    ],
    ids=["an older keyring", "an older keyset", "a certificate that the old key did not sign"],
)
def test_it_follows_to_no_others(
    person: Person, other: Device, evil: Evil, change: Callable[[Any], Any]
) -> None:
    rotate(person)
    evil.answer(LOGIN, change)
    evil.lines()

    with pytest.raises(Broken):
        person.fresh(other)

    assert evil.lines() == [PRELOGIN, LOGIN]
