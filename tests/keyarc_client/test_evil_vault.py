"""A server that lies about a vault as it is: each lie is told, and nothing is sent afterwards."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from shared.keyarc import seal
from shared.keyarc.encoding import Broken, ObjectType, b64
from shared.keyarc.errors import Altered, Rollback
from shared.keyarc.vault_keys import profile_fields
from tests.evil.server import Evil
from tests.keyarc_client.conftest import Person
from tests.keyarc_client.lies import (
    KEYRING,
    VAULTS,
    accesses,
    commits,
    listing,
    reading,
    recorded,
    refused,
)


def edit_first(field: str, value: Any) -> Callable[[Any], Any]:
    def edit(media: Any) -> Any:
        media["secrets"][0][field] = value
        return media

    return edit


def swap(field: str) -> Callable[[Any], Any]:
    def edit(media: Any) -> Any:
        one, other = media["secrets"]
        one[field], other[field] = other[field], one[field]
        return media

    return edit


def head(field: str, value: str) -> Callable[[Any], Any]:
    return lambda media: media | {"head": media["head"] | {field: value}}


LIES: dict[str, Callable[[Any], Any]] = {
    "a secret is dropped": lambda media: media | {"secrets": media["secrets"][1:]},
    "all secrets are dropped": lambda media: media | {"secrets": []},
    "a secret is doubled": lambda media: media | {"secrets": media["secrets"] * 2},
    "a secret is injected": lambda media: (
        media | {"secrets": [*media["secrets"], media["secrets"][0] | {"secret_id": str(uuid4())}]}
    ),
    "two overviews are swapped": swap("overview"),
    "two hashes of details are swapped": swap("details_hash"),
    "two ids are swapped": swap("secret_id"),
    "a version is raised": edit_first("version", "2"),
    "an epoch is raised": edit_first("epoch", "2"),
    "an overview is null": edit_first("overview", None),
    "the head is later than the history": head("seq", "9"),
    "the head has another hash": head("hash", b64(bytes(32))),
    "the head has another state": head("state", b64(bytes(32))),
    "the head is null": lambda media: media | {"head": None},
    "the list is null": lambda media: media | {"secrets": None},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_list_that_is_not_what_the_head_signs_is_refused(
    person: Person, evil: Evil, lie: str
) -> None:
    evil.answer(listing(person), LIES[lie])

    last = commits(person) if lie == "the head is later than the history" else listing(person)
    refused(evil, person.unseen(), person, last)


def test_an_older_state_of_the_vault_is_a_rollback_on_the_same_device(
    person: Person, evil: Evil
) -> None:
    answers = recorded(evil, listing(person))
    client = person.client()
    person.values(client)
    person.put(client, A="newer")
    evil.answer(listing(person), lambda _: answers[0])

    assert refused(evil, person.client(), person, listing(person)) is Rollback


def test_an_older_state_of_the_vault_is_a_rollback_on_a_second_device(
    person: Person, evil: Evil
) -> None:
    answers = recorded(evil, listing(person))
    client = person.client()
    person.values(client)
    person.put(client, A="newer")
    evil.answer(listing(person), lambda _: answers[0])

    assert refused(evil, person.fresh(), person, listing(person)) is Rollback


def test_a_removed_secret_does_not_come_back(person: Person, evil: Evil) -> None:
    answers = recorded(evil, listing(person))
    client = person.unseen()
    person.values(client)
    person.remove(client, "A")
    evil.answer(listing(person), lambda media: media | {"secrets": answers[0]["secrets"]})

    assert refused(evil, person.unseen(), person, listing(person)) is Altered


def test_an_older_keyring_is_a_rollback(person: Person, evil: Evil) -> None:
    answers = recorded(evil, KEYRING)
    client = person.client()
    client.vaults()
    person.put(client, C="c")
    evil.answer(KEYRING, lambda _: answers[0])

    with pytest.raises(Rollback):
        person.client().vaults()

    assert evil.lines()[-1] == KEYRING


def test_a_keyring_under_a_later_revision_does_not_open(person: Person, evil: Evil) -> None:
    evil.answer(KEYRING, lambda media: media | {"revision": str(int(media["revision"]) + 1)})

    with pytest.raises(Broken):
        person.client().vaults()

    assert evil.lines() == [KEYRING]


def test_another_name_than_the_history_has_is_a_rollback(person: Person, evil: Evil) -> None:
    keys = person.client().sync(person.vault_id).keys
    fields = profile_fields(person.vault_id, 1, 1)
    plaintext = b'{"name":"other","description":"","icon":""}'
    other = seal.seal(keys[1], ObjectType.VAULT_PROFILE, fields, plaintext)

    def renamed(media: Any) -> Any:
        media["items"][0]["profile"]["blob"] = b64(other)
        return media

    evil.answer(VAULTS, renamed)

    assert refused(evil, person.client(), person, VAULTS) is Rollback


def test_a_vault_whose_key_nobody_gave_is_not_shown(person: Person, evil: Evil) -> None:
    def injected(media: Any) -> Any:
        return media | {"items": [*media["items"], media["items"][0] | {"vault_id": str(uuid4())}]}

    evil.answer(VAULTS, injected)

    assert [vault.id for vault in person.client().vaults()] == [person.vault_id]


def test_a_vault_that_is_kept_back_is_noticed(person: Person, evil: Evil) -> None:
    evil.answer(VAULTS, lambda media: media | {"items": []})
    client = person.client()

    assert client.vaults() == []
    assert client.withheld == [person.vault_id]


@pytest.mark.parametrize("kind", ["swapped", "dropped", "doubled", "another version", "null"])
def test_details_that_are_not_those_of_the_list_are_refused(
    person: Person, evil: Evil, kind: str
) -> None:
    def lie(media: Any) -> Any:
        one, other = media["items"]
        if kind == "swapped":
            one["details"], other["details"] = other["details"], one["details"]
        return {
            "swapped": media,
            "dropped": {"items": [one]},
            "doubled": {"items": [one, one]},
            "another version": {"items": [one | {"version": "0"}, other]},
            "null": {"items": [one | {"details": None}, other]},
        }[kind]

    evil.answer(reading(person), lie)

    refused(evil, person.client(), person, reading(person))


def test_an_older_value_is_a_rollback(person: Person, evil: Evil) -> None:
    answers = recorded(evil, reading(person))
    client = person.client()
    person.values(client)
    person.put(client, A="newer", B="newer")
    evil.answer(reading(person), lambda _: answers[0])

    assert refused(evil, person.client(), person, reading(person)) is Rollback


def test_values_that_are_always_newer_than_the_list_are_refused(person: Person, evil: Evil) -> None:
    def newer(media: Any) -> Any:
        media["items"][0]["version"] = "2"
        return media

    evil.answer(reading(person), newer)

    refused(evil, person.client(), person, accesses(person))
