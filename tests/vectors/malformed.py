"""Commits that no state admits, because of how they are written."""

from shared.keyarc import commits
from shared.keyarc.commits import How, Role
from shared.keyarc.commits.ops import body, write_op
from shared.keyarc.encoding import lp32
from tests.vectors.accounts import ED_8, idcert
from tests.vectors.forgeries import FRESH, Forgery, forced, forge
from tests.vectors.material import person, some
from tests.vectors.stories import START_MS, VAULT, invite, put

_GOOD = put(FRESH, 1)
_COUNT = len(b"keyarc/ka1/commit\0") + 16 + 8 + 32 + 8 + 16 + 8 + 32


def make() -> dict[str, Forgery]:
    """Return the malformed commits by what is wrong with them."""
    return {
        why: Forgery(4, "broken", raw, person("owner").sign(raw))
        for why, raw in (_frames() | _ops()).items()
    } | _beginnings()


def _frames() -> dict[str, bytes]:
    good = forge(4, "", person("owner"), [_GOOD], forced(_GOOD)).raw
    head, op = good[:_COUNT], good[_COUNT + 4 :]
    return {
        "empty": b"",
        "one byte short": good[:-1],
        "one byte long": good + b"\0",
        "another prefix": b"keyarc/ka1/commiT\0" + good[18:],
        "no ops": head + bytes(4),
        "fewer ops than counted": head + b"\0\0\0\2" + op,
        "more ops than counted": head + b"\0\0\0\1" + op + op,
        "a count of 4 billion": head + b"\xff\xff\xff\xff" + op,
        "a number of 2^63": good[:34] + b"\x80" + bytes(7) + good[42:],
    }


def _ops() -> dict[str, bytes]:
    good = forge(4, "", person("owner"), [_GOOD], forced(_GOOD)).raw
    head = good[:_COUNT] + b"\0\0\0\1"
    row = body(_GOOD)
    added = body(commits.Add(idcert("stranger"), Role.VIEWER, How.WORDS))
    invited = body(invite("x", Role.VIEWER))
    bad = {
        "op 00": b"\0" + lp32(row),
        "op 0D": b"\x0d" + lp32(row),
        "op FF": b"\xff" + lp32(row),
        "a body one byte short": b"\2" + lp32(row[:-1]),
        "a body one byte long": b"\2" + lp32(row + b"\0"),
        "an empty body": b"\2" + lp32(b""),
        "a body longer than the commit": b"\2\xff\xff\xff\xff" + row,
        "role 0": b"\4" + lp32(added[:-2] + b"\0\2"),
        "role 5": b"\4" + lp32(added[:-2] + b"\5\2"),
        "verified in no known way": b"\4" + lp32(added[:-1] + b"\4"),
        "a certificate changed": b"\4" + lp32(added[:40] + b"\0" + added[41:]),
        "an invitation key of small order": b"\x09" + lp32(invited[:16] + ED_8 + invited[48:]),
        "a version of 2^63": b"\2" + lp32(row[:16] + b"\x80" + row[17:]),
    }
    return {why: head + op for why, op in bad.items()}


def _beginnings() -> dict[str, Forgery]:
    """Return first commits that begin no vault."""
    owner = person("owner")
    genesis = commits.Genesis(idcert("owner"), some("vkc", 32))
    begun = write_op(genesis)

    def first(*ops: commits.Op, **different: object) -> Forgery:
        fields = {
            "vault_id": VAULT,
            "seq": 1,
            "prev": bytes(32),
            "time_ms": START_MS,
            "author_id": owner.user_id,
            "author_key_epoch": 1,
            "state": _state_of(genesis),
            "ops": ops,
        }
        raw = commits.build(**(fields | different))  # type: ignore[arg-type]
        return Forgery(0, "broken", raw, owner.sign(raw))

    good = first(genesis).raw
    suite_2 = good.replace(begun, begun[:-33] + b"\2" + begun[-32:])
    return {
        "no genesis": first(put(FRESH, 1)),
        "genesis second": first(put(FRESH, 1), genesis),
        "genesis twice": first(genesis, genesis),
        "genesis after something": first(genesis, prev=some("prev", 32)),
        "genesis for somebody else": first(commits.Genesis(idcert("admin"), some("vkc", 32))),
        "genesis that the owner leaves at once": first(genesis, commits.Remove(owner.user_id)),
        "genesis of suite 2": Forgery(0, "broken", suite_2, owner.sign(suite_2)),
        "genesis with another state": first(genesis, state=bytes(32)),
    }


def _state_of(genesis: commits.Genesis) -> bytes:
    return commits.write(commits.State(VAULT), person("owner"), START_MS, [genesis]).state
