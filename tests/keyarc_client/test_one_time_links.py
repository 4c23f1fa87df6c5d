"""M35: what a one-time link holds reaches no server, and what a server puts in opens nothing."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.keyarc import one_time_links
from shared.keyarc.encoding import Broken, b64, unb64
from shared.keyarc.errors import Failure
from shared.keyarc.items import Field
from shared.keyarc.one_time_links import LinkKeys, Message
from tests.evil.server import Evil
from tests.keyarc_client.conftest import Person

MESSAGE = Message("name of a needle", (Field("value", "needle of a value"),), "needle of a note")
TOMORROW = datetime.now(UTC) + timedelta(days=1)


def test_a_server_is_told_neither_the_secret_nor_what_it_opens(evil: Evil, person: Person) -> None:
    """M35: canaries are in no path and no body that a client sends for a link."""
    client = person.client()
    evil.requests.clear()

    link = one_time_links.make(client, MESSAGE, 1, TOMORROW)
    opened = one_time_links.read(link)

    sent = json.dumps([(one.line, one.body) for one in evil.requests])
    fragment = link.partition("#")[2]
    assert (opened.message, opened.reads_left) == (MESSAGE, 0)
    assert [one.method for one in evil.requests] == ["POST", "POST"]
    for canary in (fragment, unb64(fragment).hex(), "needle"):
        assert canary not in sent


def test_a_link_whose_answer_was_lost_is_given_all_the_same(evil: Evil, person: Person) -> None:
    client = person.client()
    one_time_links.links(client)  # over a connection that is kept, and then ends
    evil.lost += ["POST /api/keys/links"]

    link = one_time_links.make(client, MESSAGE, 1, TOMORROW)

    assert one_time_links.read(link).message == MESSAGE
    assert len(one_time_links.links(client)) == 1


def flipped(answer: Any) -> Any:
    blob = bytearray(unb64(answer["blob"]))
    blob[-1] ^= 1
    return answer | {"blob": b64(bytes(blob))}


def of_another_link(answer: Any) -> Any:
    return answer | {"blob": b64(MESSAGE.seal(LinkKeys.derive(bytes(32))))}


LIES: tuple[Callable[[Any], Any], ...] = (
    flipped,
    of_another_link,
    lambda answer: answer | {"blob": None},
    lambda answer: answer | {"reads_left": -1},
    lambda answer: {"blob": answer["blob"]},
    lambda _: [],
)


def test_what_a_server_makes_of_it_opens_nothing(evil: Evil, person: Person) -> None:
    link = one_time_links.make(person.client(), MESSAGE, len(LIES), TOMORROW)

    for lie in LIES:
        evil.answer("POST /auth/links/", lie)
        with pytest.raises(Broken):
            one_time_links.read(link)


def test_a_server_that_names_another_link_is_not_believed(evil: Evil, person: Person) -> None:
    other = {"link_id": "6c6f6e67-2069-4420-8000-000000000001"}
    evil.answer("POST /api/keys/links", lambda answer: answer | other)

    with pytest.raises(Broken):
        one_time_links.make(person.client(), MESSAGE, 1, TOMORROW)


def test_what_is_too_large_for_a_link_is_not_sent(evil: Evil, person: Person) -> None:
    client = person.client()
    evil.requests.clear()

    with pytest.raises(Failure, match="64 KiB"):
        one_time_links.make(client, Message("x", (Field("v", "y" * 70_000),)), 1, TOMORROW)

    assert evil.requests == []
