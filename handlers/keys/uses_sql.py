"""When the values of each secret were last read, and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Uses:
    """A ready answer."""

    text: str


# Sorted, so that two who read the same secrets at once wait for each other in one order.
NOTE = """
    INSERT INTO secret_uses AS known (vault_id, secret_id, used_at, user_id)
    SELECT %(vault_id)s, secret_id, now(), %(user_id)s
      FROM unnest(%(secret_ids)b::uuid[]) AS used (secret_id)
     ORDER BY secret_id
    ON CONFLICT ON CONSTRAINT secret_uses_pkey DO UPDATE
       SET used_at = excluded.used_at,
           user_id = excluded.user_id
     WHERE known.used_at <= excluded.used_at
"""


def note(conn: Connection, vault_id: UUID, secret_ids: Sequence[UUID], user_id: UUID) -> None:
    """Keep that somebody reads these secrets now."""
    db.run(conn, NOTE, vault_id=vault_id, secret_ids=secret_ids, user_id=user_id)


ALL = """
    SELECT concat('{"items":[',
                  string_agg(concat('{"secret_id":"', secret_id,
                                    '","used_at":"', to_char(used_at AT TIME ZONE 'UTC',
                                                      'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
                                    '","user_id":"', user_id,
                                    '"}'), ',' ORDER BY secret_id),
                  ']}') AS text
      FROM secret_uses
     WHERE vault_id = %(vault_id)s
"""


def all_of(conn: Connection, vault_id: UUID) -> Uses:
    """Return, as JSON, the last use of each secret that was ever used."""
    return db.one(conn, Uses, ALL, vault_id=vault_id)
