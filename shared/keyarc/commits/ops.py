"""The twelve operations of a commit and how their bodies are written."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from ..encoding import SUITE, Broken, Reader, lp, lp32, u64
from ..identity import SIGNATURE, IdCert, check_ed_pk, parse_idcert


class Role(IntEnum):
    """What a member is; `rules.may` has what that allows."""

    OWNER = 1
    ADMIN = 2
    MEMBER = 3
    VIEWER = 4


class How(IntEnum):
    """How the author made sure of the identity of a member whom they add."""

    LINK = 1
    WORDS = 2
    MACHINE = 3  # the author made the keys


@dataclass(frozen=True, slots=True)
class Genesis:
    """The first op of a vault: its creator, and the commitment to its first key."""

    idcert: IdCert
    vk_commit: bytes


@dataclass(frozen=True, slots=True)
class Put:
    """A new version of a secret; its body is also the secret's row in the state."""

    secret_id: UUID
    version: int
    epoch: int
    overview_hash: bytes
    details_hash: bytes


@dataclass(frozen=True, slots=True)
class Delete:
    """The end of a secret; it takes a version number of its own."""

    secret_id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Add:
    """A new member."""

    idcert: IdCert
    role: Role
    how: How


@dataclass(frozen=True, slots=True)
class SetRole:
    """Another role for a member."""

    user_id: UUID
    role: Role


@dataclass(frozen=True, slots=True)
class Remove:
    """The end of a membership."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class Rotate:
    """A new vault key; every open invitation ends with the old one."""

    epoch: int
    vk_commit: bytes


@dataclass(frozen=True, slots=True)
class Profile:
    """Another name, description or icon of the vault."""

    epoch: int
    blob_hash: bytes


@dataclass(frozen=True, slots=True)
class Invite:
    """An open invitation, for whoever holds the secret half of its key; its body is its row."""

    invite_id: UUID
    public_key: bytes
    role: Role
    expires_ms: int


@dataclass(frozen=True, slots=True)
class Uninvite:
    """The end of an open invitation."""

    invite_id: UUID


@dataclass(frozen=True, slots=True)
class Join:
    """The joiner's answer to an invitation; *signature* is by the invitation's key."""

    invite_id: UUID
    idcert: IdCert
    signature: bytes


@dataclass(frozen=True, slots=True)
class Rekey:
    """A member's next certificate, signed by the key before."""

    idcert: IdCert


Op = (
    Genesis
    | Put
    | Delete
    | Add
    | SetRole
    | Remove
    | Rotate
    | Profile
    | Invite
    | Uninvite
    | Join
    | Rekey
)


class _Kind(NamedTuple):
    """How a field of a body is written and read."""

    write: Callable[[Any], bytes]
    read: Callable[[Reader], Any]


def _read_hash(reader: Reader) -> bytes:
    return reader.take(32)


def _read_key(reader: Reader) -> bytes:
    public_key = reader.take(32)
    check_ed_pk(public_key)
    return public_key


def _read_signature(reader: Reader) -> bytes:
    return reader.take(SIGNATURE)


def _read_role(reader: Reader) -> Role:
    try:
        return Role(reader.u8())
    except ValueError:
        raise Broken from None


def _read_how(reader: Reader) -> How:
    try:
        return How(reader.u8())
    except ValueError:
        raise Broken from None


def _read_cert(reader: Reader) -> IdCert:
    return parse_idcert(reader.lp())


def _read_creator(reader: Reader) -> IdCert:
    idcert = parse_idcert(reader.lp())
    if reader.u8() != SUITE:
        raise Broken
    return idcert


_ID: Final = _Kind(lambda uuid: uuid.bytes, Reader.id)
_NUMBER: Final = _Kind(u64, Reader.u64)
_HASH: Final = _Kind(bytes, _read_hash)
_KEY: Final = _Kind(bytes, _read_key)
_SIGNATURE: Final = _Kind(bytes, _read_signature)
_ROLE: Final = _Kind(lambda number: bytes([number]), _read_role)
_HOW: Final = _Kind(lambda number: bytes([number]), _read_how)
_CERT: Final = _Kind(lambda idcert: lp(idcert.raw), _read_cert)
_CREATOR: Final = _Kind(lambda idcert: lp(idcert.raw) + bytes([SUITE]), _read_creator)

_LAYOUTS: Final[dict[type[Op], tuple[int, tuple[_Kind, ...]]]] = {
    Genesis: (0x01, (_CREATOR, _HASH)),
    Put: (0x02, (_ID, _NUMBER, _NUMBER, _HASH, _HASH)),
    Delete: (0x03, (_ID, _NUMBER)),
    Add: (0x04, (_CERT, _ROLE, _HOW)),
    SetRole: (0x05, (_ID, _ROLE)),
    Remove: (0x06, (_ID,)),
    Rotate: (0x07, (_NUMBER, _HASH)),
    Profile: (0x08, (_NUMBER, _HASH)),
    Invite: (0x09, (_ID, _KEY, _ROLE, _NUMBER)),
    Uninvite: (0x0A, (_ID,)),
    Join: (0x0B, (_ID, _CERT, _SIGNATURE)),
    Rekey: (0x0C, (_CERT,)),
}
_BY_CODE: Final = {code: (op, kinds) for op, (code, kinds) in _LAYOUTS.items()}


def body(op: Op) -> bytes:
    """Return the body of *op*, which for `Put` and `Invite` is also its row in the state."""
    _, kinds = _LAYOUTS[type(op)]
    fields = zip(op.__match_args__, kinds, strict=True)
    return b"".join([kind.write(getattr(op, name)) for name, kind in fields])


def write_op(op: Op) -> bytes:
    """Return *op* as it stands in a commit."""
    code, _ = _LAYOUTS[type(op)]
    return bytes([code]) + lp32(body(op))


def read_op(reader: Reader, only: Collection[type[Op]] | None = None) -> Op:
    """Return the next op of a commit; one that is none of *only* is not looked into."""
    code, raw = reader.u8(), Reader(reader.lp32())
    if code not in _BY_CODE:
        raise Broken
    make, kinds = _BY_CODE[code]
    if only is not None and make not in only:
        raise Broken
    op = make(*[kind.read(raw) for kind in kinds])
    raw.end()
    return op
