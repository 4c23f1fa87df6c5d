"""Any sequence of commits ends as the plain model of the rules says, in both of its verdicts."""

from collections.abc import Callable
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.keyarc import commits
from shared.keyarc.account_keys import Identity
from shared.keyarc.commits import Forbidden, How, Member, Op, Role, State
from shared.keyarc.commits.state import bucket_hash
from shared.keyarc.encoding import Broken
from tests.keyarc.roster_model import MAY, RANKS, Deed, Model, Senseless, Unlawful
from tests.vectors.accounts import idcert
from tests.vectors.material import person, some, some_id
from tests.vectors.stories import VAULT, invite, join, put, secret_id

PEOPLE = ("owner", "admin", "member", "viewer", "joiner")
INVITES = ("first", "second")
SECRETS = {"a": secret_id("a", 7), "b": secret_id("b", 7), "c": secret_id("c", 200)}

ROLES = st.sampled_from(RANKS)
DEEDS = st.one_of(
    st.builds(Deed, st.sampled_from(["add", "role"]), st.sampled_from(PEOPLE), ROLES),
    st.builds(Deed, st.just("remove"), st.sampled_from(PEOPLE)),
    st.builds(Deed, st.just("invite"), st.sampled_from(INVITES), ROLES),
    st.builds(Deed, st.sampled_from(["uninvite", "join"]), st.sampled_from(INVITES)),
    st.builds(Deed, st.sampled_from(["put", "delete"]), st.sampled_from(list(SECRETS))),
    st.builds(Deed, st.sampled_from(["rotate", "profile"])),
)
# Mostly single ops by people who may, so that histories go on.
COMMITS = st.tuples(
    st.sampled_from(("owner", "owner", *PEOPLE)), st.lists(DEEDS, min_size=1, max_size=3)
)


def role(name: str) -> Role:
    return Role[name.upper()]


def op(model: Model, author: str, deed: Deed) -> Op:
    """Return the op of a deed, whose numbers follow on *model*."""
    whom, version = deed.whom, model.next(deed.whom)
    make: dict[str, Callable[[], Op]] = {
        "add": lambda: commits.Add(idcert(whom), role(deed.role), How.WORDS),
        "role": lambda: commits.SetRole(some_id(whom), role(deed.role)),
        "remove": lambda: commits.Remove(some_id(whom)),
        "invite": lambda: invite(whom, role(deed.role)),
        "uninvite": lambda: commits.Uninvite(some_id(f"invite {whom}")),
        "join": lambda: join(whom, idcert(author)),
        "put": lambda: put(SECRETS[whom], version, model.epochs),
        "delete": lambda: commits.Delete(SECRETS[whom], version),
        "rotate": lambda: commits.Rotate(model.epochs + 1, some(f"vkc {model.epochs + 1}", 32)),
        "profile": lambda: commits.Profile(model.epochs, some(f"p {model.profiles + 1}", 32)),
    }
    return make[deed.what]()


def ops_of(model: Model, author: str, deeds: list[Deed]) -> list[Op]:
    """Return the ops of a commit, each numbered after the ones before it."""
    so_far = model.copy()
    found: list[Op] = []
    for deed in deeds:
        found.append(op(so_far, author, deed))
        if deed.what == "rotate":
            so_far.epochs += 1
    return found


def begin() -> tuple[State, Model]:
    state = State(VAULT)
    genesis: list[Op] = [
        commits.Genesis(idcert("owner"), some("vkc 1", 32)),
        commits.Profile(1, some("profile 1", 32)),
    ]
    commits.apply(state, commits.write(state, person("owner"), 0, genesis))
    return state, Model({"owner": "owner"})


def forged(state: State, author: Identity, ops: list[Op]) -> commits.Commit:
    """Return a commit that no rule has seen: its state is that of its puts alone."""
    draft = state.draft(ops)
    assert draft.buckets is not None
    for one in ops:
        match one:
            case commits.Put():
                draft.secrets[commits.bucket_of(one.secret_id)][one.secret_id] = one
            case commits.Delete():
                draft.secrets[commits.bucket_of(one.secret_id)].pop(one.secret_id, None)
            case commits.Remove():
                draft.roster.pop(one.user_id, None)
            case commits.SetRole() if one.user_id in draft.roster:
                member = draft.roster[one.user_id]
                draft.roster[one.user_id] = Member(one.role, member.idcert_hash)
            case commits.Add():
                draft.roster[one.idcert.user_id] = Member(one.role, one.idcert.hash)
    for bucket in commits.touched(ops):
        draft.buckets[bucket] = bucket_hash(draft.secrets[bucket].values())
    raw = commits.build(
        vault_id=VAULT,
        seq=state.seq + 1,
        prev=state.head,
        time_ms=0,
        author_id=author.user_id,
        author_key_epoch=1,
        state=draft.hash(),
        ops=ops,
    )
    return commits.parse(raw, author.sign(raw))


def seen(state: State) -> Model:
    """Return what a state says, in the words of the model."""
    names = {some_id(name): name for name in PEOPLE}
    invites = {some_id(f"invite {name}"): name for name in INVITES}
    secrets = {one: name for name, one in SECRETS.items()}
    return Model(
        {names[one]: who.role.name.lower() for one, who in state.roster.items()},
        {invites[one]: opened.role.name.lower() for one, opened in state.invites.items()},
        {
            secrets[one]: row.version
            for bucket in state.secrets.values()
            for one, row in bucket.items()
        },
        {secrets[one]: version for one, version in state.deleted.items()},
        state.epoch,
        0,
    )


def check(state: State, author: str, ops: list[Op], error: type[Broken]) -> None:
    """Hold that neither an honest client writes these ops nor a forger gets them in."""
    before = deepcopy(state)
    with pytest.raises(Broken) as caught:
        commits.write(state, person(author), 0, ops)
    assert caught.type is error
    with pytest.raises(Broken):
        commits.apply(state, forged(state, person(author), ops))
    assert state == before


CREWS = st.dictionaries(st.sampled_from(PEOPLE[1:]), ROLES)


@settings(max_examples=200, deadline=None)
@given(CREWS, ROLES, st.lists(COMMITS, min_size=1, max_size=15))
def test_any_history_ends_as_the_model_says(
    crew: dict[str, str], invited: str, history: list[tuple[str, list[Deed]]]
) -> None:
    state, model = begin()
    first = [Deed("add", name, given) for name, given in crew.items()]
    first += [Deed("invite", "first", invited), Deed("put", "a"), Deed("put", "b")]

    for author, deeds in [("owner", first), *history]:
        ops = ops_of(model, author, deeds)
        try:
            after = model.after(author, deeds)
        except Unlawful:
            check(state, author, ops, Forbidden)
        except Senseless:
            check_senseless(state, author, ops)
        else:
            commits.apply(state, commits.write(state, person(author), 0, ops))
            model = after

        expected = model.copy()
        expected.profiles = 0
        assert seen(state) == expected


def check_senseless(state: State, author: str, ops: list[Op]) -> None:
    before = deepcopy(state)
    with pytest.raises(Broken):
        commits.apply(state, commits.write(state, person(author), 0, ops))
    assert state == before


@pytest.mark.parametrize("author", RANKS)
@pytest.mark.parametrize("what", MAY)
def test_each_role_may_do_what_the_table_says(author: str, what: str) -> None:
    state, model = begin()
    crew = [("add", "admin"), ("add", "member"), ("add", "viewer"), ("add", "joiner")]
    deeds = [Deed(deed, name, name if name in RANKS else "viewer") for deed, name in crew]
    deeds += [Deed("put", "a"), Deed("invite", "first", "viewer")]
    commits.apply(state, commits.write(state, person("owner"), 0, ops_of(model, "owner", deeds)))
    model = model.after("owner", deeds)
    whom = {"put": "b", "delete": "a", "role": "joiner", "uninvite": "first"}.get(what, "")
    ops = ops_of(model, author, [Deed(what, whom, "member")])

    if author in MAY[what]:
        commits.apply(state, commits.write(state, person(author), 0, ops))
    else:
        check(state, author, ops, Forbidden)
