"""A history is verified commit by commit, whole or in part, and an error changes nothing."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.keyarc import commits
from shared.keyarc.commits import Member, Profile, Put, Role, Stale, State
from shared.keyarc.encoding import Broken
from tests.vectors import malformed
from tests.vectors.accounts import idcert
from tests.vectors.material import person, some, some_id
from tests.vectors.stories import (
    DATABASE,
    EXPIRES_MS,
    OPENAI,
    STRIPE,
    VAULT,
    Step,
    join,
    put,
    secret_id,
    story,
)

LAST = story().steps[-1].after


def steps() -> list[Step]:
    assert len(story().steps) == 15
    return story().steps


def live(state: State) -> list[Put]:
    return [one for bucket in state.secrets.values() for one in bucket.values()]


def test_a_commit_comes_back_from_its_bytes() -> None:
    for step in steps():
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
    step = steps()[seq - 1]

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
    before, stranger = steps()[6].before, person("stranger")
    ops = [join("first", idcert("stranger"))]

    if joins:
        commits.apply(deepcopy(before), commits.write(before, stranger, EXPIRES_MS + late, ops))
    else:
        with pytest.raises(Broken):
            commits.write(before, stranger, EXPIRES_MS + late, ops)


def test_no_prefix_of_a_commit_is_one() -> None:
    commit = steps()[0].commit

    for length in range(len(commit.raw)):
        with pytest.raises(Broken):
            commits.parse(commit.raw[:length], commit.signature)


@given(st.permutations(range(6)), st.integers(0, 6))
def test_commits_apply_in_their_order_and_in_no_other(order: list[int], count: int) -> None:
    state = State(VAULT)
    told = steps()

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


def test_a_server_applies_with_the_touched_buckets_only() -> None:
    for step in steps():
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
    state = steps()[seq - 1].after.public()
    for step in steps()[seq:]:
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
    step = steps()[4]
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

    states = [LAST, *changed(), *(step.after for step in steps()[:-1])]

    assert len({state.hash() for state in states}) == len(states)


def test_ten_thousand_secrets_are_one_commit_and_one_more_is_none() -> None:
    state = deepcopy(LAST)
    many = [put(some_id(f"many {number}"), 1, 2) for number in range(10_001)]

    commit = commits.write(state, person("owner", 2), 0, many[:-1])
    commits.apply(state, commits.parse(commit.raw, commit.signature))

    assert len(live(state)) == len(live(LAST)) + 10_000
    with pytest.raises(Broken):
        commits.write(deepcopy(LAST), person("owner", 2), 0, many)
