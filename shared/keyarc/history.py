"""A vault's whole history, verified commit by commit from its genesis to the head.

The head is the one that a sync verified, and each commit holds the hash of the one before: so
nothing in here can have been changed, left out or brought in, however old it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from .answers import Head
from .client import Client
from .commits import (
    Add,
    Commit,
    Delete,
    Genesis,
    Join,
    Put,
    Rekey,
    Remove,
    Role,
    SetRole,
    State,
)
from .errors import Altered
from .following import History
from .identity import IdCert
from .memories import AuditPin


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a secret, and the change that made it; *put* is None for a deletion."""

    secret_id: UUID
    number: int
    put: Put | None
    seq: int
    time_ms: int
    author_id: UUID


@dataclass(frozen=True, slots=True)
class Span:
    """The time in which someone had one role: from commit *since*, up to and without *until*.

    *until* is None while it lasts. A change of role ends one span and begins the next.
    """

    user_id: UUID
    role: Role
    since: int
    since_ms: int
    until: int | None = None
    until_ms: int | None = None

    def holds(self, seq: int) -> bool:
        """Tell whether it held after commit *seq*."""
        return self.since <= seq and (self.until is None or seq < self.until)


@dataclass
class Log:
    """Every commit of a vault in order, and what they did; *state* is the whole state at the head.

    *audit* is where the access log ended then (None for machines, which may not ask); *idcerts*
    holds the last certificate of everyone who ever was a member.
    """

    state: State
    audit: AuditPin | None = None
    commits: list[Commit] = field(default_factory=list)
    versions: dict[UUID, list[Version]] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    idcerts: dict[UUID, IdCert] = field(default_factory=dict)

    def commit(self, seq: int) -> Commit:
        """Give one commit."""
        return self.commits[seq - 1]

    def live_at(self, seq: int) -> dict[UUID, Put]:
        """Give the last put of each secret that was live after commit *seq*."""
        found: dict[UUID, Put] = {}
        for secret_id, versions in self.versions.items():
            last = next((one for one in reversed(versions) if one.seq <= seq), None)
            if last is not None and last.put is not None:
                found[secret_id] = last.put
        return found

    def roster_at(self, seq: int) -> dict[UUID, Role]:
        """Give the members after commit *seq*."""
        return {one.user_id: one.role for one in self.spans if one.holds(seq)}

    def spans_of(self, user_id: UUID) -> list[Span]:
        """Give when someone was a member, and as what, in order."""
        return [one for one in self.spans if one.user_id == user_id]

    def take(self, commit: Commit) -> None:
        """Note what a commit did that was applied to *state*."""
        self.commits.append(commit)
        for op in commit.ops:
            match op:
                case Put() | Delete():
                    put = op if isinstance(op, Put) else None
                    made = (commit.seq, commit.time_ms, commit.author_id)
                    version = Version(op.secret_id, op.version, put, *made)
                    self.versions.setdefault(op.secret_id, []).append(version)
                case Genesis() | Add() | Join() | Rekey():
                    self.idcerts[op.idcert.user_id] = op.idcert
        for user_id in _people(commit):
            self._turn(user_id, commit)

    def _turn(self, user_id: UUID, commit: Commit) -> None:
        """End the person's span where their role is another one now, and begin the next."""
        member = self.state.roster.get(user_id)
        role = member.role if member else None
        for place, span in enumerate(self.spans):
            if span.user_id == user_id and span.until is None:
                if span.role is role:
                    return
                ended = (commit.seq, commit.time_ms)
                self.spans[place] = Span(user_id, span.role, span.since, span.since_ms, *ended)
        if role is not None:
            self.spans.append(Span(user_id, role, commit.seq, commit.time_ms))


def read_log(client: Client, vault_id: UUID) -> Log:
    """Fetch every commit of a vault and verify all of it anew, from the genesis to the head."""
    view = client.sync(vault_id)
    now = view.state
    with client.guard(vault_id):
        log = Log(State(vault_id), view.audit)
        history = History(client.opened.connection, log.state, client.views.certificates.find)
        for commit in history.commits(Head(now.seq, now.head, now.signed)):
            log.take(commit)
        if log.state.deleted != now.deleted:  # which no head signs: it came with a list
            raise Altered
    return log


def _people(commit: Commit) -> Iterator[UUID]:
    """Give whose membership a commit is about."""
    for op in commit.ops:
        match op:
            case SetRole() | Remove():
                yield op.user_id
            case Genesis() | Add() | Join():
                yield op.idcert.user_id
