"""Every question about the earlier versions of a secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
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
    purged: bool


@dataclass(frozen=True, slots=True)
class Content:
    """The sealed content of one version; null where it was purged."""

    secret_id: UUID
    version: int
    epoch: int
    overview: bytes | None
    details: bytes | None


@dataclass(frozen=True, slots=True)
class Overviews:
    """A ready answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Size:
    """What reading some overviews would give."""

    count: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Now:
    """Whether a secret is live."""

    live: bool


# OFFSET 0: each version finds its commit by the key, however many the planner thinks there are.
PAGE = """
    SELECT version, epoch, seq, time_ms, author_id, epoch IS NULL AS deleted,
           epoch IS NOT NULL AND overview IS NULL AS purged
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


SIZE = """
    SELECT count(*), coalesce(sum(bytes), 0)::bigint AS bytes
      FROM unnest(%(secret_ids)b::uuid[], %(versions)b::bigint[]) AS wanted (secret_id, version),
           LATERAL (
               SELECT octet_length(overview) AS bytes
                 FROM secret_versions
                WHERE vault_id = %(vault_id)s
                  AND secret_id = wanted.secret_id
                  AND version = wanted.version
               OFFSET 0) AS found
"""


def size(conn: Connection, vault_id: UUID, wanted: Sequence[tuple[UUID, int]]) -> Size:
    """Tell how many of *wanted*, ids with numbers, the vault has, and how long they are."""
    return db.one(conn, Size, SIZE, vault_id=vault_id, **_columns(wanted))


# A deletion has no epoch, and neither it nor what was purged has an overview.
OVERVIEWS = """
    SELECT concat('{"items":[',
                  string_agg(concat('{"secret_id":"', found.secret_id,
                                    '","version":"', found.version,
                                    '","epoch":', coalesce('"' || epoch || '"', 'null'),
                                    ',"overview":',
                                    coalesce('"' || base64url(overview) || '"', 'null'),
                                    '}'), ',' ORDER BY found.secret_id, found.version),
                  ']}') AS text
      FROM unnest(%(secret_ids)b::uuid[], %(versions)b::bigint[]) AS wanted (secret_id, version),
           LATERAL (
               SELECT secret_id, version, epoch, overview
                 FROM secret_versions
                WHERE vault_id = %(vault_id)s
                  AND secret_id = wanted.secret_id
                  AND version = wanted.version
               OFFSET 0) AS found
"""


def overviews(conn: Connection, vault_id: UUID, wanted: Sequence[tuple[UUID, int]]) -> Overviews:
    """Return, as JSON, those of *wanted*, ids with numbers, that the vault has."""
    return db.one(conn, Overviews, OVERVIEWS, vault_id=vault_id, **_columns(wanted))


def _columns(wanted: Sequence[tuple[UUID, int]]) -> dict[str, Any]:
    return {
        "secret_ids": [secret_id for secret_id, _ in wanted],
        "versions": [version for _, version in wanted],
    }


NOW = """
    SELECT epoch IS NOT NULL AS live
      FROM secrets
     WHERE vault_id = %(vault_id)s
       AND secret_id = %(secret_id)s
"""


def now(conn: Connection, vault_id: UUID, secret_id: UUID) -> Now:
    return db.one(conn, Now, NOW, vault_id=vault_id, secret_id=secret_id)
