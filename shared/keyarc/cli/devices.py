"""``device ls|approve|refuse``, and the other side of it: ``login --approve``."""

from argparse import Namespace
from collections.abc import Sequence
from contextlib import closing

from .. import new_device
from ..client import Client
from ..device import Device
from ..entrance import kept_account_key
from ..errors import Conflict, Failure, NotFound
from ..http import Transport
from ..new_device import NewDevice, Request
from .home import open_client
from .proofs import prove
from .terminal import (
    Usage,
    agree,
    ask_hidden,
    emit,
    interactive,
    note,
    shown,
    table,
    variable,
    when,
)

TERMINAL = "run this on a terminal: somebody must compare words on two screens"
DIFFERENT = "the words differ, so somebody is in between: nothing was handed over"


def show(arguments: Namespace) -> None:
    """List the devices that ask for the account key."""
    waiting = new_device.requests(open_client().opened)
    if arguments.json:
        emit({"requests": [_media(one) for one in waiting]})
    elif waiting:
        table([(str(one.request_id), _told(one), _line(one.words)) for one in waiting])
    else:
        note("No device asks.")


def approve(arguments: Namespace) -> None:
    """Hand the account key over, once its words were compared."""
    if not interactive():
        raise Usage(TERMINAL)
    client = open_client()
    request = _chosen(client, arguments.request)
    note(f"{_told(request)} asks for your account key. On its screen must stand:")
    note(f"\n  {_line(request.words)}\n")
    if not agree("Are these the words there?", TERMINAL):
        raise Failure(DIFFERENT)
    account = client.opened.keyring.account
    key = kept_account_key(client.opened.device, account.server, account.email)
    key = key or variable("KEYARC_ACCOUNT_KEY") or ask_hidden("Account key:", TERMINAL)
    prove(client)
    words = new_device.approve(client.opened, request, key)
    note(f"Handed over. Now both screens must show:\n\n  {_line(words)}\n")
    note("If the other one shows different words, answer no there.")


def refuse(arguments: Namespace) -> None:
    """Turn a device down."""
    client = open_client()
    new_device.refuse_device(client.opened, _chosen(client, arguments.request))
    note("Refused.")


def ask_for_account_key(server: str, email: str, here: Device, *, plain_http: bool) -> str:
    """Give the account key that another device of the account handed over."""
    if not interactive():
        raise Usage(TERMINAL)
    with closing(Transport(server, plain_http=plain_http)) as transport:
        asking = NewDevice(transport, email, here)
        note("On a device that is logged in: `keyarc device approve`, or the page's settings.")
        note(f"It must show these words, else refuse there:\n\n  {_line(asking.words)}\n")
        note("Waiting for it, for ten minutes at most…")
        sealed = asking.wait()
    note(f"An answer came. Both screens must show:\n\n  {_line(sealed.words)}\n")
    if not agree("Does the other device show these words?", TERMINAL):
        raise Failure(DIFFERENT)
    return sealed.open()


def _chosen(client: Client, wanted: str | None) -> Request:
    waiting = new_device.requests(client.opened)
    found = [one for one in waiting if wanted is None or str(one.request_id) == wanted]
    if not found:
        raise NotFound("no such device asks: its request may be too old")
    if len(found) > 1:
        raise Conflict("several devices ask: see `keyarc device ls`, and give the id of one")
    return found[0]


def _told(request: Request) -> str:
    where = f" from {shown(request.network)}" if request.network else ""
    return f"{shown(request.device)}{where}, {when(request.created_at)}"


def _line(words: Sequence[str]) -> str:
    return " ".join(words)


def _media(request: Request) -> dict[str, object]:
    return {
        "request_id": str(request.request_id),
        "device": request.device,
        "network": request.network,
        "created_at": request.created_at,
        "words": list(request.words),
    }
