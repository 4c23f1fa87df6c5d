"""Every question about the days on which people want to hear of a secret."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Reminder:
    """A secret, and the day on which people want to hear of it."""

    secret_id: UUID
    day: dt.date


@dataclass(frozen=True, slots=True)
class Told:
    """A secret whose day became another."""

    secret_id: UUID


# OFFSET 0: each finds its secret by the key, however many the planner thinks there are.
PUT = """
    INSERT INTO reminders (vault_id, secret_id, day)
    SELECT vault_id, wanted.secret_id, day
      FROM unnest(%(secret_ids)b::uuid[], %(days)b::date[]) AS wanted (secret_id, day),
           LATERAL (
               SELECT vault_id
                 FROM secrets
                WHERE vault_id = %(vault_id)s
                  AND secret_id = wanted.secret_id
                  AND epoch IS NOT NULL
               OFFSET 0) AS live
        ON CONFLICT ON CONSTRAINT reminders_pkey DO UPDATE
       SET day = excluded.day
    RETURNING secret_id
"""


def put(conn: Connection, vault_id: UUID, days: Mapping[UUID, dt.date]) -> list[UUID]:
    """Set the days of secrets; return those that are live, the others have none."""
    told = db.many(
        conn, Told, PUT, vault_id=vault_id, secret_ids=list(days), days=list(days.values())
    )
    return [one.secret_id for one in told]


REMOVE = """
    DELETE FROM reminders
     WHERE vault_id = %(vault_id)s
       AND secret_id = ANY(%(secret_ids)b)
    RETURNING secret_id
"""


def remove(conn: Connection, vault_id: UUID, secret_ids: Collection[UUID]) -> list[UUID]:
    """Remove what there is of *secret_ids*; return those that had a day."""
    told = db.many(conn, Told, REMOVE, vault_id=vault_id, secret_ids=list(secret_ids))
    return [one.secret_id for one in told]


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
