"""Commits by people who may, of ops that the state does not admit."""

from collections.abc import Sequence

from shared.keyarc import commits
from shared.keyarc.account_keys import Identity
from shared.keyarc.commits import Add, Delete, How, Op, Remove, Role, Rotate, SetRole
from tests.vectors.accounts import idcert
from tests.vectors.forgeries import (
    FRESH,
    Change,
    Forgery,
    forced,
    forge,
    gone,
    nothing,
    with_member,
    without,
)
from tests.vectors.material import person, some, some_id
from tests.vectors.stories import (
    DATABASE,
    EXPIRES_MS,
    OPENAI,
    START_MS,
    STRIPE,
    VAULT,
    invite,
    invite_key,
    join,
    put,
)

Case = tuple[int, Sequence[Op], Change]


def make() -> dict[str, Forgery]:
    """Return the misdeeds by what is wrong with them."""
    found = {
        why: forge(after, "broken", _owner(after), ops, change)
        for why, (after, ops, change) in (_secrets() | _people() | _vault()).items()
    }
    return found | _joins() | _rekeys()


def _owner(after: int) -> Identity:
    return person("owner", 2 if after > 10 else 1)


def _secrets() -> dict[str, Case]:
    skipped, again, old = put(DATABASE, 3), put(DATABASE, 1), put(FRESH, 1, 1)
    zero, late, early = put(FRESH, 0), put(FRESH, 1, 2), put(FRESH, 1, 0)
    return {
        "a new secret begins at version 2": (4, [put(FRESH, 2)], forced(put(FRESH, 2))),
        "a new secret begins at version 0": (4, [zero], forced(zero)),
        "a version is left out": (4, [skipped], forced(skipped)),
        "a version comes again": (4, [again], forced(again)),
        "a deleted secret begins anew": (5, [put(STRIPE, 1)], forced(put(STRIPE, 1))),
        "a deleted secret takes the deletion's version": (
            5,
            [put(STRIPE, 2)],
            forced(put(STRIPE, 2)),
        ),
        "a put under an old epoch": (10, [old], forced(old)),
        "a put under a coming epoch": (4, [late], forced(late)),
        "a put under epoch 0": (4, [early], forced(early)),
        "a deletion of what is not there": (4, [Delete(FRESH, 1)], nothing),
        "a deletion of what is deleted": (5, [Delete(STRIPE, 3)], nothing),
        "a deletion with the live version": (4, [Delete(OPENAI, 1)], gone),
        "a deletion that skips a version": (4, [Delete(OPENAI, 3)], gone),
        "a secret put twice": (4, [put(FRESH, 1), put(FRESH, 2)], forced(put(FRESH, 2))),
        "a secret put and deleted": (4, [put(FRESH, 1), Delete(FRESH, 2)], nothing),
        "a secret deleted and put": (
            4,
            [Delete(OPENAI, 2), put(OPENAI, 3)],
            forced(put(OPENAI, 3)),
        ),
    }


def _people() -> dict[str, Case]:
    stranger, member = person("stranger").user_id, person("member").user_id
    again = Add(idcert("member"), Role.MEMBER, How.WORDS)
    added = Add(idcert("stranger"), Role.VIEWER, How.WORDS)
    return {
        "a member added again": (4, [again], nothing),
        "someone added twice": (4, [added, added], with_member("stranger", Role.VIEWER)),
        "someone added and removed": (4, [added, Remove(stranger)], nothing),
        "someone removed and added": (4, [Remove(member), again], nothing),
        "a role for a stranger": (4, [SetRole(stranger, Role.VIEWER)], nothing),
        "two roles for one member": (
            4,
            [SetRole(member, Role.ADMIN), SetRole(member, Role.VIEWER)],
            with_member("member", Role.VIEWER),
        ),
        "a stranger removed": (4, [Remove(stranger)], nothing),
        "a member removed twice": (4, [Remove(member), Remove(member)], without("member")),
    }


def _vault() -> dict[str, Case]:
    def rotated(*added: bytes) -> Change:
        def change(state: commits.State) -> None:
            state.epochs.extend(added)
            state.invites.clear()

        return change

    def profile(epoch: int) -> Change:
        def change(state: commits.State) -> None:
            state.profile = commits.ProfileMark(epoch, 5, key)

        return change

    def invites(*opened: commits.Invite) -> Change:
        return lambda state: state.invites.update({one.invite_id: one for one in opened})

    key, other = some("vkc", 32), some("vkc 2", 32)
    open_already = invite("first", Role.MEMBER)
    genesis = commits.Genesis(idcert("owner"), key)
    unknown = commits.Uninvite(some_id("invite unknown"))
    return {
        "an epoch is left out": (4, [Rotate(3, key)], rotated(key)),
        "an epoch comes again": (4, [Rotate(1, key)], rotated(key)),
        "two rotations": (4, [Rotate(2, key), Rotate(3, other)], rotated(key, other)),
        "a profile under a coming epoch": (4, [commits.Profile(2, key)], profile(2)),
        "two profiles": (4, [commits.Profile(1, other), commits.Profile(1, key)], profile(1)),
        "an unknown invitation taken back": (4, [unknown], nothing),
        "an invitation taken back twice": (
            8,
            [commits.Uninvite(some_id("invite second"))],
            nothing,
        ),
        "an invitation given again": (4, [open_already], invites(open_already)),
        "an invitation given and taken back": (
            4,
            [invite("x", Role.VIEWER), commits.Uninvite(some_id("invite x"))],
            nothing,
        ),
        "a second genesis": (4, [genesis], nothing),
        "a genesis among other ops": (4, [put(FRESH, 1), genesis], forced(put(FRESH, 1))),
    }


def _joins() -> dict[str, Forgery]:
    stranger, cert = person("stranger"), idcert("stranger")
    joined = with_member("stranger", Role.VIEWER)
    good = join("first", cert)
    other_vault = commits.join_message(some_id("another vault"), good.invite_id, cert)
    cases: dict[str, tuple[int, Identity, Sequence[Op], int]] = {
        "an unknown invitation answered": (4, stranger, [join("unknown", cert)], START_MS),
        "an invitation answered twice": (7, stranger, [good], START_MS),
        "an invitation answered that was taken back": (
            8,
            stranger,
            [join("second", cert)],
            START_MS,
        ),
        "an invitation answered that a rotation ended": (
            10,
            stranger,
            [join("third", cert)],
            START_MS,
        ),
        "an invitation answered too late": (4, stranger, [good], EXPIRES_MS + 1),
        "an invitation answered in another's name": (4, person("joiner"), [good], START_MS),
        "an invitation answered with another's certificate": (
            4,
            stranger,
            [commits.Join(good.invite_id, idcert("joiner"), good.signature)],
            START_MS,
        ),
        "an invitation answered without its key": (
            4,
            stranger,
            [commits.Join(good.invite_id, cert, stranger.sign(b"keyarc/ka1/sig/join\0"))],
            START_MS,
        ),
        "an invitation of another vault answered": (
            4,
            stranger,
            [commits.Join(good.invite_id, cert, invite_key("first").sign(other_vault))],
            START_MS,
        ),
        "an invitation answered among other ops": (
            4,
            stranger,
            [good, commits.Uninvite(some_id("invite second"))],
            START_MS,
        ),
        "an invitation answered by a member": (
            4,
            person("member"),
            [join("first", idcert("member"))],
            START_MS,
        ),
    }
    return {
        why: forge(after, "broken", author, ops, joined, time_ms=time_ms, vault_id=VAULT)
        for why, (after, author, ops, time_ms) in cases.items()
    }


def _rekeys() -> dict[str, Forgery]:
    owner, stranger = person("owner"), person("stranger")
    usurper = Identity(owner.user_id, stranger.ed_seed, stranger.x_seed, 2)
    return {
        "a new key that the old one did not sign": forge(
            4, "broken", owner, [commits.Rekey(usurper.idcert(stranger))], nothing
        ),
        "a new key that skips an epoch": forge(
            4, "broken", owner, [commits.Rekey(person("owner", 3).idcert(owner))], nothing
        ),
        "the same key again": forge(4, "broken", owner, [commits.Rekey(idcert("owner"))], nothing),
        "a new key in its own name": forge(
            4, "broken", person("owner", 2), [commits.Rekey(idcert("owner", 2))], nothing
        ),
    }
