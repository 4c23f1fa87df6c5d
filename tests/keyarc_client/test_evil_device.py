"""A server between a new device and the one that is to let it in (M41)."""

import functools
import os
from typing import Any
from uuid import uuid4

import pytest

from shared.keyarc import approval, kdf, new_device, proofs
from shared.keyarc.account_keys import derive_x_pk
from shared.keyarc.approval import Asked
from shared.keyarc.encoding import Broken, b64, parse_id, unb64
from shared.keyarc.errors import Failure, NotFound, Refused
from shared.keyarc.http import Transport
from shared.keyarc.new_device import NewDevice
from tests.evil.server import Evil
from tests.keyarc_client.conftest import PASSWORD, Person
from tests.keyarc_client.lies import recorded

PRELOGIN = "POST /auth/prelogin"
ANSWERS = "POST /auth/device-requests/"
REQUESTS = "GET /api/account/device-requests"


@pytest.fixture
def new(person: Person) -> NewDevice:
    """A device that asks, and knows nothing of the account."""
    transport = Transport(person.server)
    person.open.callback(transport.close)
    return NewDevice(transport, person.email)


def approved(person: Person) -> list[str]:
    """Let the one device in that asks, as somebody does who compares nothing."""
    opened = person.client().opened
    proofs.prove(opened, PASSWORD)
    (request,) = new_device.requests(opened)
    return new_device.approve(opened, request, person.account_key)


def test_between_honest_ends_the_account_key_arrives_and_all_words_agree(
    person: Person, new: NewDevice, evil: Evil
) -> None:
    (request,) = new_device.requests(person.client().opened)
    shown = approved(person)

    sealed = new.wait()

    assert list(request.words) == new.words
    assert sealed.words == shown
    assert sealed.open() == person.account_key
    sent = str(evil.requests)
    assert b64(kdf.parse_account_key(person.account_key)) not in sent
    assert person.account_key not in sent


def test_a_key_that_the_server_puts_in_between_shows_other_words(
    person: Person, new: NewDevice, evil: Evil
) -> None:
    """M41: whoever compares hands nothing over, and the server's key has received nothing."""

    def own_key(media: Any) -> Any:
        for item in media["items"]:
            item["public_key"] = b64(derive_x_pk(os.urandom(32)))
        return media

    evil.answer(REQUESTS, own_key)

    (request,) = new_device.requests(person.client().opened)

    assert list(request.words) != new.words
    assert not [line for line in evil.lines() if line.startswith("PUT")]


def test_an_account_key_of_the_servers_own_shows_other_words(
    person: Person, new: NewDevice, evil: Evil
) -> None:
    """M41: sealed rightly for the new device, it would open; the words are what tells."""
    evil_key = kdf.make_account_key()
    asked: list[Asked] = []

    def own_answer(media: Any) -> Any:
        media["sealed"] = b64(approval.seal_account_key(asked[0], evil_key))
        return media

    opened = person.client().opened
    (request,) = new_device.requests(opened)
    asked.append(Asked(opened.keys.user_id, person.email, request.x_pk))
    shown = approved(person)
    evil.answer(ANSWERS, own_answer)

    sealed = new.wait()

    assert sealed.words != shown
    assert sealed.open() == kdf.show_account_key(evil_key)


def test_a_server_that_lies_on_both_sides_matches_neither_words(
    person: Person, new: NewDevice, evil: Evil
) -> None:
    """M41: it reads the account key only where somebody did not compare, and then shows itself."""
    seed = os.urandom(32)
    right: dict[str, str] = {}

    def own_key(media: Any) -> Any:
        right["x_pk"] = media["items"][0]["public_key"]
        media["items"][0]["public_key"] = b64(derive_x_pk(seed))
        return media

    evil.answer(REQUESTS, own_key)
    shown = approved(person)
    user_id = person.client().opened.keys.user_id

    def own_answer(media: Any) -> Any:
        key = approval.open_account_key(
            Asked(user_id, person.email, derive_x_pk(seed)), seed, unb64(media["sealed"])
        )
        asked = Asked(user_id, person.email, unb64(right["x_pk"]))
        return {"sealed": b64(approval.seal_account_key(asked, key))}

    evil.answer(ANSWERS, own_answer)

    assert new.wait().words != shown


def test_what_was_not_sealed_for_this_device_is_broken(
    person: Person, new: NewDevice, evil: Evil
) -> None:
    answers = recorded(evil, ANSWERS)
    approved(person)
    assert new.wait().open() == person.account_key
    sealed = unb64(answers[-1]["sealed"])

    for lie in (
        sealed[:-1] + bytes([sealed[-1] ^ 1]),
        bytes(len(sealed)),
        sealed[:1120] + os.urandom(32),
    ):
        evil.replies[ANSWERS] = {"sealed": b64(lie)}
        with pytest.raises(Broken):
            new.wait().open()


def test_an_answer_for_another_account_is_broken(person: Person, evil: Evil) -> None:
    """M41: the answer is bound to whom this device asked for."""
    evil.answer(PRELOGIN, lambda media: {**media, "user_id": str(uuid4())})
    transport = Transport(person.server)
    person.open.callback(transport.close)
    new = NewDevice(transport, person.email)
    evil.transforms.clear()
    approved(person)

    with pytest.raises(Broken):
        new.wait().open()


def test_answers_and_keys_of_another_shape_are_broken(
    person: Person, new: NewDevice, evil: Evil
) -> None:
    opened = person.client().opened
    odd: tuple[Any, ...] = ("", "AAAA", 7, {}, b64(bytes(1151)), b64(bytes(1153)))
    for sealed in odd:
        evil.replies[ANSWERS] = {"sealed": sealed}
        with pytest.raises(Broken):
            new.wait()

    for public_key in ("", b64(bytes(1215)), b64(b"\xff" * 1216), None):
        evil.answer(REQUESTS, functools.partial(_with_key, public_key))
        with pytest.raises(Broken):
            new_device.requests(opened)


def _with_key(public_key: Any, media: Any) -> Any:
    return {**media, "items": [{**item, "public_key": public_key} for item in media["items"]]}


def test_nothing_is_handed_over_without_a_fresh_proof(person: Person, new: NewDevice) -> None:
    opened = person.client().opened
    (request,) = new_device.requests(opened)

    with pytest.raises(Refused) as caught:
        new_device.approve(opened, request, person.account_key)

    assert caught.value.problem == "proof-needed"
    assert list(request.words) == new.words


def test_a_refused_device_waits_no_longer(person: Person, new: NewDevice) -> None:
    opened = person.client().opened
    (request,) = new_device.requests(opened)

    new_device.refuse_device(opened, request)

    with pytest.raises(Failure):
        new.wait()
    with pytest.raises(NotFound):
        new_device.refuse_device(opened, request)
    assert parse_id(str(request.request_id))
