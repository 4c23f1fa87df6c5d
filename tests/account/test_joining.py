"""The answer to an invitation: signed by who joins and by the link, and taken once."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from shared import limits
from shared.db import Connection
from shared.keyarc.account_keys import Identity
from shared.keyarc.commits import Commit, Join, Role, Uninvite
from shared.keyarc.encoding import b64
from shared.limits import Rule
from tests import rosters, vaults
from tests.clients import Client
from tests.rosters import Invited, Link
from tests.rows import nothing_stored
from tests.vaults import Person


def test_a_lost_answer_is_given_again(
    conn: Connection, account: Client, keys: Client, invited: Invited, another: Person
) -> None:
    commit = invited.link.join(invited.vault, another)
    joiner = account.as_(another)
    first = joiner.post(invited.link.url, json=rosters.signed(commit))
    invited.vault.accept(commit)
    invited.vault.fill(keys, 1)

    with nothing_stored(conn):
        again = joiner.post(invited.link.url, json=rosters.signed(commit))

    assert (again.status_code, again.json) == (first.status_code, first.json)


def test_a_joiner_who_was_slower_is_told_the_newer_head(
    conn: Connection, account: Client, keys: Client, invited: Invited, another: Person
) -> None:
    commit = invited.link.join(invited.vault, another)
    invited.vault.fill(keys, 1)

    with nothing_stored(conn):
        late = account.as_(another).post(invited.link.url, json=rosters.signed(commit))

    assert (late.status_code, late.json["type"]) == (409, "/problems/stale-head")
    assert late.json["head"]["hash"] == b64(invited.vault.state.head)
    assert invited.link.answer(account, invited.vault, another).status_code == 201


def test_a_member_does_not_join_again(
    conn: Connection, account: Client, invited: Invited, another: Person
) -> None:
    """It would be another role: that is up to the owners."""
    commit = invited.link.join(invited.vault, another)
    invited.change(rosters.add(another, Role.VIEWER))

    with nothing_stored(conn):
        response = account.as_(another).post(invited.link.url, json=rosters.signed(commit))

    assert (response.status_code, response.json["type"]) == (409, "/problems/already-member")


def with_another_link(it: Invited, joiner: Person) -> Commit:
    return it.vault.forge([replace(op(it, joiner), invite_id=Link().invite_id)], joiner)


def with_another_key(it: Invited, joiner: Person) -> Commit:
    forged = Link(invite_id=it.link.invite_id)
    return it.vault.forge([op(it, joiner, forged)], joiner)


def with_other_keys_of_one_s_own(it: Invited, joiner: Person) -> Commit:
    joiner = replace(joiner, identity=Identity.make(joiner.user_id))
    return it.link.join(it.vault, joiner)


def with_the_answer_of_somebody_else(it: Invited, joiner: Person) -> Commit:
    return it.vault.forge([op(it, vaults.person(it.conn))], joiner)


def with_the_answer_for_another_vault(it: Invited, joiner: Person) -> Commit:
    other = vaults.begin(it.conn)
    return it.vault.forge([op(replace(it, vault=other), joiner)], joiner)


def with_more(it: Invited, joiner: Person) -> Commit:
    return it.vault.forge([Uninvite(it.link.invite_id)], joiner)


def op(it: Invited, joiner: Person, link: Link | None = None) -> Join:
    return (link or it.link).accepted(it.vault.id, joiner)


FORGERIES = (
    with_another_key,
    with_another_link,
    with_more,
    with_other_keys_of_one_s_own,
    with_the_answer_for_another_vault,
    with_the_answer_of_somebody_else,
)


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forged_answer_is_refused(
    conn: Connection,
    account: Client,
    invited: Invited,
    another: Person,
    forge: Callable[[Invited, Person], Commit],
) -> None:
    """M37: nobody but the link's holder joins, and under no keys but their own."""
    commit = forge(invited, another)

    with nothing_stored(conn):
        response = account.as_(another).post(invited.link.url, json=rosters.signed(commit))

    assert (response.status_code, response.json["type"]) == (422, "/problems/broken-commit")


def test_guesses_are_counted_and_finds_are_not(
    account: Client, invited: Invited, another: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "INVITATION_PERSON", Rule("invitation.person", 3, 3600, 60, 3600))
    guesser = account.as_(another)

    found = [guesser.get(invited.link.url).status_code for _ in range(4)]
    guessed = [guesser.get(Link().url).status_code for _ in range(4)]

    assert (found, guessed) == ([200] * 4, [404, 404, 404, 429])
