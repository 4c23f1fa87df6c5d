"""Every question about the earlier versions of a secret."""

from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Version:
    """When a version was made, and by whom; a deletion is one too."""

    version: int
    epoch: int | None
    seq: int
    time_ms: int
    author_id: UUID
    deleted: bool


@dataclass(frozen=True, slots=True)
class Content:
    """The sealed content of one version."""

    secret_id: UUID
    version: int
    epoch: int
    overview: bytes
    details: bytes


# OFFSET 0: each version finds its commit by the key, however many the planner thinks there are.
PAGE = """
    SELECT version, epoch, seq, time_ms, author_id, epoch IS NULL AS deleted
      FROM secret_versions,
           LATERAL (
               SELECT time_ms, author_id
                 FROM commits
                WHERE commits.vault_id = secret_versions.vault_id
                  AND commits.seq = secret_versions.seq
               OFFSET 0) AS made
     WHERE vault_id = %(vault_id)s
       AND secret_id = %(secret_id)s
       AND version > %(after)s
     ORDER BY version
     LIMIT %(limit)s
"""


def page(
    conn: Connection, vault_id: UUID, secret_id: UUID, after: int, limit: int
) -> list[Version]:
    return db.many(
        conn, Version, PAGE, vault_id=vault_id, secret_id=secret_id, after=after, limit=limit
    )


GET = """
    SELECT secret_id, version, epoch, overview, details
      FROM secret_versions
     WHERE vault_id = %(vault_id)s
       AND secret_id = %(secret_id)s
       AND version = %(version)s
       AND epoch IS NOT NULL
"""


def get(conn: Connection, vault_id: UUID, secret_id: UUID, version: int) -> Content:
    return db.one(conn, Content, GET, vault_id=vault_id, secret_id=secret_id, version=version)
