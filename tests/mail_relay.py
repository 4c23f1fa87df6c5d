"""A real SMTP server on loopback, and what it was given."""

import asyncio
import re
import ssl
import threading
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from shared.db import Connection
from shared.relays import Relay, Security, Sender, Settings
from tests.clients import ORIGIN
from tests.waiting import until

SENDER = Sender("KeyArc", "keyarc@keyarc.test")
USER, PASSWORD = "the user of the relay", "p@ss word"
NOWHERE = Settings(Relay("127.0.0.1", 9, Security.PLAIN), SENDER, ORIGIN)


@dataclass(frozen=True)
class Received:
    """A mail as it arrived, and whom the envelope named."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    raw: bytes

    @property
    def body(self) -> str:
        return str(self.message.get_content())


@dataclass
class MailRelay:
    """A context manager. *answer* is said to every recipient; with *certificate* there is TLS."""

    security: Security = Security.PLAIN
    certificate: ssl.SSLContext | None = None
    answer: str = "250 OK"
    wants_login: bool = False
    received: list[Received] = field(default_factory=list)
    ways: list[str] = field(default_factory=list)
    _sessions: list[SMTP] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        """What services need to send through it."""
        user, password = (USER, PASSWORD) if self.wants_login else ("", "")
        relay = Relay("localhost", self.port, self.security, user, password)
        return Settings(relay, SENDER, ORIGIN)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(self, *_ex: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def first(self) -> Received:
        """Return the first mail, once it is there."""
        return until(lambda: self.received[:1])[0]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer.startswith("2"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return self.answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = envelope.content
        assert isinstance(raw, bytes)
        message: Any = message_from_bytes(raw, policy=default)
        sender, recipients = str(envelope.mail_from), [*envelope.rcpt_tos]
        assert server.transport is not None
        self.ways.append("tls" if server.transport.get_extra_info("sslcontext") else "plain")
        self.received.append(Received(sender, recipients, message, raw))
        return "250 OK"

    async def _listen(self) -> None:
        implicit = self.certificate if self.security is Security.TLS else None
        self._server = await self._loop.create_server(self._session, "127.0.0.1", 0, ssl=implicit)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _end(self) -> None:
        self._server.close()
        for session in self._sessions:
            if session.transport is not None:
                session.transport.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait_for(asyncio.gather(*others, return_exceptions=True), 10)

    def _session(self) -> SMTP:
        starttls = self.security is Security.STARTTLS
        session = SMTP(
            self,
            hostname="localhost",
            loop=self._loop,
            enable_SMTPUTF8=True,
            tls_context=self.certificate if starttls else None,
            require_starttls=starttls,
            auth_required=self.wants_login,
            auth_require_tls=False,
            authenticator=_authenticate if self.wants_login else None,
        )
        self._sessions.append(session)
        return session


def _authenticate(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, told: Any
) -> AuthResult:
    return AuthResult(success=(told.login, told.password) == (USER.encode(), PASSWORD.encode()))


def token(body: str) -> str:
    """Return what the link in a letter ends with."""
    found = re.search(rf"^{ORIGIN}/verify#([A-Za-z0-9_-]{{43}})$", body, re.MULTILINE)
    assert found, body
    return found[1]


def letters(conn: Connection) -> list[tuple[str | None, str, str]]:
    """Return recipient, subject and body of what waits to be sent, in order."""
    rows = conn.execute("SELECT recipient, subject, body FROM mails ORDER BY mail_id").fetchall()
    return [(recipient, subject, body) for recipient, subject, body in rows]
