"""Whom `remind` writes to, and what they have been told of. Days are UTC's, by the database."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is written to today."""

    user_id: UUID
    email: str


@dataclass(frozen=True, slots=True)
class Count:
    """Of how many secrets, and in how many vaults, somebody was not told yet."""

    user_id: UUID
    secrets: int
    vaults: int


# Whoever comes second waits for the rows of the first, always in the same order, and then sees
# that these people were written to today. A machine has no address.
CLAIM = """
    UPDATE users
       SET reminded_on = (now() AT TIME ZONE 'UTC')::date
     WHERE user_id IN (
               SELECT user_id
                 FROM users
                WHERE users.reminders
                  AND email IS NOT NULL
                  AND coalesce(reminded_on < (now() AT TIME ZONE 'UTC')::date, true)
                  AND user_id IN (
                          SELECT vault_members.user_id
                            FROM reminders
                            JOIN vault_members USING (vault_id)
                            LEFT JOIN reminders_told AS told
                                   ON told.vault_id = reminders.vault_id
                                  AND told.secret_id = reminders.secret_id
                                  AND told.user_id = vault_members.user_id
                                  AND told.day = reminders.day
                           WHERE reminders.day <= (now() AT TIME ZONE 'UTC')::date
                             AND role IS NOT NULL
                             AND accepted
                             AND told.day IS NULL)
                ORDER BY user_id
                LIMIT %(batch)s
                  FOR NO KEY UPDATE)
    RETURNING user_id, email
"""


def claim(conn: Connection, batch: int) -> list[Person]:
    """Return people who were not told of something yet; nobody else gets them today."""
    return db.many(conn, Person, CLAIM, batch=batch)


TELL = """
    WITH news AS (
        INSERT INTO reminders_told AS told (user_id, vault_id, secret_id, day)
        SELECT user_id, vault_id, secret_id, day
          FROM reminders
          JOIN vault_members USING (vault_id)
         WHERE day <= (now() AT TIME ZONE 'UTC')::date
           AND role IS NOT NULL
           AND accepted
           AND user_id = ANY(%(user_ids)s)
            ON CONFLICT ON CONSTRAINT reminders_told_pkey DO UPDATE
           SET day = excluded.day,
               mail_id = NULL
         WHERE told.day <> excluded.day
        RETURNING user_id, vault_id
    )
    SELECT user_id, count(*) AS secrets, count(DISTINCT vault_id) AS vaults
      FROM news
     GROUP BY user_id
"""


def tell(conn: Connection, user_ids: Collection[UUID]) -> list[Count]:
    """Note that these people are told of all that is due; return how much of it is news."""
    return db.many(conn, Count, TELL, user_ids=list(user_ids))


SIGN = """
    UPDATE reminders_told
       SET mail_id = %(mail_id)s
     WHERE user_id = %(user_id)s
       AND mail_id IS NULL
"""


def sign(conn: Connection, user_id: UUID, mail_id: int) -> None:
    """Note by which letter somebody was told what was just noted."""
    db.run(conn, SIGN, user_id=user_id, mail_id=mail_id)
