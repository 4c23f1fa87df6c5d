"""What a commit did, in words and as JSON."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from ..commits import (
    Add,
    Commit,
    Delete,
    Genesis,
    Invite,
    Join,
    Op,
    Profile,
    Put,
    Rekey,
    Remove,
    Role,
    Rotate,
    SetRole,
    Uninvite,
)
from .names import Names

NAMED = 5  # secrets of one change that are named on a line

NameSecret = Callable[[UUID, int], str]


def in_words(commit: Commit, names: Names, secret: NameSecret) -> str:
    """Tell what a commit did, in a line."""
    told = [_told(op, names, secret) for op in commit.ops]
    more = f", and {len(told) - NAMED} more" if len(told) > NAMED else ""
    return ", ".join(told[:NAMED]) + more


def media(commit: Commit, names: Names, secret: NameSecret) -> list[dict[str, Any]]:
    """Give the ops of a commit as JSON."""
    return [_media(op, names, secret) for op in commit.ops]


def _told(op: Op, names: Names, secret: NameSecret) -> str:
    match op:
        case Put(version=1):
            told = f"kept {secret(op.secret_id, 1)}"
        case Put():
            told = f"kept {secret(op.secret_id, op.version)}, version {op.version}"
        case Delete():
            told = f"removed {secret(op.secret_id, op.version - 1)}"
        case Add():
            told = f"let in {names(op.idcert.user_id)} as {_role(op.role)}"
        case SetRole():
            told = f"made {names(op.user_id)} {_role(op.role)}"
        case Remove():
            told = f"took out {names(op.user_id)}"
        case Invite():
            told = f"invited by link, as {_role(op.role)}"
        case _:
            told = _PLAIN[type(op)]
    return told


def _media(op: Op, names: Names, secret: NameSecret) -> dict[str, Any]:
    return {"op": type(op).__name__.lower(), **_fields(op, names, secret)}


def _fields(op: Op, names: Names, secret: NameSecret) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if isinstance(op, Put | Delete):
        before = op.version - isinstance(op, Delete)
        fields = {"secret_id": str(op.secret_id), "version": op.version}
        fields["name"] = secret(op.secret_id, before)
    if isinstance(op, Genesis | Add | Join | Rekey):
        fields["who"] = names.media(op.idcert.user_id)
    if isinstance(op, SetRole | Remove):
        fields["who"] = names.media(op.user_id)
    if isinstance(op, Add | SetRole | Invite):
        fields["role"] = _role(op.role)
    if isinstance(op, Invite | Uninvite | Join):
        fields["invite_id"] = str(op.invite_id)
    if isinstance(op, Rotate):
        fields["epoch"] = op.epoch
    return fields


def _role(role: Role) -> str:
    return role.name.lower()


_PLAIN: dict[type[Op], str] = {
    Genesis: "made the vault",
    Join: "joined by link",
    Profile: "named the vault",
    Rekey: "took a new key of their own",
    Rotate: "changed the vault's key",
    Uninvite: "took back an invitation",
}
