"""Writes to people that the day of a reminder has come: one letter a day, with counts only."""

from collections.abc import Mapping
from typing import Any

from handlers.jobs import mail, run
from handlers.jobs import remind_sql as sql
from shared import letters, mail_sql
from shared.db import Connection
from shared.postman import Postman

BATCH = 500  # people that a transaction holds at most


def work(url: str) -> Mapping[str, Any]:
    """Write whatever was not told yet, however old, and send it; without mail it waits untold."""
    settings = mail.from_env()
    if settings is None:
        return {"mail": "not set up"}
    people = 0
    with run.connection(url) as conn:
        while written := _write(conn):
            people += written
        sent, failed = Postman(mail.Transactions(conn), settings).deliver_due()
    return {"people": people, "sent": sent, "waiting": failed}


def _write(conn: Connection) -> int:
    """Leave letters to some people to be sent; return to how many, 0 once there is nobody left."""
    with run.transaction(conn):
        people = sql.claim(conn, BATCH)
        addresses = {person.user_id: person.email for person in people}
        for count in sql.tell(conn, addresses):
            letter = letters.reminder(count.secrets, count.vaults)
            mail_sql.add(conn, addresses[count.user_id], letter.subject, letter.body)
    return len(people)
