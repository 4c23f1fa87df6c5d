"""What a vault adds up to: whole, in part at a server, or followed by a device from its pin."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.keyarc import commits
from shared.keyarc.commits import Member, Profile, Put, Role, State
from shared.keyarc.encoding import Broken
from tests.vectors.accounts import idcert
from tests.vectors.material import person, some, some_id
from tests.vectors.stories import (
    OPENAI,
    STRIPE,
    put,
    secret_id,
    story,
)

LAST = story().steps[-1].after


def live(state: State) -> list[Put]:
    return [one for bucket in state.secrets.values() for one in bucket.values()]


def test_a_server_applies_with_the_touched_buckets_only() -> None:
    for step in story().steps:
        if step.commit.seq == 1:
            continue
        whole = step.before
        assert whole.buckets is not None
        state = whole.public()
        state.buckets = list(whole.buckets)
        buckets = commits.touched(step.commit.ops)
        state.load(
            buckets,
            [one for bucket in buckets for one in whole.secrets[bucket].values()],
            {one: at for one, at in whole.deleted.items() if commits.bucket_of(one) in buckets},
        )
        author = whole.roster.get(step.commit.author_id)
        if author is not None:
            assert author.idcert is not None
            state.introduce(author.idcert)

        commits.apply(state, step.commit)

        assert state.buckets == step.after.buckets
        assert state.public() == step.after.public()
        for bucket in buckets:
            assert state.secrets[bucket] == step.after.secrets[bucket]


def test_rows_that_are_not_what_the_bucket_says_are_broken() -> None:
    assert LAST.buckets is not None
    bucket = commits.bucket_of(OPENAI)
    rows = list(LAST.secrets[bucket].values())
    other = secret_id("other", bucket)

    for wrong in ([], rows[1:], [*rows, put(other, 1, 2)], [*rows[1:], put(OPENAI, 3, 2)]):
        state = LAST.public()
        state.buckets = list(LAST.buckets)
        with pytest.raises(Broken):
            state.load({bucket}, wrong, {})
        assert state.secrets == {}


@pytest.mark.parametrize("seq", range(1, 16))
def test_a_device_follows_from_its_pin_and_settles_with_the_list(seq: int) -> None:
    state = story().steps[seq - 1].after.public()
    for step in story().steps[seq:]:
        author = step.before.roster.get(step.commit.author_id)
        if author is not None and author.idcert is not None:
            state.introduce(author.idcert)
        commits.apply(state, step.commit)

    state.settle(live(LAST), LAST.deleted)

    assert state.public() == LAST.public()
    assert (state.buckets, state.secrets) == (LAST.buckets, LAST.secrets)
    state.introduce(idcert("owner", 2))
    commits.apply(state, commits.write(state, person("owner", 2), 0, [put(STRIPE, 5, 2)]))
    assert state.secret(STRIPE) == put(STRIPE, 5, 2)


@given(st.data())
def test_a_list_that_the_head_does_not_sign_is_broken(data: st.DataObject) -> None:
    rows = live(LAST)
    one = data.draw(st.sampled_from(rows))
    rest = [row for row in rows if row is not one]
    wrong = data.draw(
        st.sampled_from(
            [
                rest,  # dropped
                [*rows, one],  # twice
                [*rows, put(some_id("new"), 1, 2)],  # injected
                [*rows, put(STRIPE, 3, 2)],  # resurrected
                [*rest, Put(one.secret_id, one.version + 1, one.epoch, *hashes(one))],
                [*rest, Put(one.secret_id, one.version, 1 + one.epoch % 2, *hashes(one))],
                [*rest, Put(one.secret_id, one.version, one.epoch, *reversed(hashes(one)))],
                [*rest, put(one.secret_id, one.version + 7, one.epoch)],
            ]
        )
    )
    state = LAST.public()

    with pytest.raises(Broken):
        state.settle(wrong, {})

    assert state == LAST.public()


def hashes(one: Put) -> tuple[bytes, bytes]:
    return one.overview_hash, one.details_hash


@given(st.data())
def test_a_list_settles_in_any_order(data: st.DataObject) -> None:
    state = LAST.public()

    state.settle(data.draw(st.permutations(live(LAST))), LAST.deleted)

    assert state.hash() == LAST.signed


def test_a_device_that_has_not_settled_writes_nothing() -> None:
    state = LAST.public()

    with pytest.raises(Broken):
        commits.write(state, person("owner", 2), 0, [Profile(2, bytes(32))])


def test_a_certificate_that_the_roster_does_not_name_is_not_introduced() -> None:
    state = LAST.public()

    for stranger in (idcert("stranger"), idcert("owner"), idcert("viewer")):
        with pytest.raises(Broken):
            state.introduce(stranger)


def test_a_member_whose_certificate_is_unknown_says_nothing() -> None:
    step = story().steps[4]
    state = step.before.public()

    with pytest.raises(Broken):
        commits.apply(state, step.commit)


def test_the_state_tells_apart_whatever_differs() -> None:
    def changed() -> list[State]:
        found = [deepcopy(LAST) for _ in range(9)]
        owner, stranger = person("owner").user_id, person("stranger").user_id
        found[0].roster[owner] = Member(Role.ADMIN, LAST.roster[owner].idcert_hash)
        found[1].roster[owner] = Member(Role.OWNER, some("hash", 32))
        found[2].roster[stranger] = Member(Role.VIEWER, some("hash", 32))
        found[3].roster.pop(owner)
        found[4].epochs.append(some("vkc", 32))
        found[5].epochs.reverse()
        found[6].profile = None
        found[7].profile = commits.ProfileMark(2, 10, some("blob", 32))
        assert found[8].buckets is not None
        found[8].buckets[0], found[8].buckets[1] = found[8].buckets[1], found[8].buckets[0]
        return found

    states = [LAST, *changed(), *(step.after for step in story().steps[:-1])]

    assert len({state.hash() for state in states}) == len(states)
