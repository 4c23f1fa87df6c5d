"""What a vault held before: earlier versions, the trash, and the vault as it was at a change.

Which version is whose and from when is told by the verified history (history.py); what the server
gives for it must have the hash that its commit signed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from . import seal
from .answers import blob, field, items
from .changes import Edit, Write
from .client import Client
from .encoding import Broken, ObjectType, parse_id, parse_u64, sha256
from .errors import Altered, Conflict, Failure, NotFound, Refused
from .history import Log, Version
from .items import Details, Overview
from .sync import VaultView, fitting
from .vault_keys import secret_fields

PURGED: Final = "purged"
UNREADABLE: Final = "unreadable"
READABLE: Final = "readable"
AT_ONCE: Final = 5000


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier or current version; *overview* is None where *state* is not ``readable``.

    ``purged``: its content was removed for good. ``unreadable``: it is sealed under a key from
    before this account was let in.
    """

    version: Version
    state: str
    overview: Overview | None


def pasts(client: Client, log: Log, versions: Iterable[Version]) -> list[Past]:
    """Give what lists showed of *versions*, leaving out deletions."""
    wanted = {(one.secret_id, one.number): one for one in versions if one.put is not None}
    keys = fitting(log.state, client.opened.keyring.keyring.vaults[log.state.vault_id].keys)
    found = []
    with client.guard(log.state.vault_id):
        for place, sealed in _overviews(client, log.state.vault_id, list(wanted)):
            version = wanted.pop(place, None)
            if version is None:
                raise Altered
            found.append(_past(log.state.vault_id, version, sealed, keys))
        if wanted:
            raise Altered
    return sorted(found, key=lambda one: (one.version.secret_id, one.version.number))


def details_at(client: Client, log: Log, version: Version) -> Details:
    """Give the values of one version; the server notes that they were read."""
    put, vault_id = version.put, log.state.vault_id
    if put is None:
        raise NotFound(f"version {version.number} is a removal: there is nothing to read")
    keys = fitting(log.state, client.opened.keyring.keyring.vaults[vault_id].keys)
    if put.epoch not in keys:
        raise NotFound(f"version {version.number} is sealed under a key from before you were here")
    path = f"/api/keys/vaults/{vault_id}/secrets/{put.secret_id}/versions/{put.version}"
    with client.guard(vault_id):
        try:
            media = client.opened.connection.get(path)
        except Refused as ex:
            if ex.problem != PURGED:
                raise
            raise NotFound(f"version {version.number} was removed for good") from ex
        sealed = blob(media, "details", ObjectType.SECRET_DETAILS)
        if sha256(sealed) != put.details_hash:
            raise Altered
        fields = secret_fields(vault_id, put.secret_id, put.version, put.epoch)
        key = keys[put.epoch]
        return Details.decode(seal.open(key, ObjectType.SECRET_DETAILS, fields, sealed))


def at(client: Client, log: Log, seq: int) -> list[Past]:
    """Give the secrets that were live after change *seq*, by address."""
    if not 1 <= seq <= log.state.seq:
        raise NotFound(f"there is no change {seq}: the last one is {log.state.seq}")
    live = log.live_at(seq)
    versions = [
        one for secret_id, put in live.items() for one in log.versions[secret_id] if one.put == put
    ]
    return by_address(pasts(client, log, versions))


def removed(client: Client, log: Log) -> list[Past]:
    """Give the last version of each secret that was removed, by address; of purged ones as well."""
    last = [
        next(one for one in reversed(log.versions[secret_id]) if one.put is not None)
        for secret_id in log.state.deleted
    ]
    return by_address(pasts(client, log, last))


def trash(client: Client, log: Log) -> list[Past]:
    """Give the last version of each secret that was removed and not purged, by address."""
    return [one for one in removed(client, log) if one.state != PURGED]


def find(pasts: Iterable[Past], address: str) -> Past:
    """Give the one of that id or address."""
    known = list(pasts)
    found = [one for one in known if str(one.version.secret_id) == address]
    found = found or [one for one in known if one.overview and one.overview.address == address]
    if not found:
        raise NotFound(f"there is no secret {address} there")
    if len(found) > 1:
        ids = ", ".join(str(one.version.secret_id) for one in found)
        raise Conflict(f"{address} means several secrets: give one of the ids {ids}")
    return found[0]


def restore(client: Client, log: Log, past: Past) -> VaultView:
    """Put the content of an earlier version as the newest one, of a removed secret too."""
    overview, secret_id = past.overview, past.version.secret_id
    if overview is None:
        raise NotFound(f"version {past.version.number} cannot be read: it is {past.state}")
    details = details_at(client, log, past.version)

    def plan(_: VaultView) -> list[Edit]:
        return [Write(overview, details, secret_id)]

    return client.change(log.state.vault_id, plan)


def purge(client: Client, vault_id: UUID, secret_id: UUID) -> None:
    """Remove every version of a removed secret for good; their hashes stay in the history."""
    path = f"/api/keys/vaults/{vault_id}/secrets/{secret_id}/versions"
    try:
        client.opened.connection.post(path, None, method="DELETE", status=204)
    except Refused as ex:
        if ex.status == 403:
            raise Failure("only owners and admins of the vault may purge") from ex
        if ex.status == 409:
            raise Conflict("somebody has brought the secret back: it is not purged") from ex
        raise


def by_address(pasts: Iterable[Past]) -> list[Past]:
    """Sort by path and name; what cannot be read comes last."""
    return sorted(pasts, key=lambda one: one.overview.address if one.overview else "\U0010ffff")


def _past(vault_id: UUID, version: Version, sealed: bytes | None, keys: dict[int, bytes]) -> Past:
    put = version.put
    if put is None:
        raise Altered
    if sealed is None:
        return Past(version, PURGED, None)
    if sha256(sealed) != put.overview_hash:
        raise Altered
    if put.epoch not in keys:
        return Past(version, UNREADABLE, None)
    fields = secret_fields(vault_id, put.secret_id, put.version, put.epoch)
    try:
        plaintext = seal.open(keys[put.epoch], ObjectType.SECRET_OVERVIEW, fields, sealed)
        return Past(version, READABLE, Overview.decode(plaintext))
    except Broken:  # as a member signed it
        return Past(version, UNREADABLE, None)


Place = tuple[UUID, int]


def _overviews(
    client: Client, vault_id: UUID, places: list[Place]
) -> Iterable[tuple[Place, bytes | None]]:
    """Fetch in parts; one that is too large for an answer is halved."""
    path = f"/api/keys/vaults/{vault_id}/versions/overviews"
    parts = [places[start : start + AT_ONCE] for start in range(0, len(places), AT_ONCE)]
    while parts:
        part = parts.pop(0)
        wanted = [{"secret_id": str(one), "version": str(number)} for one, number in part]
        try:
            media = client.opened.connection.post(path, {"items": wanted}, status=200)
        except Refused as ex:
            if ex.problem != "too-large" or len(part) == 1:
                raise
            parts[:0] = [part[: len(part) // 2], part[len(part) // 2 :]]
            continue
        yield from items(media, "items", _overview)


def _overview(media: Any) -> tuple[Place, bytes | None]:
    place = parse_id(field(media, "secret_id")), parse_u64(field(media, "version"))
    if field(media, "overview") is None:
        return place, None
    return place, blob(media, "overview", ObjectType.SECRET_OVERVIEW)
