"""``session ls`` and ``session revoke``."""

from argparse import Namespace
from dataclasses import asdict
from uuid import UUID

from .. import sessions as own_sessions
from ..encoding import Broken, parse_id
from ..sessions import OwnSession
from .home import open_client
from .terminal import Usage, emit, note, shown, table, when


def show(arguments: Namespace) -> None:
    """List the sessions, the newest use first."""
    found = own_sessions.sessions(open_client().opened)
    if arguments.json:
        emit({"sessions": [asdict(one) | {"session_id": str(one.session_id)} for one in found]})
        return
    head = ("DEVICE", "NETWORK", "LAST SEEN", "SINCE", "ENDS", "ID")
    table([head, *map(_row, found)])


def revoke(arguments: Namespace) -> None:
    """End one session, or all but this one."""
    client = open_client()
    if arguments.others:
        ended = own_sessions.end_others(client.opened)
    else:
        session_id = _id(arguments.session)
        known = own_sessions.sessions(client.opened)
        if any(one.current and one.session_id == session_id for one in known):
            raise Usage("that is the session of this device: keyarc logout")
        own_sessions.end(client.opened, session_id)
        ended = 1
    if arguments.json:
        emit({"ended": ended})
    else:
        note(f"Ended {ended} session{'' if ended == 1 else 's'}.")


def _id(text: str) -> UUID:
    try:
        return parse_id(text)
    except Broken as ex:
        raise Usage(f"{text} is not the id of a session: see keyarc session ls") from ex


def _row(session: OwnSession) -> tuple[str, ...]:
    device = f"{session.device} (this one)" if session.current else session.device
    moments = (session.last_seen_at, session.created_at, session.expires_at)
    return (shown(device), shown(session.network), *map(when, moments), str(session.session_id))
