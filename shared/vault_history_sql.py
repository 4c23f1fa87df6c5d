"""Every question about the signed history of a vault."""

from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as its author sent it; *more* tells that others follow."""

    seq: int
    raw: bytes
    signature: bytes
    more: bool


# The first commit of a page always comes, however large it is. Whoever is not of the vault any more
# sees no head of it, and says up to where.
PAGE = """
    SELECT seq, raw, signature, seq < last AS more
      FROM (SELECT vault_id, coalesce(%(until)s::bigint, head_seq) AS last
              FROM (SELECT %(vault_id)s::uuid AS vault_id) AS asked
              LEFT JOIN vaults USING (vault_id)) AS vault,
           LATERAL (
               SELECT seq, raw, signature,
                      sum(octet_length(raw)) OVER (ORDER BY seq) AS size,
                      row_number() OVER (ORDER BY seq) AS place
                 FROM commits
                WHERE commits.vault_id = vault.vault_id
                  AND seq > %(after)s
                  AND seq <= last
                ORDER BY seq
                LIMIT %(limit)s) AS upcoming
     WHERE size <= %(bytes)s
        OR place = 1
     ORDER BY seq
"""


def page(
    conn: Connection,
    vault_id: UUID,
    *,
    after: int,
    until: int | None,
    limit: int,
    bytes: int,  # noqa: A002
) -> list[Commit]:
    """Return the commits after *after*: at most *limit*, and about *bytes* together."""
    return db.many(
        conn, Commit, PAGE, vault_id=vault_id, after=after, until=until, limit=limit, bytes=bytes
    )
