"""What people who are gone could read: a list of credentials to replace, and how far that is.

Whoever was of a vault may have copied whatever was in it then; no change of keys takes that back.
A value counts as replaced once it is none of those that were there in their time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from .client import Client
from .commits import Add, How, Role, Rotate
from .encoding import Broken, parse_u64
from .history import Log, Span, Version, read_log
from .past import Past, pasts

Shown = Mapping[tuple[UUID, int], Past]


class Now(StrEnum):
    """What became of a credential."""

    DELETED = "deleted"
    LEFT = "left"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Exposed:
    """A credential that somebody who is gone could read; *address* is what it is called, or was."""

    secret_id: UUID
    address: str
    now: Now
    replaced_ms: int | None


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody who is not of the vault any more; *by* ended it, oneself where it is the same."""

    user_id: UUID
    machine: bool
    role: Role
    since_ms: int
    until_ms: int
    by: UUID
    rotated: bool
    secrets: tuple[Exposed, ...]

    def count(self, now: Now) -> int:
        """Give how many credentials have come to that."""
        return sum(one.now is now for one in self.secrets)


def leavers(client: Client, vault_id: UUID) -> list[Leaver]:
    """Give everyone who is gone from a vault, last first."""
    log = read_log(client, vault_id)
    gone = _gone(log)
    read = {user_id: list(_read(log, spans)) for user_id, spans in gone.items()}
    wanted = {version for versions in read.values() for version in versions}
    wanted |= {log.versions[one.secret_id][-1] for one in wanted}
    shown = {
        (past.version.secret_id, past.version.number): past for past in pasts(client, log, wanted)
    }
    found = [_leaver(log, spans, read[user_id], shown) for user_id, spans in gone.items()]
    return sorted(found, key=lambda one: -one.until_ms)


def _gone(log: Log) -> dict[UUID, list[Span]]:
    everyone = {span.user_id for span in log.spans} - log.state.roster.keys()
    return {user_id: log.spans_of(user_id) for user_id in everyone}


def _read(log: Log, spans: Iterable[Span]) -> Iterable[Version]:
    """Give every version that was the live one at some time in these memberships."""
    times = [(span.since, span.until) for span in spans]
    for versions in log.versions.values():
        ends = [*(one.seq for one in versions[1:]), None]
        for version, end in zip(versions, ends, strict=True):
            overlaps = any(
                (until is None or version.seq < until) and (end is None or end > since)
                for since, until in times
            )
            if version.put is not None and overlaps:
                yield version


def _leaver(log: Log, spans: list[Span], read: Iterable[Version], shown: Shown) -> Leaver:
    last = spans[-1]
    by_secret: dict[UUID, list[Version]] = {}
    for version in read:
        by_secret.setdefault(version.secret_id, []).append(version)
    secrets = (_exposed(log, one, last.until_ms or 0, shown) for one in by_secret.values())
    end = log.commit(last.until or 0)
    return Leaver(
        user_id=last.user_id,
        machine=last.user_id in _machines(log),
        role=last.role,
        since_ms=spans[0].since_ms,
        until_ms=end.time_ms,
        by=end.author_id,
        rotated=any(
            isinstance(op, Rotate)
            for one in log.commits[end.seq - 1 :]
            for op in one.ops
            if one.author_id != last.user_id  # a key of their own making shuts nobody out
        ),
        secrets=tuple(sorted(secrets, key=lambda one: (one.now is not Now.LEFT, one.address))),
    )


def _machines(log: Log) -> set[UUID]:
    ops = (op for commit in log.commits for op in commit.ops)
    return {op.idcert.user_id for op in ops if isinstance(op, Add) and op.how is How.MACHINE}


def _exposed(log: Log, read: list[Version], until_ms: int, shown: Shown) -> Exposed:
    """Tell what became of one credential, of which *read* are the versions they could read."""
    secret_id = read[0].secret_id
    pasts_read = (shown.get((secret_id, one.number)) for one in read)
    known = [one.overview for one in pasts_read if one is not None and one.overview is not None]
    address = known[-1].address if known else str(secret_id)
    current = log.versions[secret_id][-1]
    if current.put is None:
        return Exposed(secret_id, address, Now.DELETED, None)
    today = shown[secret_id, current.number].overview
    if today is None:
        return Exposed(secret_id, address, Now.LEFT, None)
    changed_ms = _milliseconds(today.rotated_at)
    # Of a version that cannot be read any more only the time tells.
    tellable = len(known) == len(read) or changed_ms > until_ms
    if tellable and today.rotated_at not in {one.rotated_at for one in known}:
        return Exposed(secret_id, today.address, Now.REPLACED, changed_ms)
    return Exposed(secret_id, today.address, Now.LEFT, None)


def _milliseconds(text: str) -> int:
    try:
        return parse_u64(text)
    except Broken:
        return 0
