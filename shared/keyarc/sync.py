"""A verified vault, and the lists that lead to it: each must be what the head signs.

A first list is whole and is settled against the state. Later ones hold what the commits since then
touched, so that moving a view costs as much as there were changes.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from uuid import UUID

from . import seal
from .commits import Commit, Delete, Put, State
from .encoding import Broken, ObjectType, sha256
from .errors import Altered, Conflict, KeyMissing, NotFound, Rollback
from .items import Details, Overview
from .listings import ListedSecret, Listing, SealedDetails
from .memories import AuditPin
from .vault_keys import is_vault_key, secret_fields


class Moved(Exception):
    """Details are newer than the list: somebody wrote in between, so list again."""

    def __init__(self, secret_id: UUID, version: int) -> None:
        super().__init__()
        self.secret_id = secret_id
        self.version = version


@dataclass(frozen=True, slots=True)
class Secret:
    """A live secret: its last put, what a list shows of it, and that as it was sealed."""

    put: Put
    overview: Overview
    sealed: bytes = field(repr=False)

    @property
    def id(self) -> UUID:
        """Its id."""
        return self.put.secret_id


@dataclass
class VaultView:
    """A verified vault: its whole state, its secrets by id, and where its access log ends."""

    state: State
    keys: Mapping[int, bytes] = field(repr=False)
    secrets: dict[UUID, Secret]
    audit: AuditPin | None = None

    @property
    def vault_id(self) -> UUID:
        """The vault's id."""
        return self.state.vault_id

    def become(self, newer: "VaultView") -> None:
        """Take what a later sync found."""
        vars(self).update(vars(newer))

    def copy(self) -> "VaultView":
        """Give a view of its own: states and secrets are replaced, never changed in place."""
        return VaultView(copy(self.state), self.keys, dict(self.secrets), self.audit)

    def find(self, address: str) -> Secret:
        """Give the secret whose id, or whose path and name joined by ``/``, is *address*."""
        for secret in self.secrets.values():
            if str(secret.id) == address:
                return secret
        found = self.named(address)
        if len(found) > 1:
            ids = ", ".join(str(secret.id) for secret in found)
            raise Conflict(f"{address} means several secrets: give one of the ids {ids}")
        if not found:
            raise NotFound(f"there is no secret {address} in this vault")
        return found[0]

    def named(self, address: str) -> list[Secret]:
        """Give every secret of that path and name."""
        return [one for one in self.secrets.values() if one.overview.address == address]

    def under(self, path: str) -> list[Secret]:
        """Give the secrets of a folder and of those inside it, by address; all for ``""``."""
        inside = (
            one
            for one in self.secrets.values()
            if not path or f"{one.overview.path}/".startswith(f"{path}/")
        )
        return sorted(inside, key=lambda one: one.overview.address)

    def open_details(self, sealed: SealedDetails) -> Details:
        """Open details that are what the state says."""
        put = self.secrets[sealed.secret_id].put
        if sealed.version > put.version:
            raise Moved(sealed.secret_id, sealed.version)
        if (sealed.version, sealed.epoch) != (put.version, put.epoch):
            raise Rollback
        if sha256(sealed.details) != put.details_hash:
            raise Broken
        fields = secret_fields(self.vault_id, put.secret_id, put.version, put.epoch)
        key = self.keys[put.epoch]
        return Details.decode(seal.open(key, ObjectType.SECRET_DETAILS, fields, sealed.details))


def view_of(state: State, listing: Listing, keys: Mapping[int, bytes]) -> VaultView:
    """Settle the whole list against the verified public *state*, and open its overviews."""
    keys = fitting(state, keys)
    rows = {one.secret_id: (put_of(one), one) for one in listing.secrets}
    if len(rows) != len(listing.secrets):
        raise Altered
    try:
        state.settle((put for put, _ in rows.values()), listing.deleted)
    except Broken:
        raise Altered from None
    secrets = {
        secret_id: _secret(state.vault_id, keys, put, one) for secret_id, (put, one) in rows.items()
    }
    return VaultView(state, keys, secrets)


def moved(
    view: VaultView,
    state: State,
    commits: Iterable[Commit],
    listing: Listing,
    keys: Mapping[int, bytes],
) -> VaultView:
    """Give what *view* became by *commits*, which led to *state*.

    The listing has to hold the rows that the commits put or deleted, and no other.
    """
    keys = fitting(state, keys)
    ops = (op for commit in commits for op in commit.ops)
    touched = {op.secret_id for op in ops if isinstance(op, Put | Delete)}
    puts = {secret_id: state.secret(secret_id) for secret_id in touched}
    rows = {one.secret_id: (put_of(one), one) for one in listing.secrets}
    gone = {secret_id: state.deleted[secret_id] for secret_id, put in puts.items() if put is None}
    live = {secret_id: put for secret_id, put in puts.items() if put is not None}
    if len(rows) != len(listing.secrets) or listing.deleted != gone:
        raise Altered
    if {secret_id: put for secret_id, (put, _) in rows.items()} != live:
        raise Altered
    secrets = {one: secret for one, secret in view.secrets.items() if one not in gone}
    for secret_id, (put, one) in rows.items():
        secrets[secret_id] = _secret(state.vault_id, keys, put, one)
    return VaultView(state, keys, secrets, view.audit)


def fitting(state: State, keys: Mapping[int, bytes]) -> dict[int, bytes]:
    """Give the keys that are those of the history; one of a change that never came is none."""
    found = {
        epoch: keys[epoch]
        for epoch in range(1, state.epoch + 1)
        if epoch in keys and is_vault_key(keys[epoch], state.vault_id, epoch, state.epochs)
    }
    if state.epoch not in found:
        raise KeyMissing
    return found


def put_of(one: ListedSecret) -> Put:
    """Give the put that a row of a list must be of."""
    return Put(one.secret_id, one.version, one.epoch, sha256(one.overview), one.details_hash)


def _secret(vault_id: UUID, keys: Mapping[int, bytes], put: Put, one: ListedSecret) -> Secret:
    if put.epoch not in keys:
        raise KeyMissing
    fields = secret_fields(vault_id, put.secret_id, put.version, put.epoch)
    try:
        plaintext = seal.open(keys[put.epoch], ObjectType.SECRET_OVERVIEW, fields, one.overview)
        overview = Overview.decode(plaintext)
    except Broken:  # it is what a member signed: no one of them may shut the vault for all others
        overview = Overview.unopened(put.secret_id)
    return Secret(put, overview, one.overview)
