"""Vectors of commits that must be refused, each wrong in one way only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.keyarc import commits
from shared.keyarc.account_keys import Identity
from shared.keyarc.commits import (
    Add,
    Delete,
    How,
    Op,
    Remove,
    Role,
    Rotate,
    SetRole,
    State,
)
from shared.keyarc.commits.state import bucket_hash
from tests.vectors.accounts import idcert
from tests.vectors.material import person, some, some_id
from tests.vectors.stories import (
    OPENAI,
    START_MS,
    VAULT,
    invite,
    put,
    secret_id,
    story,
)

Change = Callable[[State], None]
FRESH = secret_id("fresh", 0x11)


@dataclass
class Forgery:
    """A commit to try on the state after commit *after*, and the error that it must end in."""

    after: int
    error: str
    raw: bytes
    signature: bytes


def forge(
    after: int,
    error: str,
    author: Identity,
    ops: Sequence[Op],
    change: Change | None = None,
    **different: Any,
) -> Forgery:
    """Return a commit that is right but for what is asked for.

    Its state is what *ops* would lead to for an owner, or what *change* makes of the state.
    """
    state = story().steps[after - 1].after
    draft = state.draft(ops)
    if change is None:
        written = commits.write(state, _some_owner(state), START_MS, ops)
        draft.signed = written.state
    else:
        change(draft)
        draft.signed = draft.hash()
    right: dict[str, Any] = {
        "vault_id": VAULT,
        "seq": state.seq + 1,
        "prev": state.head,
        "time_ms": START_MS,
        "author_id": author.user_id,
        "author_key_epoch": author.key_epoch,
        "state": draft.signed,
        "ops": ops,
    }
    raw = commits.build(**(right | different))
    return Forgery(after, error, raw, author.sign(raw))


def _some_owner(state: State) -> Identity:
    certificate = state.roster[person("owner").user_id].idcert
    assert certificate is not None
    return person("owner", certificate.key_epoch)


def forced(*puts: commits.Put) -> Change:
    """Return the change of puts that no rule has seen."""

    def change(state: State) -> None:
        assert state.buckets is not None
        for one in puts:
            bucket = commits.bucket_of(one.secret_id)
            state.secrets[bucket][one.secret_id] = one
            state.buckets[bucket] = bucket_hash(state.secrets[bucket].values())

    return change


def nothing(_state: State) -> None:
    """Leave the state as it is."""


def gone(state: State) -> None:
    bucket = commits.bucket_of(OPENAI)
    del state.secrets[bucket][OPENAI]
    assert state.buckets is not None
    state.buckets[bucket] = bucket_hash(state.secrets[bucket].values())


def with_member(name: str, role: Role) -> Change:
    def change(state: State) -> None:
        state.roster[person(name).user_id] = commits.Member(role, idcert(name).hash)

    return change


def without(name: str) -> Change:
    def change(state: State) -> None:
        del state.roster[person(name).user_id]

    return change


def by_role() -> dict[str, Forgery]:
    """Return what the author's role forbids, on the state after commit 4."""
    owner, admin, member, viewer = map(person, ("owner", "admin", "member", "viewer"))
    cert = idcert("stranger")
    profile = commits.Profile(1, some("profile x", 32))
    first = commits.Uninvite(some_id("invite first"))
    asked: dict[str, tuple[Identity, Op]] = {
        "a stranger puts": (person("stranger"), put(FRESH, 1)),
        "a viewer puts": (viewer, put(FRESH, 1)),
        "a viewer deletes": (viewer, Delete(OPENAI, 2)),
        "a viewer renames the vault": (viewer, profile),
        "a member adds": (member, Add(cert, Role.VIEWER, How.WORDS)),
        "a member changes a role": (member, SetRole(viewer.user_id, Role.MEMBER)),
        "a member raises their own role": (member, SetRole(member.user_id, Role.OWNER)),
        "a member removes another": (member, Remove(viewer.user_id)),
        "a member rotates": (member, Rotate(2, some("vkc", 32))),
        "a member renames the vault": (member, profile),
        "a member invites": (member, invite("x", Role.VIEWER)),
        "a member takes an invitation back": (member, first),
        "an admin adds an admin": (admin, Add(cert, Role.ADMIN, How.WORDS)),
        "an admin adds an owner": (admin, Add(cert, Role.OWNER, How.WORDS)),
        "an admin changes a role": (admin, SetRole(viewer.user_id, Role.MEMBER)),
        "an admin invites an admin": (admin, invite("x", Role.ADMIN)),
        "an admin invites an owner": (admin, invite("x", Role.OWNER)),
    }
    found = {why: forge(4, "forbidden", who, [op]) for why, (who, op) in asked.items()}
    found["an admin removes an owner"] = forge(9, "forbidden", admin, [Remove(member.user_id)])
    found["the last owner leaves"] = forge(
        4, "forbidden", owner, [Remove(owner.user_id)], without("owner")
    )
    found["the last owner becomes a viewer"] = forge(
        4,
        "forbidden",
        owner,
        [SetRole(owner.user_id, Role.VIEWER)],
        with_member("owner", Role.VIEWER),
    )
    found["someone changes another's key"] = forge(
        10, "forbidden", admin, [commits.Rekey(idcert("owner", 2))]
    )
    found["a member raised in the same commit uses the new role at once"] = forge(
        4,
        "forbidden",
        member,
        [SetRole(member.user_id, Role.OWNER), profile],
    )
    return found


def by_place() -> dict[str, Forgery]:
    """Return what does not follow the head, is of another vault or in another's name."""
    owner, admin = person("owner"), person("admin")
    ops = [put(FRESH, 1)]
    again = story().steps[3].commit
    good = forge(4, "", owner, ops)
    return {
        "the head once more": Forgery(4, "stale", again.raw, again.signature),
        "a fork": forge(4, "stale", owner, ops, prev=some("another head", 32)),
        "a commit left out": forge(4, "stale", owner, ops, seq=6),
        "an older number": forge(4, "stale", owner, ops, seq=4),
        "another vault": forge(4, "broken", owner, ops, vault_id=some_id("another vault")),
        "another state": forge(4, "broken", owner, ops, state=some("another state", 32)),
        "the state before": forge(4, "broken", owner, ops, nothing),
        "in another's name": forge(4, "broken", admin, ops, author_id=owner.user_id),
        "another key epoch": forge(4, "broken", owner, ops, author_key_epoch=2),
        "the key before the last": forge(11, "broken", owner, [put(FRESH, 1, 2)]),
        "signature changed": Forgery(
            4, "broken", good.raw, good.signature[:-1] + bytes([good.signature[-1] ^ 1])
        ),
        "signature too short": Forgery(4, "broken", good.raw, good.signature[:-1]),
        "another time than the signed one": Forgery(
            4, "broken", good.raw.replace(START_MS.to_bytes(8, "big"), bytes(8)), good.signature
        ),
    }
