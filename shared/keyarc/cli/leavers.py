"""``leavers``: what people who are gone could read, and what of it is still to be replaced."""

from argparse import Namespace

from ..leavers import Exposed, Leaver, Now, leavers
from .home import open_client
from .moments import at, rfc3339
from .names import Names
from .terminal import emit, note, shown, table


def show(arguments: Namespace) -> None:
    """List everyone who is gone from a vault, with what they could read."""
    client = open_client()
    vault = client.vault(arguments.vault)
    names, gone = Names(client, vault.id), leavers(client, vault.id)
    if arguments.json:
        emit({"leavers": [_media(one, names) for one in gone]})
        return
    for one in gone:
        _tell(one, names)
    if not gone:
        note(f"Nobody has left {shown(vault.name)}.")


def _tell(one: Leaver, names: Names) -> None:
    """Print one's list, what is left to replace first."""
    kind = "machine " if one.machine else ""
    how = "left" if one.by == one.user_id else f"was removed by {shown(names(one.by))}"
    print(f"{kind}{shown(names(one.user_id))} {how} at {at(one.until_ms)}")
    if not one.rotated:
        note("  The vault's key is the same since: keyarc vault rotate")
    if one.secrets:
        table([(f"  {shown(secret.address)}", _now(secret)) for secret in one.secrets])
    done = len(one.secrets) - one.count(Now.LEFT)
    print(f"  {done} of {len(one.secrets)} done, {one.count(Now.LEFT)} left to replace")


def _now(secret: Exposed) -> str:
    match secret.now:
        case Now.REPLACED:
            return f"replaced {at(secret.replaced_ms or 0)}"
        case Now.DELETED:
            return "deleted here; end it where it is valid"
        case Now.LEFT:
            return "LEFT: replace it"


def _media(one: Leaver, names: Names) -> dict[str, object]:
    return {
        "who": names.media(one.user_id),
        "machine": one.machine,
        "role": one.role.name.lower(),
        "since": rfc3339(one.since_ms),
        "until": rfc3339(one.until_ms),
        "by": names.media(one.by),
        "rotated": one.rotated,
        "total": len(one.secrets),
        "replaced": one.count(Now.REPLACED),
        "deleted": one.count(Now.DELETED),
        "left": one.count(Now.LEFT),
        "secrets": [
            {
                "id": str(secret.secret_id),
                "name": secret.address,
                "status": str(secret.now),
                "replaced_at": None if secret.replaced_ms is None else rfc3339(secret.replaced_ms),
            }
            for secret in one.secrets
        ],
    }
