"""A session: tokens that prove a login, kept fresh, and shared by the processes of one device."""

import contextlib
import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol

from .answers import Tokens
from .device import Device
from .encoding import Broken, strict_json
from .errors import NotLoggedIn
from .http import Answer, Transport, refuse
from .secret_store import SecretStore

EARLY_SECONDS = 20  # refreshed this long before the access token ends
ENDED = "the session has ended: log in again"
LOGGED_OUT = "this device was logged out: log in again"
OVER = {"not-signed-in", "session-ended"}  # a 401 of another kind is about a proof, not the session


@dataclass(frozen=True, slots=True)
class Session:
    """What a device keeps between a login and a logout. ``expires_at`` is seconds since 1970.

    *unsettled* is a change of keys whose outcome is not known here: unsettled.py.
    """

    account: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: int
    user_key: str = field(repr=False)
    unsettled: str = field(default="", repr=False)

    def renewed(self, tokens: Tokens) -> "Session":
        """Give the session with its next tokens."""
        return replace(
            self,
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            expires_at=int(time.time()) + tokens.expires_in,
        )


class SessionKeeper(Protocol):
    """Where a session is kept."""

    def locked(self) -> AbstractContextManager[None]:
        """Keep others from refreshing at the same time."""

    def load(self) -> Session | None:
        """Give the session, or None after a logout."""

    def save(self, session: Session) -> None:
        """Replace the session."""

    def forget(self) -> None:
        """End the session on this device."""


class MemorySession:
    """Keeps a session as long as the process lives."""

    def __init__(self) -> None:
        self._session: Session | None = None

    def locked(self) -> AbstractContextManager[None]:
        """Nobody else can refresh it."""
        return contextlib.nullcontext()

    def load(self) -> Session | None:
        """Give the session, or None after a logout."""
        return self._session

    def save(self, session: Session) -> None:
        """Replace the session."""
        self._session = session

    def forget(self) -> None:
        """End the session here."""
        self._session = None


class DeviceSession:
    """Keeps a session in the device's secret store, for every process of the device."""

    def __init__(self, device: Device, store: SecretStore) -> None:
        self._device = device
        self._store = store

    def locked(self) -> AbstractContextManager[None]:
        """Keep the other processes of this device from refreshing at the same time."""
        return self._device.locked()

    def load(self) -> Session | None:
        """Give the session, or None after a logout."""
        text = self._store.get("session")
        if text is None:
            return None
        try:
            return Session(**strict_json(text))
        except (Broken, TypeError) as ex:
            raise NotLoggedIn("the session kept here cannot be read: log in again") from ex

    def save(self, session: Session) -> None:
        """Replace the session."""
        with self.locked():
            self._store.put("session", json.dumps(asdict(session)))

    def forget(self) -> None:
        """End the session on this device; the account key stays."""
        with self.locked():
            self._store.remove("session")


def refreshed(transport: Transport, session: Session) -> Session:
    """Give the session with its next tokens, fetched by its refresh token."""
    body = {"refresh_token": session.refresh_token}
    answer = transport.ask("POST", "/auth/sessions/refresh", body)
    if answer.status == 401:
        raise NotLoggedIn(ENDED)
    if answer.status != 200:
        raise refuse(answer)
    return session.renewed(Tokens.of(answer.media))


Renewal = Callable[[Transport, Session], Session]


class Connection:
    """Requests in the name of a session; its tokens are renewed on the way."""

    def __init__(
        self,
        transport: Transport,
        keeper: SessionKeeper,
        session: Session,
        renewal: Renewal = refreshed,
    ) -> None:
        self.transport = transport
        self._keeper = keeper
        self._session = session
        self._renewal = renewal

    def ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, tag: str = ""
    ) -> Answer:
        """Send a request; when the session is over, refresh it once and try once more."""
        if self._session.expires_at - EARLY_SECONDS < time.time():
            self._refresh()
        answer = self.transport.ask(method, path, body, self._session.access_token, tag)
        if not _is_over(answer):
            return answer
        self._refresh()
        answer = self.transport.ask(method, path, body, self._session.access_token, tag)
        if _is_over(answer):
            raise NotLoggedIn(ENDED)
        return answer

    def get(self, path: str) -> Any:
        """Give the JSON of a 200; anything else is raised."""
        return self.post(path, None, method="GET", status=200)

    def post(
        self, path: str, body: dict[str, Any] | None, *, method: str = "POST", status: int = 201
    ) -> Any:
        """Give the JSON of the one *status* that means success; anything else is raised."""
        answer = self.ask(method, path, body)
        if answer.status != status:
            raise refuse(answer)
        return answer.media

    def keep(
        self, *, unsettled: str, account: str | None = None, user_key: str | None = None
    ) -> None:
        """Keep something else with the session than before; its tokens stay."""
        with self._keeper.locked():
            kept = self._keeper.load()
            if kept is None or kept.account != self._session.account:
                raise NotLoggedIn(LOGGED_OUT)
            self._session = replace(
                kept,
                unsettled=unsettled,
                account=account or kept.account,
                user_key=user_key or kept.user_key,
            )
            self._keeper.save(self._session)

    def is_overtaken(self) -> bool:
        """Tell whether another process of this device has changed the keys, or is about to."""
        kept, own = self._keeper.load(), self._session
        return kept is not None and (kept.user_key, kept.unsettled) != (own.user_key, own.unsettled)

    def log_out(self) -> None:
        """End the session at the server and here."""
        try:
            self.ask("DELETE", "/auth/sessions/current")
        except NotLoggedIn:
            pass  # it was over already
        finally:
            self._keeper.forget()
            self.transport.close()

    def _refresh(self) -> None:
        """Take the tokens that another process fetched, else fetch the next ones."""
        with self._keeper.locked():
            kept = self._keeper.load()
            if kept is None or kept.account != self._session.account:
                raise NotLoggedIn(LOGGED_OUT)
            if kept.access_token == self._session.access_token:
                kept = self._renewal(self.transport, kept)
                self._keeper.save(kept)
            self._session = kept


def _is_over(answer: Answer) -> bool:
    return answer.status == 401 and answer.problem in OVER
