"""``ls``, ``set``, ``get`` and ``rm``."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from ..changes import Edit, Removal, Write, new_value
from ..errors import NotFound
from ..items import Details, Field, Overview
from ..sync import Secret, VaultView
from ..uses import uses
from .descriptions import described, given
from .forms import HEAD, overview_media, print_value, row, split, use_media
from .home import by_token, open_client, open_reader
from .notices import look_for_recovery
from .terminal import Usage, ask_hidden, emit, interactive, note, shown, table
from .vaults import warn_of_withheld


def show(arguments: Namespace) -> None:
    """List secrets, of one vault or of all."""
    if arguments.at is not None:
        from . import earlier  # noqa: PLC0415 - as in `get`

        earlier.show(arguments)
        return
    client = open_reader()
    look_for_recovery(client)
    if arguments.vault:
        vaults = [client.vault(arguments.vault)]
    else:
        vaults = sorted(client.vaults(), key=lambda vault: vault.name)
        warn_of_withheld(client)
    found = [(vault, secret) for vault in vaults for secret in client.sync(vault.id).under("")]
    if arguments.json:
        used = {} if by_token() else {vault.id: uses(client, vault.id) for vault in vaults}
        named = [
            {
                "vault": vault.name,
                **_media(secret),
                **use_media(used.get(vault.id, {}).get(secret.id)),
            }
            for vault, secret in found
        ]
        emit({"secrets": named})
    elif found:
        table([HEAD, *(row(vault.name, secret.overview) for vault, secret in found)])
    else:
        note("There is no secret yet: keyarc set VAULT/NAME, or keyarc import .env --vault VAULT")


def put(arguments: Namespace) -> None:
    """Keep a value: a new secret, or a new version of the one of that name."""
    name, address = split(arguments.secret)
    changes = given(arguments)
    if arguments.keep and not changes:
        raise Usage("--keep keeps the value, and nothing else was given to change")
    client = open_client()
    vault = client.vault(name)
    value = None if arguments.keep else value_of_input()

    def plan(view: VaultView) -> Sequence[Edit]:
        try:
            secret = view.find(address)
        except NotFound:
            if value is None:
                raise
            overview = described(_new(address), changes)
            return [Write(overview, Details((Field("value", value),)))]
        details = client.details(view, [secret.id])[secret.id]
        overview = described(secret.overview, changes)
        if value is None:
            return [Write(overview, details, secret.id)]
        return [new_value(secret, overview, details, value)]

    view = client.change(vault.id, plan)
    version = view.find(address).put.version
    if arguments.json:
        emit({"vault": vault.name, **_media(view.find(address))})
    else:
        note(f"Kept {shown(arguments.secret)}, version {version}.")


def get(arguments: Namespace) -> None:
    """Print a value, of an earlier version if one is named."""
    if arguments.version is not None or arguments.at is not None:
        from . import earlier  # noqa: PLC0415 - only few ask for it, and starting is measured

        earlier.get(arguments)
        return
    name, address = split(arguments.secret)
    client = open_reader()
    vault = client.vault(name)
    view = client.sync(vault.id)
    secret = view.find(address)
    details = client.details(view, [secret.id])[secret.id]
    print_value(arguments, {"vault": vault.name, **_media(view.secrets[secret.id])}, details)


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


def _new(address: str) -> Overview:
    path, _, name = address.rpartition("/")
    return Overview(name=name, path=path)


def value_of_input() -> str:
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


def _media(secret: Secret) -> dict[str, Any]:
    about = {"id": str(secret.id), "version": secret.put.version}
    return about | overview_media(secret.overview)
