"""A history is verified commit by commit, whole or in part, and an error changes nothing."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.keyarc import commits
from shared.keyarc.commits import Stale, State
from shared.keyarc.encoding import Broken
from tests.vectors import malformed
from tests.vectors.accounts import idcert
from tests.vectors.material import person, some_id
from tests.vectors.stories import (
    DATABASE,
    EXPIRES_MS,
    VAULT,
    join,
    put,
    story,
)

LAST = story().steps[-1].after


def test_a_commit_comes_back_from_its_bytes() -> None:
    for step in story().steps:
        commit = commits.parse(step.commit.raw, step.commit.signature)

        assert commit == step.commit
        assert commit.raw == commits.build(
            vault_id=commit.vault_id,
            seq=commit.seq,
            prev=commit.prev,
            time_ms=commit.time_ms,
            author_id=commit.author_id,
            author_key_epoch=commit.author_key_epoch,
            state=commit.state,
            ops=commit.ops,
        )


@pytest.mark.parametrize("seq", [1, 5, 7, 11])
def test_no_byte_of_a_commit_can_change(seq: int) -> None:
    step = story().steps[seq - 1]

    for at in range(len(step.commit.raw)):
        raw = bytearray(step.commit.raw)
        raw[at] ^= 1 << at % 8
        state = deepcopy(step.before)
        with pytest.raises(Broken):
            commits.apply(state, commits.parse(bytes(raw), step.commit.signature))
        assert state == step.before


def test_a_malformed_commit_is_broken_before_any_state_is_asked() -> None:
    cases = {why: one for why, one in malformed.make().items() if one.after > 0}
    assert len(cases) == 22

    for one in cases.values():
        with pytest.raises(Broken):
            commits.parse(one.raw, one.signature)


@pytest.mark.parametrize(("late", "joins"), [(-1, True), (0, True), (1, False)])
def test_an_invitation_ends_with_its_last_millisecond(late: int, joins: bool) -> None:
    before, stranger = story().steps[6].before, person("stranger")
    ops = [join("first", idcert("stranger"))]

    if joins:
        commits.apply(deepcopy(before), commits.write(before, stranger, EXPIRES_MS + late, ops))
    else:
        with pytest.raises(Broken):
            commits.write(before, stranger, EXPIRES_MS + late, ops)


def test_no_prefix_of_a_commit_is_one() -> None:
    commit = story().steps[0].commit

    for length in range(len(commit.raw)):
        with pytest.raises(Broken):
            commits.parse(commit.raw[:length], commit.signature)


@given(st.permutations(range(6)), st.integers(0, 6))
def test_commits_apply_in_their_order_and_in_no_other(order: list[int], count: int) -> None:
    state = State(VAULT)
    told = story().steps

    for at, chosen in enumerate(order[:count]):
        if chosen != at:
            with pytest.raises(Stale):
                commits.apply(state, told[chosen].commit)
            return
        commits.apply(state, told[chosen].commit)

    assert state == (told[count - 1].after if count else State(VAULT))


def test_writing_changes_nothing_until_the_commit_is_applied() -> None:
    state = deepcopy(LAST)

    commits.write(state, person("owner", 2), 0, [put(DATABASE, 3, 2)])

    assert state == LAST


def count(state: State) -> int:
    return sum(map(len, state.secrets.values()))


def test_ten_thousand_secrets_are_one_commit_and_one_more_is_none() -> None:
    state = deepcopy(LAST)
    many = [put(some_id(f"many {number}"), 1, 2) for number in range(10_001)]

    commit = commits.write(state, person("owner", 2), 0, many[:-1])
    commits.apply(state, commits.parse(commit.raw, commit.signature))

    assert count(state) == count(LAST) + 10_000
    with pytest.raises(Broken):
        commits.write(deepcopy(LAST), person("owner", 2), 0, many)
