"""Every question about the days on which people want to hear of a secret."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from shared import db, problems
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Reminder:
    """A secret, and the day on which people want to hear of it."""

    secret_id: UUID
    day: dt.date


# The secret is held until the end, so that nobody deletes it, and its reminder, in between.
PUT = """
    INSERT INTO reminders (vault_id, secret_id, day)
    SELECT vault_id, secret_id, %(day)s
      FROM (SELECT vault_id, secret_id
              FROM secrets
             WHERE vault_id = %(vault_id)s
               AND secret_id = %(secret_id)s
               AND epoch IS NOT NULL
               FOR SHARE) AS live
        ON CONFLICT ON CONSTRAINT reminders_pkey DO UPDATE
       SET day = excluded.day
"""


def put(conn: Connection, vault_id: UUID, secret_id: UUID, day: dt.date) -> None:
    """Set the day of a live secret, or raise NotFound."""
    if not db.run(conn, PUT, vault_id=vault_id, secret_id=secret_id, day=day):
        raise problems.NotFound


REMOVE = """
    DELETE FROM reminders
     WHERE vault_id = %(vault_id)s
       AND secret_id = ANY(%(secret_ids)b)
"""


def remove(conn: Connection, vault_id: UUID, secret_ids: Collection[UUID]) -> int:
    """Remove what there is of *secret_ids*; return how many had a day."""
    return db.run(conn, REMOVE, vault_id=vault_id, secret_ids=list(secret_ids))


UNTIL = """
    SELECT secret_id, day
      FROM reminders
     WHERE vault_id = %(vault_id)s
       AND day <= coalesce(%(until)s::date, 'infinity')
     ORDER BY day, secret_id
"""


def until(conn: Connection, vault_id: UUID, until: dt.date | None) -> list[Reminder]:
    """Return those up to a day and with it, or all of them: the first day first."""
    return db.many(conn, Reminder, UNTIL, vault_id=vault_id, until=until)
