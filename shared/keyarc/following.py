"""The commits of one vault, verified one by one from a state that is known on."""

from collections.abc import Callable, Iterator
from uuid import UUID

from .answers import Head, items, raw
from .commits import Add, Commit, Genesis, Rotate, State, apply, parse
from .encoding import Broken
from .errors import Altered, Fork, Rollback, Unsigned
from .identity import IdCert
from .session import Connection

FindCertificate = Callable[[bytes], IdCert | None]


class History:
    """Moves *state* along a vault's commits, and remembers the way.

    *find* gives the certificate of a hash that stands in the roster. *passed* holds the hash of
    each commit on the way. *granters* has, by epoch, who had to give *own* that epoch's key, with
    the certificate they had then: the author of the key's change, or of one's own admission.
    *path* is the route that gives the commits, that of a member if it is empty.
    """

    def __init__(
        self,
        connection: Connection,
        state: State,
        find: FindCertificate,
        own: UUID | None = None,
        path: str = "",
    ) -> None:
        self.state = state
        self.passed = {state.seq: state.head}
        self.granters: dict[int, IdCert] = {}
        self.creator: IdCert | None = None
        self._connection = connection
        self._find = find
        self._own = own
        self._path = path or f"/api/keys/vaults/{state.vault_id}/commits"

    def commits(self, head: Head) -> Iterator[Commit]:
        """Verify every commit up to *head*; give each when *state* is what it led to."""
        if head.seq < self.state.seq:
            raise Rollback
        while self.state.seq < head.seq:
            for commit in self._page(head.seq):
                self._step(commit)
                yield commit
        if self.state.head != head.hash:
            raise Fork
        if self.state.signed != head.state:
            raise Altered

    def follow(self, head: Head) -> list[Commit]:
        """Verify every commit up to *head*, and give them."""
        return list(self.commits(head))

    def check_through(self, pin: State | None) -> None:
        """Refuse a history that does not go through *pin*."""
        if pin is None:
            return
        if pin.seq > self.state.seq:
            raise Rollback
        if self.passed.get(pin.seq) != pin.head:
            raise Fork

    def exhaust(self) -> Commit | None:
        """Verify every commit that the route gives, whatever the head; give the last one."""
        last = None
        while page := self._fetch():
            for commit in page:
                self._step(commit)
                last = commit
        return last

    def _page(self, last: int) -> list[Commit]:
        page = self._fetch()
        if not page:
            raise Altered
        return page[: last - self.state.seq]  # what follows was written after the list was made

    def _fetch(self) -> list[Commit]:
        return items(
            self._connection.get(f"{self._path}?after={self.state.seq}"),
            "items",
            lambda one: parse(raw(one, "commit"), raw(one, "signature", 64)),
        )

    def _step(self, commit: Commit) -> None:
        if (commit.vault_id, commit.seq) != (self.state.vault_id, self.state.seq + 1):
            raise Altered
        if commit.prev != self.state.head:
            raise Fork
        author = self._author(commit)
        try:
            apply(self.state, commit)
        except Broken:
            raise Unsigned from None
        self.passed[commit.seq] = commit.hash
        if isinstance(commit.ops[0], Genesis):
            self.creator = commit.ops[0].idcert
        if author is not None:
            self._note_granter(commit, author)

    def _author(self, commit: Commit) -> IdCert | None:
        """Give the author's certificate of then, introducing it to the state where it is new."""
        member = self.state.roster.get(commit.author_id)
        if member is None:
            return None
        if member.idcert is None:
            idcert = self._find(member.idcert_hash)
            if idcert is not None:
                self.state.introduce(idcert)
            return idcert
        return member.idcert

    def _note_granter(self, commit: Commit, author: IdCert) -> None:
        for op in commit.ops:
            admitted = isinstance(op, Add) and op.idcert.user_id == self._own
            if admitted or isinstance(op, Rotate):
                self.granters[self.state.epoch] = author
