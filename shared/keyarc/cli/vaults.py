"""``vault create`` and ``vault ls``."""

from argparse import Namespace

from ..client import Client
from ..errors import Conflict
from ..vaults import Vault
from .home import open_client, open_reader
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
        emit({"vaults": [_media(vault) for vault in vaults]})
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
    """Name the vaults that this account has keys for and the server does not show."""
    for vault_id in client.withheld:
        note(f"keyarc: the server does not show the vault {vault_id}, which this account has.")


def _media(vault: Vault) -> dict[str, str | int]:
    return {
        "id": str(vault.id),
        "name": vault.name,
        "description": vault.description,
        "role": vault.role.name.lower(),
        "secrets": vault.secrets,
    }
