"""A whole vault recomputed from its genesis, against everything that the server has of it."""

from dataclasses import dataclass
from uuid import UUID

from . import accesses
from .answers import Head
from .client import Client
from .commits import Put
from .errors import Altered, Conflict, Fork
from .history import Log, read_log
from .listings import Listing
from .past import PURGED, UNREADABLE, Past, pasts
from .sync import fitting, put_of

TRIES = 5


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked, in numbers; *head* is where the vault stood.

    *versions* have the overviews that were signed; of *unreadable* ones the key is not here, and
    of *purged* ones there is only the signed hash.
    """

    head: Head
    time_ms: int
    author_id: UUID
    commits: int
    members: int
    secrets: int
    deleted: int
    versions: int
    unreadable: int
    purged: int
    keys: int
    accesses: int


def verify(client: Client, vault_id: UUID) -> Report:
    """Recompute a vault: history, list, overviews of all versions, keys and access log.

    Anything that does not fit raises a kind of `Broken`. Values are not fetched, since that would
    be noted as reading them.
    """
    log, listing = _both(client, vault_id)
    with client.guard(vault_id):
        _check_list(log, listing)
        keys = fitting(log.state, client.opened.keyring.keyring.vaults[vault_id].keys)
        ends = (log.audit or listing.audit, listing.audit)
        rows = accesses.follow(client.opened.connection, vault_id, accesses.BEGINNING, *ends)
    found = pasts(client, log, (one for versions in log.versions.values() for one in versions))
    last = log.commits[-1]
    return Report(
        head=listing.head,
        time_ms=last.time_ms,
        author_id=last.author_id,
        commits=len(log.commits),
        members=len(log.state.roster),
        secrets=len(listing.secrets),
        deleted=len(listing.deleted),
        versions=len(found),
        unreadable=_count(found, UNREADABLE),
        purged=_count(found, PURGED),
        keys=len(keys),
        accesses=len(rows),
    )


def _both(client: Client, vault_id: UUID) -> tuple[Log, Listing]:
    """Give history and list of the same moment; others may write in between."""
    path = f"/api/keys/vaults/{vault_id}/secrets"
    for _ in range(TRIES):
        log = read_log(client, vault_id)
        with client.guard(vault_id):
            listing = Listing.of(client.opened.connection.get(path))
            if listing.head.seq == log.state.seq:
                return log, listing
            if listing.head.seq < log.state.seq:
                raise Fork
    raise Conflict("others keep changing this vault: try again")


def _check_list(log: Log, listing: Listing) -> None:
    """Refuse a list that is not what the replayed history leads to, row by row."""
    state = log.state
    if (listing.head.hash, listing.head.state) != (state.head, state.hash()):
        raise Fork
    signed: dict[UUID, Put] = {
        put.secret_id: put for bucket in state.secrets.values() for put in bucket.values()
    }
    shown = {one.secret_id: put_of(one) for one in listing.secrets}
    if len(shown) != len(listing.secrets) or shown != signed or listing.deleted != state.deleted:
        raise Altered


def _count(found: list[Past], state: str) -> int:
    return sum(1 for one in found if one.state == state)
