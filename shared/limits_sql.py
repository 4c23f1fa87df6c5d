"""Every statement over ``limits``. Time is the database's own."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Key:
    """What subjects are hashed with: so the table tells nobody whom it is about."""

    decoy_key: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """How long the one that has to wait longest has to wait; none where nobody has to."""

    seconds: float | None


KEY = """
    SELECT decoy_key
      FROM installation
"""


def key(conn: Connection) -> bytes:
    return db.one(conn, Key, KEY).decoy_key


# Rows are taken in the order of their hashes, so that nobody waits for somebody who waits for them.
# Who waited for a row compares it with the time before the wait: of many guesses at the same
# moment those that come after a delay began are refused like all others. Where nobody has to wait,
# it is a minute ago for the same reason.
TAKE = """
    WITH asked AS MATERIALIZED (
        SELECT *, clock_timestamp() AS at
          FROM unnest(%(subject_hashes)s::bytea[], %(free)s::float8[], %(forget_s)s::float8[],
                      %(first_s)s::float8[], %(longest_s)s::float8[])
               AS rules (subject_hash, free, forget_s, first_s, longest_s)
    ), counted AS (
        INSERT INTO limits AS old (subject_hash, attempts, counted_at, blocked_until)
        SELECT subject_hash, 1, at,
               at + CASE WHEN free > 1 THEN interval '-1 minute'
                         ELSE make_interval(secs => first_s) END
          FROM asked
         ORDER BY subject_hash
            ON CONFLICT (subject_hash) DO UPDATE
           SET (attempts, counted_at, blocked_until) = (
               SELECT CASE WHEN blocked THEN old.attempts ELSE tried END,
                      CASE WHEN blocked THEN old.counted_at ELSE at END,
                      CASE WHEN blocked THEN old.blocked_until
                           WHEN ceil(tried) < free THEN at - interval '1 minute'
                           ELSE at + make_interval(secs => least(
                                    longest_s, first_s * power(2, least(ceil(tried) - free, 60))))
                      END
                 FROM asked
                CROSS JOIN LATERAL (
                      SELECT old.blocked_until > at AS blocked,
                             1 + greatest(0, old.attempts - greatest(0,
                                 extract(epoch FROM at - old.counted_at)::float8 / forget_s))
                             AS tried) AS now_
                WHERE asked.subject_hash = excluded.subject_hash)
        RETURNING subject_hash, counted_at, blocked_until
    )
    SELECT max(extract(epoch FROM counted.blocked_until - asked.at)::float8)
               FILTER (WHERE counted.counted_at <> asked.at) AS seconds
      FROM counted
      JOIN asked USING (subject_hash)
"""


def take(
    conn: Connection,
    subject_hashes: Sequence[bytes],
    *,
    free: Sequence[float],
    forget_s: Sequence[float],
    first_s: Sequence[float],
    longest_s: Sequence[float],
) -> float | None:
    """Count an attempt for each; return how long to wait if one of them may not try now."""
    return db.one(
        conn,
        Refusal,
        TAKE,
        subject_hashes=list(subject_hashes),
        free=[*map(float, free)],
        forget_s=[*map(float, forget_s)],
        first_s=[*map(float, first_s)],
        longest_s=[*map(float, longest_s)],
    ).seconds


# Locked in the same order as above.
FORGIVE = """
    WITH held AS MATERIALIZED (
        SELECT subject_hash, whole
          FROM limits
          JOIN unnest(%(subject_hashes)s::bytea[], %(whole)s::boolean[]) AS forgiven
               (subject_hash, whole) USING (subject_hash)
         ORDER BY subject_hash
           FOR UPDATE OF limits
    )
    UPDATE limits
       SET attempts = CASE WHEN held.whole THEN 0 ELSE greatest(0, limits.attempts - 1) END,
           blocked_until = clock_timestamp() - interval '1 minute'
      FROM held
     WHERE limits.subject_hash = held.subject_hash
"""


def forgive(conn: Connection, subject_hashes: Sequence[bytes], whole: Sequence[bool]) -> None:
    """Take back what the last attempt cost each, or with *whole* what all of them did."""
    db.run(conn, FORGIVE, subject_hashes=list(subject_hashes), whole=list(whole))
