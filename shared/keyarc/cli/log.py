"""``log`` and ``verify``."""

from argparse import Namespace
from typing import Any, NamedTuple
from uuid import UUID

from ..accesses import BEGINNING, Access, follow
from ..client import Client
from ..commits import Commit
from ..encoding import b64
from ..history import Log, read_log
from ..past import pasts
from ..vaults import Vault
from ..verification import Report
from ..verification import verify as recompute
from . import deeds
from .home import open_client
from .moments import at, rfc3339
from .names import Names
from .terminal import emit, shown, table

# The signed change itself tells these better; its row in the access log only adds from where.
SIGNED = ("invitation.", "member.", "vault.")
IN_WORDS = {
    "reminder.removed": "took back the reminder for",
    "reminder.set": "set a reminder for",
    "secret.exported": "exported",
    "secret.purged": "removed for good",
    "secret.read": "read",
    "secret.used": "handed to a program",
}


class Entry(NamedTuple):
    """A signed change, or an access as the server noted it."""

    time_ms: int
    what: Commit | Access


def show(arguments: Namespace) -> None:
    """Show signed changes and accesses together, the newest last."""
    client = open_client()
    vault = client.vault(arguments.vault)
    log = read_log(client, vault.id)
    names, secrets = Names(client, vault.id), _Secrets(client, log)
    with client.guard(vault.id):
        rows = follow(client.opened.connection, vault.id, BEGINNING, log.audit or BEGINNING)
    entries = [Entry(one.time_ms, one) for one in log.commits]
    entries += [Entry(one.at_ms, one) for one in rows if arguments.json or not _is_signed(one)]
    entries.sort(key=lambda one: one.time_ms)
    if arguments.last is not None:
        entries = entries[-arguments.last :] if arguments.last > 0 else []
    if arguments.json:
        media = [_media(one.what, names, secrets) for one in entries]
        emit({"vault": vault.name, "head": _head(log), "entries": media})
    else:
        lines = [_line(one, names, secrets) for one in entries]
        _table([("WHEN", "CHANGE", "WHO", "WHAT", "FROM"), *lines])


def verify(arguments: Namespace) -> None:
    """Recompute a whole vault, and say what was checked."""
    client = open_client()
    vault = client.vault(arguments.vault)
    report = recompute(client, vault.id)
    names = Names(client, vault.id)
    if arguments.json:
        emit({"vault": vault.name, "verified": True, **_report(report, names)})
        return
    for line in _checked(vault, report, names):
        print(shown(line))


class _Secrets:
    """What secrets were called, version by version."""

    def __init__(self, client: Client, log: Log) -> None:
        versions = [one for known in log.versions.values() for one in known]
        self._names: dict[tuple[UUID, int], str] = {}
        self._last: dict[UUID, str] = {}
        for past in pasts(client, log, versions):
            if past.overview is not None:
                version = past.version
                self._names[version.secret_id, version.number] = past.overview.address
                self._last[version.secret_id] = past.overview.address

    def __call__(self, secret_id: UUID, version: int) -> str:
        """Give the name of then, or the id where it cannot be read."""
        return self._names.get((secret_id, version), str(secret_id))

    def last(self, object_id: UUID) -> str | None:
        """Give the last known name of a secret; None for what is none."""
        return self._last.get(object_id)


def _is_signed(access: Access) -> bool:
    return access.action.startswith(SIGNED)


def _line(entry: Entry, names: Names, secrets: _Secrets) -> tuple[str, ...]:
    what = entry.what
    if isinstance(what, Commit):
        said = deeds.in_words(what, names, secrets)
        return at(entry.time_ms), str(what.seq), names(what.author_id), said, ""
    objects = [secrets.last(one) or names(one) for one in what.object_ids]
    more = f", and {len(objects) - deeds.NAMED} more" if len(objects) > deeds.NAMED else ""
    deed = IN_WORDS.get(what.action, what.action)  # a later server may know more
    said = f"{deed} {', '.join(objects[: deeds.NAMED])}{more}".strip()
    return at(entry.time_ms), "-", names(what.user_id), said, what.address or "-"


def _media(what: Commit | Access, names: Names, secrets: _Secrets) -> dict[str, Any]:
    if isinstance(what, Commit):
        return {
            "kind": "change",
            "at": rfc3339(what.time_ms),
            "seq": what.seq,
            "by": names.media(what.author_id),
            "ops": deeds.media(what, names, secrets),
        }
    objects = [{"id": str(one), "name": secrets.last(one)} for one in what.object_ids]
    return {
        "kind": "access",
        "at": rfc3339(what.at_ms),
        "seq": what.seq,
        "by": names.media(what.user_id),
        "action": what.action,
        "objects": objects,
        "from": what.address,
        "session_id": what.session_id and str(what.session_id),
    }


def _head(log: Log) -> dict[str, str]:
    return {"seq": str(log.state.seq), "hash": b64(log.state.head)}


def _report(report: Report, names: Names) -> dict[str, Any]:
    numbers = (
        "commits",
        "members",
        "secrets",
        "deleted",
        "versions",
        "unreadable",
        "purged",
        "keys",
        "accesses",
    )
    return {
        "head": {"seq": str(report.head.seq), "hash": b64(report.head.hash)},
        "changed_at": rfc3339(report.time_ms),
        "changed_by": names.media(report.author_id),
        "checked": {name: getattr(report, name) for name in numbers},
    }


def _checked(vault: Vault, report: Report, names: Names) -> list[str]:
    hidden = []
    if report.purged:
        hidden.append(f"{report.purged} were purged")
    if report.unreadable:
        hidden.append(f"{report.unreadable} are sealed under keys from before you were let in")
    gone = f"; of these {' and '.join(hidden)}" if hidden else ""
    head = f"change {report.head.seq}"
    when, who = at(report.time_ms), names(report.author_id)
    return f"""\
{vault.name} is whole up to {head}, {when} by {who}.
  {_many(report.commits, "change")} from the first on: each follows the one before, is signed by a
    member who might make it, and leads to the state that it signs
  {_many(report.members, "member")}, {_many(report.keys, "key")}: as the changes say
  {_many(report.secrets, "secret")} in the list, {report.deleted} removed: none missing, added or
    older
  {_many(report.versions, "version")}: what lists showed of them is what was signed{gone}
  {_many(report.accesses, "access", "es")}: one chain, which goes on from what was seen before
Not checked: values, which were not fetched, and whether newer changes are held back.
Other members should see the same {head}: {b64(report.head.hash)}""".splitlines()


def _many(count: int, noun: str, ending: str = "s") -> str:
    return f"{count} {noun}{'' if count == 1 else ending}"


def _table(rows: list[tuple[str, ...]]) -> None:
    table([tuple(map(shown, row)) for row in rows])
