"""A server that lies about vaults: each lie is told, and nothing is sent afterwards."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.keyarc import seal
from shared.keyarc.account_keys import Identity
from shared.keyarc.client import Client
from shared.keyarc.commits import Commit, Delete, build, parse, write
from shared.keyarc.encoding import Broken, ObjectType, b64
from shared.keyarc.errors import Rollback, Unreachable
from shared.keyarc.sync import VaultView
from shared.keyarc.vault_keys import profile_fields
from shared.keyarc.vaults import Beginning
from tests.keyarc_client.conftest import Person
from tests.keyarc_client.evil import Evil

KEYRING = "GET /api/account/keyring"
VAULTS = "GET /api/account/vaults"


def listing(person: Person) -> str:
    return f"GET /api/keys/vaults/{person.vault_id}/secrets"


def commits(person: Person) -> str:
    return f"GET /api/keys/vaults/{person.vault_id}/commits"


def reading(person: Person) -> str:
    return f"POST /api/keys/vaults/{person.vault_id}/secrets/read"


def recorded(evil: Evil, line: str) -> list[Any]:
    """Keep what honest services answer to *line* from now on."""
    answers: list[Any] = []

    def keep(media: Any) -> Any:
        answers.append(media)
        return media

    evil.answer(line, keep)
    return answers


def refused(evil: Evil, client: Client, person: Person, last: str) -> type[BaseException]:
    """Hold that reading is refused, that *last* was the last request, and that none follows."""
    with pytest.raises(Broken) as caught:
        person.values(client)
    assert evil.lines()[-1].startswith(last)
    with pytest.raises(Broken):
        client.sync(person.vault_id)
    with pytest.raises(Broken):
        person.put(client, C="c")
    assert evil.lines() == []
    return caught.type


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
    refused(evil, person.client(), person, last)


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
    client = person.client()
    person.values(client)
    person.remove(client, "A")
    evil.answer(listing(person), lambda media: media | {"secrets": answers[0]["secrets"]})

    refused(evil, person.client(), person, listing(person))


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

    refused(evil, person.client(), person, listing(person))


def forged(view: VaultView, author: Identity) -> Commit:
    """Make the next commit, which removes a secret: right in everything but its author."""
    state, removed = view.state, next(iter(view.secrets))
    ops = [Delete(removed, state.next_version(removed))]
    if author.user_id in state.roster:
        return write(state, author, 0, ops)
    raw = build(
        vault_id=state.vault_id,
        seq=state.seq + 1,
        prev=state.head,
        time_ms=0,
        author_id=author.user_id,
        author_key_epoch=1,
        state=bytes(32),
        ops=ops,
    )
    return parse(raw, author.sign(raw))


@pytest.mark.parametrize("in_the_owners_name", [True, False])
def test_a_commit_that_no_member_signed_is_refused(
    person: Person, evil: Evil, in_the_owners_name: bool
) -> None:
    view = person.client().sync(person.vault_id)
    owner = next(iter(view.state.roster))
    commit = forged(view, Identity.make(owner if in_the_owners_name else uuid4()))
    said = {"seq": str(commit.seq), "hash": b64(commit.hash), "state": b64(commit.state)}
    removed = str(next(iter(view.secrets)))

    def without(media: Any) -> Any:
        left = [one for one in media["secrets"] if one["secret_id"] != removed]
        return media | {"head": said, "secrets": left}

    page = {"commit": b64(commit.raw), "signature": b64(commit.signature), "seq": said["seq"]}
    evil.answer(listing(person), without)
    evil.answer(commits(person), lambda _: {"items": [page], "next": None})

    refused(evil, person.client(), person, commits(person))


GAPS: dict[str, Callable[[Any], Any]] = {
    "kept back": lambda media: media | {"items": []},
    "out of order": lambda media: media | {"items": media["items"][::-1]},
    "the first left out": lambda media: media | {"items": media["items"][1:]},
    "the first twice": lambda media: media | {"items": [media["items"][0]] * 2},
}


@pytest.mark.parametrize("gap", GAPS)
def test_a_history_with_gaps_is_refused(person: Person, evil: Evil, gap: str) -> None:
    behind = person.client()
    behind.vaults()
    ahead = person.fresh()
    person.put(ahead, A="2")
    person.put(ahead, A="3")
    evil.answer(commits(person), GAPS[gap])
    evil.lines()

    with pytest.raises(Broken):
        behind.sync(person.vault_id)

    assert evil.lines()[-1].startswith(commits(person))


def test_an_answer_that_names_another_commit_is_refused(person: Person, evil: Evil) -> None:
    line = f"POST /api/keys/vaults/{person.vault_id}/commits"
    evil.answer(line, lambda media: media | {"hash": b64(bytes(32))})
    client = person.client()

    with pytest.raises(Broken):
        person.put(client, C="c")

    assert evil.lines()[-1] == line


def interrupted(person: Person, evil: Evil) -> tuple[Client, Any]:
    """Begin a second vault whose first commit never arrives, and give its request."""
    evil.withheld.add("POST /api/account/vaults")
    client = person.client()
    with pytest.raises(Unreachable):
        client.create_vault("second")
    evil.withheld.clear()
    return client, evil.requests[-1].body


def listed(new: Beginning) -> Callable[[Any], Any]:
    """Let the vaults be those and one more, as *new* begins it."""
    commit = new.commit
    head = {"seq": "1", "hash": b64(commit.hash), "state": b64(commit.state)}
    profile = {"epoch": "1", "seq": "1", "blob": new.body["profile"]}
    vault = {"vault_id": str(new.vault_id), "head": head, "profile": profile, "secrets": 0}
    return lambda media: media | {"items": [*media["items"], vault | {"members": []}]}


def history_of(new: Beginning) -> dict[str, Any]:
    one = {name: new.body[name] for name in ("commit", "signature")}
    return {"items": [{"seq": "1", **one}], "next": None}


def test_a_vault_whose_making_was_interrupted_is_not_shown(person: Person, evil: Evil) -> None:
    client, _ = interrupted(person, evil)

    assert [vault.name for vault in client.vaults()] == ["work"]


def test_a_genesis_by_somebody_else_is_not_ones_own_vault(person: Person, evil: Evil) -> None:
    client, body = interrupted(person, evil)
    owner = next(iter(client.sync(person.vault_id).state.roster))
    theirs = Beginning(Identity.make(owner), "second", "", "", UUID(body["vault_id"]))
    evil.answer(VAULTS, listed(theirs))
    line = f"GET /api/keys/vaults/{theirs.vault_id}/commits"
    evil.replies[line] = history_of(theirs)

    with pytest.raises(Broken):
        client.vaults()

    assert evil.lines()[-1].startswith(line)
