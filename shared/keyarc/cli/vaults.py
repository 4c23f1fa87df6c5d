"""``vault create`` and ``vault ls``."""

from argparse import Namespace

from ..client import Client
from ..errors import Conflict, KeyMissing
from ..removals import Removal, settle_withheld
from ..vaults import Vault
from .home import by_token, open_client, open_reader
from .moments import at
from .terminal import Usage, emit, note, shown, table


def create(arguments: Namespace) -> None:
    """Make a vault whose name can stand in VAULT/PATH/NAME."""
    name = arguments.name.strip()
    if not name or "/" in name:
        raise Usage("a vault's name holds something, and no slash")
    client = open_client()
    if any(vault.name == name for vault in client.vaults()):
        raise Conflict(f"there is a vault {name} already")
    vault_id = client.create_vault(name, arguments.description)
    if arguments.json:
        emit({"vault": {"id": str(vault_id), "name": name}})
    else:
        note(f"Made the vault {shown(name)}.")


def show(arguments: Namespace) -> None:
    """List the vaults."""
    client = open_reader()
    vaults = sorted(client.vaults(), key=lambda vault: vault.name)
    warn_of_withheld(client)
    if arguments.json:
        waiting = [str(vault_id) for vault_id in client.unmounted]
        emit({"vaults": [_media(vault) for vault in vaults], "waiting": waiting})
    elif vaults:
        head = ("NAME", "SECRETS", "ROLE", "ID")
        rows = [
            (shown(one.name), str(one.secrets), one.role.name.lower(), str(one.id))
            for one in vaults
        ]
        table([head, *rows])
    else:
        note("There is no vault yet: keyarc vault create NAME")


def warn_of_withheld(client: Client) -> None:
    """Name the vaults that one was taken out of, that are kept back, and that wait for a yes."""
    removals, kept_back = ([], client.withheld) if by_token() else settle_withheld(client)
    for one in removals:
        end = _end(client, one)
        note(f"keyarc: you are not a member of the vault {one.vault_id} any more: {end}.")
    for vault_id in kept_back:
        note(f"keyarc: the server does not show the vault {vault_id}, which this account has.")
    for vault_id in client.keyless:
        note(f"keyarc: {vault_id}: {KeyMissing.sentence}.")
    if client.unmounted:
        note(f"keyarc: {len(client.unmounted)} shared with you, and waiting for a yes: keyarc join")


def _end(client: Client, removal: Removal) -> str:
    """Tell who ended a membership, and when."""
    if removal.by == client.opened.keys.user_id:
        return f"you left it at {at(removal.time_ms)}"
    known = client.opened.keyring.keyring.people.get(removal.by)
    who = known.email if known and known.email else f"member {removal.by}"
    return f"{shown(who)} removed you at {at(removal.time_ms)}, by a change that they signed"


def _media(vault: Vault) -> dict[str, str | int]:
    return {
        "id": str(vault.id),
        "name": vault.name,
        "description": vault.description,
        "role": vault.role.name.lower(),
        "secrets": vault.secrets,
    }
