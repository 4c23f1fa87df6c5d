"""A server that lies about how a vault came to be: forged commits, gaps, other beginnings."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.keyarc.account_keys import Identity
from shared.keyarc.client import Client
from shared.keyarc.commits import Commit, Delete, build, parse, write
from shared.keyarc.encoding import Broken, b64
from shared.keyarc.errors import Unreachable
from shared.keyarc.sync import VaultView
from shared.keyarc.vaults import Beginning
from tests.evil.server import Evil
from tests.keyarc_client.conftest import Person
from tests.keyarc_client.lies import VAULTS, commits, listing, refused


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
