"""``token create``, ``token ls`` and ``token revoke``."""

import re
from argparse import Namespace
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from .. import machines
from ..errors import Failure
from ..machines import Machine
from .home import open_client
from .proofs import prove
from .terminal import Usage, agree, emit, interactive, note, shown, table, when

SPAN = re.compile(r"([0-9]{1,6})([smhdw])", re.ASCII)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
ONCE = """\
The token is shown this one time. A CI job takes it, and the server, by its environment:
  KEYARC_TOKEN=kat1_… KEYARC_SERVER={server}"""


def create(arguments: Namespace) -> None:
    """Make a machine token, and print it."""
    name = arguments.name.strip()
    if not name:
        raise Usage("a machine token has a name")
    expires_at = parse_expiry(arguments.expires, datetime.now(UTC))
    client = open_client()
    vaults = {client.vault(vault).id: vault for vault in arguments.vault}
    prove(client)
    token = machines.create(client, name, list(vaults), expires_at)
    if arguments.json:
        told = None if expires_at is None else f"{expires_at:%Y-%m-%dT%H:%M:%SZ}"
        emit({"name": name, "token": token, "expires_at": told})
        return
    print(token)
    note(ONCE.format(server=client.opened.keyring.account.server))
    note(f"It reads {shown(', '.join(vaults.values()))}, and writes nothing.")


def show(arguments: Namespace) -> None:
    """List the machine tokens."""
    client = open_client()
    names = {vault.id: vault.name for vault in client.vaults()}
    found = machines.machines(client)
    if arguments.json:
        emit({"tokens": [_media(machine, names) for machine in found]})
    elif found:
        head = ("NAME", "STATE", "READS", "LAST USED", "EXPIRES", "MADE")
        table([head, *(_row(machine, names) for machine in found)])
    else:
        note("There is no machine token yet: keyarc token create NAME --vault VAULT")


def revoke(arguments: Namespace) -> None:
    """End a machine token at once, after a yes where somebody can be asked."""
    client = open_client()
    machine = machines.find(client, arguments.name)
    names = {vault.id: vault.name for vault in client.vaults()}
    asked = interactive() and not arguments.yes
    if asked and not agree(f"Revoke {shown(machine.name)}?", "give --yes"):
        raise Failure("nothing was revoked")
    left = machines.revoke(client, machine)
    if arguments.json:
        emit({"revoked": machine.name, "still_member_of": [str(vault_id) for vault_id in left]})
    else:
        _tell(machine, names, left)


def parse_expiry(text: str | None, now: datetime) -> datetime | None:
    """Read ``90d`` (or s, m, h, w) as a time from *now*, and a day as its end in UTC."""
    if text is None:
        return None
    try:
        if span := SPAN.fullmatch(text):
            expires_at = now + timedelta(**{UNITS[span[2]]: int(span[1])})
        elif DAY.fullmatch(text):
            day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
            expires_at = datetime.combine(day, time(23, 59, 59), UTC)
        else:
            raise Usage(f"--expires {text} is neither like 90d nor like 2027-06-30")
    except (OverflowError, ValueError) as ex:
        raise Usage(f"--expires {text} is no day that there will be") from ex
    if expires_at <= now:
        raise Usage(f"--expires {text} is over already")
    return expires_at.replace(microsecond=0)


def _tell(machine: Machine, names: Mapping[UUID, str], left: list[UUID]) -> None:
    note(f"Revoked {shown(machine.name)}: its token opens nothing any more.")
    if machine.vaults:
        note(f"It read {_vaults(machine, names)}. If it leaked, replace those credentials.")
    for vault_id in left:
        name = shown(names.get(vault_id, str(vault_id)))
        note(f"keyarc: it is still in the member list of {name}: its owner can take it out.")


def _vaults(machine: Machine, names: Mapping[UUID, str]) -> str:
    return shown(", ".join(sorted(names.get(one, str(one)) for one in machine.vaults)))


def _row(machine: Machine, names: Mapping[UUID, str]) -> tuple[str, ...]:
    used = "never" if machine.last_used_at is None else when(machine.last_used_at)
    until = "never" if machine.expires_at is None else when(machine.expires_at)
    made = when(machine.created_at)
    return (shown(machine.name), machine.state, _vaults(machine, names), used, until, made)


def _media(machine: Machine, names: Mapping[UUID, str]) -> dict[str, object]:
    return {
        "name": machine.name,
        "id": str(machine.machine_id),
        "state": machine.state,
        "vaults": [{"id": str(one), "name": names.get(one)} for one in machine.vaults],
        "created_at": machine.created_at,
        "expires_at": machine.expires_at,
        "last_used_at": machine.last_used_at,
        "revoked_at": machine.revoked_at,
    }
