"""A new device that asks for the account key, and a signed-in one that hands it over.

Words are compared by the person on both screens, twice (approval.py says why); neither side goes on
by itself.
"""

import os
import time
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from . import approval, kdf
from .account_keys import derive_x_pk
from .answers import field, items, number, raw, text
from .approval import Asked
from .device import Device
from .encoding import b64, parse_id, unb64
from .errors import Failure, NotFound
from .http import Transport, refuse
from .identity import X_PK, check_x_pk
from .login import identify, normal_email, this_device
from .moments import moment
from .opened import Opened

ASK = "/auth/device-requests"
REQUESTS = "/api/account/device-requests"
SECRET_BYTES = 32
SEALED_BYTES = 1152
PAUSE_SECONDS = 2
OVER = "the request was refused, or is too old: ask again"


class NewDevice:
    """A device that asks; its `words` are to be seen on the other before it answers."""

    def __init__(self, transport: Transport, email: str, device: Device | None = None) -> None:
        """Ask the server to show the request to every signed-in device of the account."""
        email = normal_email(email)
        known = device.account(transport.server, email) if device else None
        user_id = identify(transport, email, known.user_id if known else None).user_id
        self._seed = os.urandom(32)
        self._asked = Asked(user_id, email, derive_x_pk(self._seed))
        self._transport = transport
        body = {"email": email, "public_key": b64(self._asked.x_pk), "device": this_device()}
        answer = transport.ask("POST", ASK, body)
        if answer.status != 201:
            raise refuse(answer)
        self._path = f"{ASK}/{parse_id(field(answer.media, 'request_id'))}/answer"
        self._secret = b64(raw(answer.media, "secret", SECRET_BYTES))
        self._until = time.monotonic() + number(answer.media, "expires_in")
        self.words = approval.request_words(email, self._asked.x_pk)

    def wait(self) -> "Sealed":
        """Wait for the answer; a request that was refused or got too old is a `Failure`."""
        while time.monotonic() < self._until:
            sealed = self._answer()
            if sealed is not None:
                return Sealed(self._asked, self._seed, sealed)
            time.sleep(PAUSE_SECONDS)
        raise Failure(OVER)

    def _answer(self) -> bytes | None:
        try:
            answer = self._transport.ask("POST", self._path, {"secret": self._secret})
        except NotFound as ex:
            raise Failure(OVER) from ex
        if answer.status != 200:
            raise refuse(answer)
        sealed = field(answer.media, "sealed")
        return None if sealed is None else unb64(sealed, SEALED_BYTES)


class Sealed:
    """An answer. It is `open`ed only once its `words` were seen on the other device, too."""

    def __init__(self, asked: Asked, seed: bytes, sealed: bytes) -> None:
        self._asked = asked
        self._seed = seed
        self._sealed = sealed
        self.words = approval.approved_words(asked.email, asked.x_pk, sealed)

    def open(self) -> str:
        """Give the account key as it is shown, or raise `Broken`."""
        return kdf.show_account_key(
            approval.open_account_key(self._asked, self._seed, self._sealed)
        )


@dataclass(frozen=True)
class Request:
    """A device that asks. What it is called was written by whoever asked: only words count."""

    request_id: UUID
    device: str
    network: str
    created_at: str
    x_pk: bytes
    words: tuple[str, ...]

    @classmethod
    def of(cls, media: Any, email: str) -> Self:
        """Read one, for the account of *email*, which is this device's own word for it."""
        x_pk = raw(media, "public_key", X_PK)
        check_x_pk(x_pk)
        network = field(media, "network")
        return cls(
            request_id=parse_id(field(media, "request_id")),
            device=text(media, "device"),
            network=network if isinstance(network, str) else "",
            created_at=moment(media, "created_at"),
            x_pk=x_pk,
            words=tuple(approval.request_words(email, x_pk)),
        )


def requests(opened: Opened) -> list[Request]:
    """Give the devices that ask for this account's key, the newest first."""
    email = opened.keyring.account.email
    media = opened.connection.get(REQUESTS)
    return items(media, "items", lambda one: Request.of(one, email))


def approve(opened: Opened, request: Request, account_key: str) -> list[str]:
    """Hand the account key to a device whose words were compared, after a fresh proof.

    Gives the words that the person must see on the new device before it goes on.
    """
    asked = Asked(opened.keys.user_id, opened.keyring.account.email, request.x_pk)
    sealed = approval.seal_account_key(asked, kdf.parse_account_key(account_key))
    path = f"{REQUESTS}/{request.request_id}"
    opened.connection.post(path, {"sealed": b64(sealed)}, method="PUT", status=204)
    return approval.approved_words(asked.email, asked.x_pk, sealed)


def refuse_device(opened: Opened, request: Request) -> None:
    """Turn a device down; it is told that its request is over."""
    path = f"{REQUESTS}/{request.request_id}"
    opened.connection.post(path, None, method="DELETE", status=204)
