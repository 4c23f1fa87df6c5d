"""``link``: hand a value to somebody without an account, so many times and so long."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from .. import one_time_links
from ..encoding import Broken, parse_id
from ..errors import NotFound
from ..items import Field
from ..one_time_links import MOST_READS, Link, Message
from .forms import field_of, split
from .home import open_client
from .secrets import value_of_input
from .terminal import Usage, emit, line_of_input, note, shown, table, when
from .tokens import parse_expiry

INPUT = "-"
LONGEST = timedelta(days=30)
SHORTEST = timedelta(seconds=10)


def create(arguments: Namespace) -> None:
    """Make a link to what a secret holds now, or to a value of standard input; print it."""
    expires_at = _expiry(arguments.expires)
    reads = arguments.reads
    if not 1 <= reads <= MOST_READS:
        raise Usage(f"--reads {reads} is not from 1 to {MOST_READS}")
    if arguments.secret == INPUT and (arguments.field or arguments.notes):
        raise Usage("--field and --notes are of a secret, not of standard input")
    client = open_client()
    if arguments.secret == INPUT:
        message = Message(arguments.name or "secret", (Field("value", value_of_input()),))
    else:
        name, address = split(arguments.secret)
        view = client.sync(client.vault(name).id)
        secret = view.find(address)
        details = client.details(view, [secret.id], "export")[secret.id]
        plain = _chosen(details.fields, arguments.field)
        notes = details.notes if arguments.notes else ""
        message = Message(arguments.name or secret.overview.name, plain, notes)
    link = one_time_links.make(client, message, reads, expires_at)
    if arguments.json:
        emit({"link": link, "expires_at": f"{expires_at:%Y-%m-%dT%H:%M:%SZ}"})
        return
    print(link)
    often = "once" if reads == 1 else f"{reads} times"
    note(f"It can be opened {often}, until {when(expires_at.isoformat())}. It is shown this once.")


def show(arguments: Namespace) -> None:
    """List one's own links."""
    found = one_time_links.links(open_client())
    if arguments.json:
        emit({"links": [_media(one) for one in found]})
    elif found:
        table([("ID", "READS LEFT", "LAST READ", "EXPIRES", "MADE"), *map(_row, found)])
    else:
        note("There is no link: keyarc link create VAULT/NAME")


def remove(arguments: Namespace) -> None:
    """Take a link back; nobody opens it any more."""
    link_id = _id(line_of_input() if arguments.link == INPUT else arguments.link)
    try:
        one_time_links.remove(open_client(), link_id)
    except NotFound:
        raise NotFound(f"there is no link {link_id} of this account") from None
    if arguments.json:
        emit({"removed": str(link_id)})
    else:
        note("Removed the link.")


def open_link(arguments: Namespace) -> None:
    """Take a read of a link and print what it holds; needs no account."""
    link = line_of_input() if arguments.link == INPUT else arguments.link
    opened = one_time_links.read(link, plain_http=arguments.plain_http)
    message, left = opened.message, opened.reads_left
    if arguments.json:
        emit({**message.media(), "reads_left": left})
        return
    if len(message.fields) > 1 or message.notes:
        texts = [f"{one.name}: {one.value}" for one in message.fields]
        text = "\n".join([*texts, *([message.notes] if message.notes else []), ""])
    else:
        text = message.fields[0].value
    _print(text)
    often = "It can be opened once more" if left == 1 else f"It can be opened {left} times more"
    note(f"keyarc: this was {shown(message.name)}. {often if left else 'The link is burnt'}.")


def _chosen(fields: Sequence[Field], names: Sequence[str] | None) -> tuple[Field, ...]:
    """Return what is handed over: the value, or the fields that are named, by these names alone."""
    wanted = [fields[0]] if names is None else [field_of(fields, name) for name in names]
    return tuple(Field(one.name, one.value, one.concealed) for one in wanted)


def _print(text: str) -> None:
    """Print what a stranger may have written: as it is to a file, harmless to a terminal."""
    sys.stdout.flush()
    if sys.stdout.isatty():
        text = "\n".join(map(shown, text.split("\n"))).removesuffix("\n") + "\n"
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def _expiry(text: str) -> datetime:
    now = datetime.now(UTC)
    expires_at = parse_expiry(text, now)
    if expires_at is None or not now + SHORTEST <= expires_at <= now + LONGEST:
        raise Usage(f"--expires {text} is not within the next 30 days")
    return expires_at


def _id(text: str) -> UUID:
    """Return the id that is given, or that of a whole link."""
    try:
        return parse_id(text)
    except Broken:
        return one_time_links.parse(text)[1].link_id


def _media(one: Link) -> dict[str, object]:
    return {
        "id": str(one.link_id),
        "reads_left": one.reads_left,
        "created_at": one.created_at,
        "expires_at": one.expires_at,
        "last_read_at": one.last_read_at,
    }


def _row(one: Link) -> tuple[str, ...]:
    return (
        str(one.link_id),
        str(one.reads_left) if one.reads_left else "burnt",
        "-" if one.last_read_at is None else when(one.last_read_at),
        when(one.expires_at),
        when(one.created_at),
    )
