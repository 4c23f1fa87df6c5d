"""Sends what waits to be sent, in a thread that begins with the first letter."""

import logging
import threading
import time

from shared import log, problems
from shared import mail_sql as sql
from shared.db import Pool
from shared.mail_sql import Mail
from shared.relays import Settings

LOG = logging.getLogger("keyarc")

# A letter is announced before its transaction is done; that takes 15 s at most.
LOOKS_S = (0.05, 0.1, 0.2, 0.5, 1, 2, 4, 8)
LONGEST_S = 3600.0
AGAIN_S = 60.0


class Postman:
    """Takes letters out of the database to the relay; several of them share the work."""

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self._pool = pool
        self._settings = settings
        self._news = threading.Event()
        self._lock = threading.Lock()
        self._announced: set[int] = set()
        self._thread: threading.Thread | None = None

    def announce(self, mail_id: int) -> None:
        """Take note of a letter whose transaction is not done yet."""
        with self._lock:
            self._announced.add(mail_id)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="mail", daemon=True)
                self._thread.start()
        self._news.set()

    def deliver_due(self) -> tuple[int, int]:
        """Try everything that is due once; return how many were sent, and how many were not."""
        sent = failed = 0
        while mail := self._claim():
            if self._deliver(mail):
                sent += 1
            else:
                failed += 1
        return sent, failed

    def _run(self) -> None:
        wait_s: float | None = 0
        while True:
            self._news.wait(wait_s)
            self._news.clear()
            try:
                self._look()
                with self._pool.connection() as conn:
                    due_s = sql.due(conn).seconds
                wait_s = None if due_s is None else min(max(due_s, 0.0), LONGEST_S)
            except problems.Problem:
                wait_s = AGAIN_S  # the database is away
            except Exception:
                LOG.exception("mail")
                wait_s = AGAIN_S

    def _look(self) -> None:
        """Deliver what is due, and wait for what was announced."""
        self.deliver_due()
        for pause_s in LOOKS_S:
            if not self._announced:
                return
            time.sleep(pause_s)
            self.deliver_due()
        with self._lock:
            self._announced.clear()  # never committed, or another process has sent them

    def _claim(self) -> Mail | None:
        with self._pool.connection() as conn:
            mail = sql.claim(conn)
        if mail:
            with self._lock:
                self._announced.discard(mail.mail_id)
        return mail

    def _deliver(self, mail: Mail) -> bool:
        """Send one; what cannot be sent now is due again later."""
        from shared import smtp  # noqa: PLC0415 - most processes never send a letter

        try:
            if mail.recipient is not None:
                smtp.send(self._settings, mail.recipient, mail.subject, mail.body)
        except smtp.Refused as ex:
            LOG.warning("mail refused", extra={"line": log.fault(ex)})
        except smtp.FAILURES as ex:
            LOG.warning("mail waits", extra={"line": log.fault(ex) | {"attempts": mail.attempts}})
            return False
        with self._pool.connection() as conn:
            sql.remove(conn, mail.mail_id)
        return True
