"""Taking everything along, readable, and ending the account."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from .answers import items
from .client import Client
from .encoding import parse_id
from .errors import Conflict, NotLoggedIn, Refused, Unreachable
from .http import Answer, refuse
from .items import Details
from .login import identify
from .removals import settle_withheld
from .secret_store import account_key_name, secret_store
from .sync import VaultView
from .vaults import Vault

DATA = "/api/account/data"
PROFILE = "/api/account/profile"
FORM: Final = 1
AT_ONCE = 100


def export(client: Client) -> dict[str, Any]:
    """Give everything that the account holds, verified and opened, as JSON in plain text.

    The page writes the same form. *account* is what the server knows without a key, as it came.
    """
    account = client.opened.connection.get(DATA)
    vaults = sorted(client.vaults(), key=lambda vault: (vault.name, vault.id))
    if missing := settle_withheld(client)[1]:
        ids = ", ".join(map(str, missing))
        raise Conflict(f"the server does not show the vaults {ids}: the copy would lack them")
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    opened = [_vault(client, vault) for vault in vaults]
    return {"keyarc_export": FORM, "made_at": made_at, "account": account, "vaults": opened}


def delete(client: Client) -> None:
    """End the account at once and for good, which takes a fresh proof; forget it on this device."""
    opened = client.opened
    account, device = opened.keyring.account, opened.device
    try:
        _delete(client)
    except (NotLoggedIn, Unreachable):
        # Perhaps an earlier sending did it, and its answer was lost: a server that knows nobody of
        # this address names somebody else.
        if (
            identify(opened.connection.transport, account.email, None).user_id
            == opened.keys.user_id
        ):
            raise
    client.log_out()
    if device is not None:
        secret_store(device).remove(account_key_name(account.name))
        device.forget(account.name)


def _vault(client: Client, vault: Vault) -> dict[str, Any]:
    view = client.sync(vault.id)
    secrets = []
    for secret_id, details in _details(client, view, sorted(view.secrets)):
        secret = view.secrets[secret_id]
        secrets.append(
            {
                "secret_id": str(secret_id),
                "version": str(secret.put.version),
                "overview": json.loads(secret.overview.encode()),
                "details": json.loads(details.encode()),
            }
        )
    return {
        "vault_id": str(vault.id),
        "name": vault.name,
        "description": vault.description,
        "icon": vault.icon,
        "role": vault.role.name.lower(),
        "secrets": secrets,
    }


def _details(
    client: Client, view: VaultView, secret_ids: list[UUID]
) -> Iterator[tuple[UUID, Details]]:
    """Read values in parts; a part that is too large for one answer is halved."""
    parts = [secret_ids[at : at + AT_ONCE] for at in range(0, len(secret_ids), AT_ONCE)]
    while parts:
        part = parts.pop(0)
        try:
            yield from client.details(view, part, "export").items()
        except Refused as ex:
            if ex.problem != "too-large" or len(part) == 1:
                raise
            half = len(part) // 2
            parts[:0] = [part[:half], part[half:]]


def _delete(client: Client) -> None:
    answer = client.opened.connection.ask("DELETE", PROFILE)
    if answer.problem == "vaults-shared":
        raise Conflict(_shared(client, answer))
    if answer.status != 204:
        raise refuse(answer)


def _shared(client: Client, answer: Answer) -> str:
    """Name the vaults as this account knows them, not as the server calls them."""
    ids = set(items(answer.media, "vaults", parse_id))
    names = ", ".join(sorted(vault.name for vault in client.vaults() if vault.id in ids))
    return f"others are members of {names}: leave or hand over first what is shared"
