"""What the keys service reads of ``audit_log``: the chain of one vault."""

from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of a vault's chain."""

    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """One row as its hash was made; *address* and *salt* only for those who may see from where."""

    seq: int
    at_ms: int
    action: str
    user_id: UUID | None
    session_id: UUID | None
    origin: bytes
    object_ids: list[UUID]
    address: str | None
    salt: bytes | None


HEAD = """
    SELECT coalesce(seq, 0) AS seq, coalesce(hash, decode(repeat('00', 32), 'hex')) AS hash
      FROM vaults
      LEFT JOIN audit_heads USING (vault_id)
     WHERE vault_id = %(vault_id)s
"""


def head(conn: Connection, vault_id: UUID) -> Head:
    return db.one(conn, Head, HEAD, vault_id=vault_id)


# An account that was deleted has taken salt and address along. The first row of a page always
# comes, however many objects it names.
PAGE = """
    SELECT seq, at_ms, action, user_id, session_id, origin, object_ids,
           CASE WHEN shown AND salt IS NOT NULL THEN address END AS address,
           CASE WHEN shown THEN salt END AS salt
      FROM (SELECT vault_seq AS seq, (extract(epoch FROM at) * 1000)::bigint AS at_ms,
                   action, user_id, session_id, origin, object_ids, address, salt,
                   %(whole)s OR user_id = %(asker)s AS shown,
                   sum(cardinality(object_ids)) OVER (ORDER BY vault_seq) AS named,
                   row_number() OVER (ORDER BY vault_seq) AS place
              FROM audit_log
             WHERE vault_id = %(vault_id)s
               AND vault_seq > %(after)s
               AND vault_seq <= %(last)s
             ORDER BY vault_seq
             LIMIT %(limit)s) AS upcoming
     WHERE named <= %(objects)s
        OR place = 1
     ORDER BY seq
"""


def page(
    conn: Connection,
    vault_id: UUID,
    after: int,
    last: int,
    limit: int,
    *,
    objects: int,
    asker: UUID,
    whole: bool,
) -> list[Row]:
    """Return rows after *after* up to *last*, which name about *objects*.

    Those of others say from where if *whole*.
    """
    return db.many(
        conn,
        Row,
        PAGE,
        vault_id=vault_id,
        after=after,
        last=last,
        limit=limit,
        objects=objects,
        asker=asker,
        whole=whole,
    )
