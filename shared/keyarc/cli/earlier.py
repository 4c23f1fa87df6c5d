"""``ls --at``, ``get --at`` and ``get --version``: secrets as they were."""

from argparse import Namespace

from ..history import read_log
from ..past import at as past_at
from ..past import details_at, find, pasts
from .forms import HEAD, print_value, row, split
from .history import chosen, find_secret, version_media
from .home import open_client
from .moments import at, rfc3339
from .names import Names
from .terminal import Usage, emit, note, shown, table


def show(arguments: Namespace) -> None:
    """List the secrets of a vault after one of its changes."""
    if not arguments.vault:
        raise Usage("--at counts the changes of one vault: say which")
    client = open_client()
    vault = client.vault(arguments.vault)
    log = read_log(client, vault.id)
    found = past_at(client, log, arguments.at)
    commit, names = log.commit(arguments.at), Names(client, vault.id)
    if arguments.json:
        secrets = [{"vault": vault.name, **version_media(one.version, one, names)} for one in found]
        change = {"change": commit.seq, "at": rfc3339(commit.time_ms)}
        emit({**change, "by": names.media(commit.author_id), "secrets": secrets})
        return
    who = names(commit.author_id)
    note(shown(f"{vault.name} after change {commit.seq}, {at(commit.time_ms)} by {who}:"))
    known = [one.overview for one in found if one.overview is not None]
    if known:
        table([HEAD, *(row(vault.name, overview) for overview in known)])
    if len(known) < len(found):
        note(f"{len(found) - len(known)} more cannot be read: purged, or from before you came.")


def get(arguments: Namespace) -> None:
    """Print the value of an earlier version."""
    client = open_client()
    name, address = split(arguments.secret)
    if arguments.at is not None:
        vault = client.vault(name)
        log = read_log(client, vault.id)
        past = find(past_at(client, log, arguments.at), address)
    else:
        client, vault, log, secret_id = find_secret(client, arguments.secret)
        [past] = pasts(client, log, [chosen(log.versions[secret_id], arguments.version)])
    about = {"vault": vault.name, **version_media(past.version, past, Names(client, vault.id))}
    print_value(arguments, about, details_at(client, log, past.version))
