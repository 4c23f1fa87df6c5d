"""Writes to people that the day of a reminder has come: one letter a day, with counts only."""

import time
from collections.abc import Mapping
from typing import Any

from handlers.jobs import mail, run
from handlers.jobs import remind_sql as sql
from shared import db, letters, mail_sql, relays
from shared.db import Connection
from shared.postman import Postman

BATCH = 500  # people that a transaction holds at most
PATIENCE_S = 480.0  # three more tries: relays that know nobody yet say no at first


def work(url: str) -> Mapping[str, Any]:
    """Write whatever was not told yet, however old, and send it; without mail it waits untold."""
    settings = mail.from_env()
    if settings is None:
        return {"mail": "not set up"}
    people = 0
    with run.connection(url) as conn:
        while written := _write(conn):
            people += written
        sent, waiting = _deliver(mail.Transactions(conn), settings)
    return {"people": people, "sent": sent, "waiting": waiting}


def _deliver(pool: db.Pool, settings: relays.Settings) -> tuple[int, int]:
    """Send what is due, and for some minutes again what a relay did not take at once.

    What waits then is anybody's to send for a day; what never left is told by the next letter.
    """
    postman, sent, until = Postman(pool, settings), 0, time.monotonic() + PATIENCE_S
    while True:
        sent += postman.deliver_due()[0]
        with pool.connection() as conn:
            left = mail_sql.due(conn)
        if left.seconds is None or time.monotonic() + left.seconds > until:
            return sent, left.letters
        time.sleep(max(left.seconds, 0))


def _write(conn: Connection) -> int:
    """Leave letters to some people to be sent; return to how many, 0 once there is nobody left."""
    with run.transaction(conn):
        people = sql.claim(conn, BATCH)
        addresses = {person.user_id: person.email for person in people}
        for count in sql.tell(conn, addresses):
            letter = letters.reminder(count.secrets, count.vaults)
            to = addresses[count.user_id]
            sql.sign(conn, count.user_id, mail_sql.add(conn, to, letter.subject, letter.body))
    return len(people)
