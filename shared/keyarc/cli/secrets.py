"""``ls``, ``set``, ``get`` and ``rm``."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from ..changes import Edit, Removal, Write, new_value
from ..errors import NotFound
from ..items import DATE, Details, Field, Overview
from ..sync import Secret, VaultView
from .home import open_client, open_reader
from .notices import look_for_recovery
from .terminal import Usage, ask_hidden, emit, interactive, note, shown, table
from .vaults import warn_of_withheld


def show(arguments: Namespace) -> None:
    """List secrets, of one vault or of all."""
    client = open_reader()
    look_for_recovery(client)
    if arguments.vault:
        vaults = [client.vault(arguments.vault)]
    else:
        vaults = sorted(client.vaults(), key=lambda vault: vault.name)
        warn_of_withheld(client)
    found = [(vault, secret) for vault in vaults for secret in client.sync(vault.id).under("")]
    if arguments.json:
        named = [{"vault": vault.name, **_media(secret)} for vault, secret in found]
        emit({"secrets": named})
    elif found:
        head = ("SECRET", "KIND", "ENVIRONMENT", "EXPIRES", "TAGS")
        table([head, *(_row(vault.name, secret.overview) for vault, secret in found)])
    else:
        note("There is no secret yet: keyarc set VAULT/NAME, or keyarc import .env --vault VAULT")


def put(arguments: Namespace) -> None:
    """Keep a value: a new secret, or a new version of the one of that name."""
    name, address = split(arguments.secret)
    if arguments.expires is not None:
        _check_date(arguments.expires)
    client = open_client()
    vault = client.vault(name)
    value = _value()

    def plan(view: VaultView) -> Sequence[Edit]:
        try:
            secret = view.find(address)
        except NotFound:
            overview = _described(_new(address), arguments)
            return [Write(overview, Details((Field("value", value),)))]
        details = client.details(view, [secret.id])[secret.id]
        return [new_value(secret, _described(secret.overview, arguments), details, value)]

    view = client.change(vault.id, plan)
    version = view.find(address).put.version
    if arguments.json:
        emit({"vault": vault.name, **_media(view.find(address))})
    else:
        note(f"Kept {shown(arguments.secret)}, version {version}.")


def get(arguments: Namespace) -> None:
    """Print a value as it is; a newline follows only on a terminal."""
    name, address = split(arguments.secret)
    client = open_reader()
    vault = client.vault(name)
    view = client.sync(vault.id)
    secret = view.find(address)
    details = client.details(view, [secret.id])[secret.id]
    value = details.value if arguments.field is None else _field(details, arguments.field)
    if arguments.json:
        emit({"vault": vault.name, **_media(view.secrets[secret.id]), **details.media()})
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(value.encode())
    if sys.stdout.isatty():
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()


def remove(arguments: Namespace) -> None:
    """Remove a secret; its history stays."""
    name, address = split(arguments.secret)
    client = open_client()
    vault = client.vault(name)
    removed: list[Secret] = []

    def plan(view: VaultView) -> Sequence[Edit]:
        removed[:] = [view.find(address)]
        return [Removal(removed[0].id)]

    client.change(vault.id, plan)
    if arguments.json:
        emit({"vault": vault.name, **_media(removed[0])})
    else:
        note(f"Removed {shown(arguments.secret)}.")


def split(words: str) -> tuple[str, str]:
    """Take ``VAULT/PATH/NAME`` apart at its first slash."""
    vault, slash, address = words.partition("/")
    if not (vault and slash and address) or "" in address.split("/"):
        raise Usage(f"{words} is not of the form VAULT/NAME or VAULT/PATH/NAME")
    return vault, address


def _new(address: str) -> Overview:
    path, _, name = address.rpartition("/")
    return Overview(name=name, path=path)


def _described(overview: Overview, arguments: Namespace) -> Overview:
    given = {
        "kind": arguments.kind,
        "provider": arguments.provider,
        "environment": arguments.environment,
        "tags": tuple(arguments.tag) if arguments.tag else None,
        "expires_at": arguments.expires,
    }
    return replace(overview, **{name: value for name, value in given.items() if value is not None})


def _check_date(text: str) -> None:
    try:
        readable = DATE.fullmatch(text) and date.fromisoformat(text)
    except ValueError:
        readable = None
    if not readable:
        raise Usage(f"--expires {text} is not a date such as 2027-06-30")


def _value() -> str:
    """Read the value: hidden on a terminal, else standard input without one newline at its end."""
    if interactive():
        value = ask_hidden("Value:", "give it on standard input")
    else:
        try:
            value = sys.stdin.buffer.read().decode()
        except UnicodeDecodeError as ex:
            raise Usage("the value on standard input is not UTF-8 text") from ex
        value = value.removesuffix("\n").removesuffix("\r")
    if not value:
        raise Usage("the value is empty")
    return value


def _field(details: Details, name: str) -> str:
    for one in details.fields:
        if one.name == name:
            return one.value
    names = ", ".join(shown(one.name) for one in details.fields)
    raise NotFound(f"there is no field {name}; there are: {names}")


def _row(vault: str, overview: Overview) -> tuple[str, ...]:
    cells = (
        f"{vault}/{overview.address}",
        overview.kind,
        overview.environment or "-",
        overview.expires_at or "-",
        ",".join(overview.tags) or "-",
    )
    return tuple(map(shown, cells))


def _media(secret: Secret) -> dict[str, Any]:
    overview = secret.overview.media()
    del overview["fingerprints"]
    return {"id": str(secret.id), "version": secret.put.version, **overview}
