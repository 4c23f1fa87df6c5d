"""``history``, ``restore`` and ``trash``."""

from argparse import Namespace
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ..client import Client
from ..errors import NotFound
from ..history import Log, Version, read_log
from ..past import READABLE, Past, find, pasts, removed, trash
from ..past import purge as purge_secret
from ..past import restore as put_back
from ..uses import uses
from ..vaults import Vault
from .forms import overview_media, split, use_media
from .home import open_client
from .moments import at, rfc3339
from .names import Names
from .terminal import Usage, agree, emit, note, shown, table, when


def show(arguments: Namespace) -> None:
    """List every version of a secret, with its author and time."""
    client, vault, log, secret_id = find_secret(open_client(), arguments.secret)
    names = Names(client, vault.id)
    versions = log.versions[secret_id]
    known = {one.version.number: one for one in pasts(client, log, versions)}
    used = uses(client, vault.id).get(secret_id)
    if arguments.json:
        media = [version_media(one, known.get(one.number), names) for one in versions]
        about = {"vault": vault.name, "id": str(secret_id), **use_media(used)}
        emit({**about, "versions": media})
        return
    rows = [
        (str(one.number), at(one.time_ms), names(one.author_id), str(one.seq), _what(one, known))
        for one in reversed(versions)
    ]
    _table([("VERSION", "WHEN", "BY", "CHANGE", "WHAT"), *rows])
    if used is not None:
        note(f"Last used {when(used.used_at)} by {shown(names(used.user_id))}.")


def restore(arguments: Namespace) -> None:
    """Bring back a version: the one before the current, if none is named."""
    client, vault, log, secret_id = find_secret(open_client(), arguments.secret)
    version = chosen(log.versions[secret_id], arguments.version)
    _restore(client, vault, log, version, arguments)


def show_trash(arguments: Namespace) -> None:
    """List removed secrets."""
    client = open_client()
    vault = client.vault(arguments.vault)
    log = read_log(client, vault.id)
    names = Names(client, vault.id)
    found = [(one, log.versions[one.version.secret_id][-1]) for one in trash(client, log)]
    if arguments.json:
        media = [
            {**version_media(one.version, one, names), "removed": _deed(gone, names)}
            for one, gone in found
        ]
        emit({"vault": vault.name, "trash": media})
    elif found:
        rows = [
            (f"{vault.name}/{_name(one)}", at(gone.time_ms), names(gone.author_id), _id(one))
            for one, gone in found
        ]
        _table([("SECRET", "REMOVED", "BY", "ID"), *rows])
    else:
        note("There is nothing in the trash.")


def untrash(arguments: Namespace) -> None:
    """Bring a removed secret back."""
    client, vault, log, past = _removed(open_client(), arguments.secret)
    _restore(client, vault, log, past.version, arguments)


def purge(arguments: Namespace) -> None:
    """Remove the content of a removed secret for good."""
    client, vault, _, past = _removed(open_client(), arguments.secret)
    question = f"Remove all versions of {shown(arguments.secret)} for good?"
    if not arguments.yes and not agree(question, "give --yes"):
        raise Usage("nothing was purged")
    purge_secret(client, vault.id, past.version.secret_id)
    if arguments.json:
        emit({"vault": vault.name, "purged": _id(past)})
    else:
        note(f"Purged {shown(arguments.secret)}.")


def chosen(versions: Sequence[Version], number: int | None) -> Version:
    """Give the version of that number; without one the last that holds something else than now."""
    held = [one for one in versions if one.put is not None]
    if number is None:
        before = held if versions[-1].put is None else held[:-1]
        if not before:
            raise NotFound("there is no earlier version")
        return before[-1]
    for one in held:
        if one.number == number:
            return one
    numbers = ", ".join(str(one.number) for one in held)
    raise NotFound(f"there is no version {number} to read; there are: {numbers}")


def _restore(
    client: Client, vault: Vault, log: Log, version: Version, arguments: Namespace
) -> None:
    [past] = pasts(client, log, [version])
    secret = put_back(client, log, past).secrets[version.secret_id]
    if arguments.json:
        said = {"id": str(secret.id), "version": secret.put.version, "restored": version.number}
        emit({"vault": vault.name, **said})
    else:
        words = f"Brought back version {version.number} of {shown(arguments.secret)}"
        note(f"{words} as version {secret.put.version}.")


def find_secret(client: Client, words: str) -> tuple[Client, Vault, Log, UUID]:
    """Find a secret that is live or was removed; one that was purged is found by its id."""
    name, address = split(words)
    vault = client.vault(name)
    view = client.sync(vault.id)
    log = read_log(client, vault.id)
    try:
        return client, vault, log, view.find(address).id
    except NotFound:
        return client, vault, log, find(removed(client, log), address).version.secret_id


def _removed(client: Client, words: str) -> tuple[Client, Vault, Log, Past]:
    name, address = split(words)
    vault = client.vault(name)
    log = read_log(client, vault.id)
    return client, vault, log, find(trash(client, log), address)


def _what(version: Version, known: dict[int, Past]) -> str:
    if version.put is None:
        return "removed"
    past = known[version.number]
    return _name(past) if past.state == READABLE else past.state


def _name(past: Past) -> str:
    return past.overview.address if past.overview else past.state


def _id(past: Past) -> str:
    return str(past.version.secret_id)


def _deed(version: Version, names: Names) -> dict[str, Any]:
    return {
        "change": version.seq,
        "at": rfc3339(version.time_ms),
        "by": names.media(version.author_id),
    }


def version_media(version: Version, past: Past | None, names: Names) -> dict[str, Any]:
    overview = overview_media(past.overview) if past and past.overview else {}
    return {
        **overview,
        "id": str(version.secret_id),
        "version": version.number,
        "state": past.state if past else "removed",
        **_deed(version, names),
    }


def _table(rows: list[tuple[str, ...]]) -> None:
    table([tuple(map(shown, row)) for row in rows])
