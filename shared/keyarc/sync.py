"""A vault as its signed history says, whatever the server would like to show.

From the lowest pin that is known here the commits are verified one by one up to the head, through
every higher pin; then the list of secrets must be what the head signs. Only then is it opened.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from . import seal
from .answers import Head, ListedSecret, Listing, SealedDetails, items, raw
from .commits import Genesis, Put, State, apply, parse
from .encoding import Broken, ObjectType, sha256
from .errors import Conflict, NotFound, Rollback
from .identity import IdCert
from .items import Details, Overview
from .keyring import Keyring
from .session import Connection
from .vault_keys import check_vault_key, secret_fields


class Moved(Exception):
    """Details are newer than the list: somebody wrote in between, so list again."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A live secret: its last put, and what a list shows of it."""

    put: Put
    overview: Overview

    @property
    def id(self) -> UUID:
        """Its id."""
        return self.put.secret_id


@dataclass
class VaultView:
    """A verified vault: its whole state, and its secrets by id."""

    state: State
    keys: Mapping[int, bytes] = field(repr=False)
    secrets: dict[UUID, Secret]

    @property
    def vault_id(self) -> UUID:
        """The vault's id."""
        return self.state.vault_id

    def become(self, newer: "VaultView") -> None:
        """Take what a later sync found."""
        self.state, self.keys, self.secrets = newer.state, newer.keys, newer.secrets

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
            raise Moved
        if (sealed.version, sealed.epoch) != (put.version, put.epoch):
            raise Rollback
        if sha256(sealed.details) != put.details_hash:
            raise Broken
        fields = secret_fields(self.vault_id, put.secret_id, put.version, put.epoch)
        key = self.keys[put.epoch]
        return Details.decode(seal.open(key, ObjectType.SECRET_DETAILS, fields, sealed.details))


class History:
    """The commits of one vault, verified from an anchor on.

    A vault without a pin is one that *own* began: its genesis must be theirs.
    """

    def __init__(
        self, connection: Connection, anchor: State, own: IdCert, idcerts: Iterable[IdCert]
    ) -> None:
        self.state = anchor.public()
        self.passed = {anchor.seq: anchor.head}
        self._connection = connection
        self._own = own
        for idcert in idcerts:
            member = self.state.roster.get(idcert.user_id)
            if member is not None and member.idcert_hash == idcert.hash:
                self.state.introduce(idcert)

    def follow(self, head: Head) -> None:
        """Verify every commit up to *head*."""
        while self.state.seq < head.seq:
            self._page(head.seq)
        if (self.state.head, self.state.signed) != (head.hash, head.state):
            raise Rollback if len(self.passed) == 1 else Broken

    def check_through(self, pin: State | None) -> None:
        """Refuse a history that does not go through *pin*."""
        if pin is not None and self.passed.get(pin.seq) != pin.head:
            raise Rollback

    def _page(self, last: int) -> None:
        path = f"/api/keys/vaults/{self.state.vault_id}/commits?after={self.state.seq}"
        page = items(
            self._connection.get(path),
            "items",
            lambda one: parse(raw(one, "commit"), raw(one, "signature", 64)),
        )
        if not page:
            raise Broken
        for commit in page:
            if self.state.seq == last:
                return  # written after the list was made
            apply(self.state, commit)
            first = commit.ops[0]
            if isinstance(first, Genesis) and first.idcert.raw != self._own.raw:
                raise Broken
            self.passed[commit.seq] = commit.hash


def view_of(state: State, listing: Listing, keyring: Keyring) -> VaultView:
    """Settle the list against the verified *state*, and open its overviews."""
    vault_id = state.vault_id
    keys = keyring.vaults[vault_id].keys
    for epoch, key in keys.items():
        check_vault_key(key, vault_id, epoch, state.epochs)
    rows = {one.secret_id: (_put(one), one) for one in listing.secrets}
    if len(rows) != len(listing.secrets):
        raise Broken
    state.settle((put for put, _ in rows.values()), listing.deleted)
    secrets = {
        secret_id: Secret(put, _overview(vault_id, keys, one))
        for secret_id, (put, one) in rows.items()
    }
    return VaultView(state, keys, secrets)


def _put(one: ListedSecret) -> Put:
    return Put(one.secret_id, one.version, one.epoch, sha256(one.overview), one.details_hash)


def _overview(vault_id: UUID, keys: Mapping[int, bytes], one: ListedSecret) -> Overview:
    if one.epoch not in keys:
        raise Broken
    fields = secret_fields(vault_id, one.secret_id, one.version, one.epoch)
    plaintext = seal.open(keys[one.epoch], ObjectType.SECRET_OVERVIEW, fields, one.overview)
    return Overview.decode(plaintext)
