"""Every statement that writes the sealed contents of a vault, or that a commit needs of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection
from shared.keyarc.commits import Delete, Put


@dataclass(frozen=True, slots=True)
class Content:
    """The two blobs of a put."""

    secret_id: UUID
    overview: bytes
    details: bytes


# A bucket is a range of ids: the primary key finds it. To the planner a vault that is younger than
# its statistics has one row; OFFSET 0 keeps it from comparing every bucket with every row.
LIVE = """
    SELECT secret_id, version, epoch, overview_hash, details_hash
      FROM unnest(%(firsts)b::uuid[], %(lasts)b::uuid[]) AS bucket (first, last),
           LATERAL (
               SELECT secret_id, version, epoch, overview_hash, details_hash
                 FROM secrets
                WHERE vault_id = %(vault_id)s
                  AND secret_id BETWEEN bucket.first AND bucket.last
                  AND epoch IS NOT NULL
               OFFSET 0) AS found
"""


def live(conn: Connection, vault_id: UUID, buckets: Sequence[int]) -> list[Put]:
    """Return the last put of each live secret of *buckets*."""
    firsts, lasts = _bounds(buckets)
    return db.many(conn, Put, LIVE, vault_id=vault_id, firsts=firsts, lasts=lasts)


DELETED = """
    SELECT secret_id, version
      FROM unnest(%(firsts)b::uuid[], %(lasts)b::uuid[]) AS bucket (first, last),
           LATERAL (
               SELECT secret_id, version
                 FROM secrets
                WHERE vault_id = %(vault_id)s
                  AND secret_id BETWEEN bucket.first AND bucket.last
                  AND epoch IS NULL
               OFFSET 0) AS found
"""


def deleted(conn: Connection, vault_id: UUID, buckets: Sequence[int]) -> list[Delete]:
    """Return the deletion of each deleted secret of *buckets*."""
    firsts, lasts = _bounds(buckets)
    return db.many(conn, Delete, DELETED, vault_id=vault_id, firsts=firsts, lasts=lasts)


def _bounds(buckets: Sequence[int]) -> tuple[list[UUID], list[UUID]]:
    firsts = [UUID(bytes=bytes([bucket]) + bytes(15)) for bucket in buckets]
    lasts = [UUID(bytes=bytes([bucket]) + b"\xff" * 15) for bucket in buckets]
    return firsts, lasts


PUT = """
    INSERT INTO secrets (vault_id, secret_id, version, seq, epoch,
                         overview_hash, details_hash, overview)
    SELECT %(vault_id)s, secret_id, version, %(seq)s, epoch,
           overview_hash, details_hash, overview
      FROM unnest(%(secret_ids)b::uuid[], %(versions)b::bigint[], %(epochs)b::bigint[],
                  %(overview_hashes)b::bytea[], %(details_hashes)b::bytea[],
                  %(overviews)b::bytea[])
        AS put (secret_id, version, epoch, overview_hash, details_hash, overview)
    ON CONFLICT ON CONSTRAINT secrets_pkey DO UPDATE
       SET version = excluded.version,
           seq = excluded.seq,
           epoch = excluded.epoch,
           overview_hash = excluded.overview_hash,
           details_hash = excluded.details_hash,
           overview = excluded.overview
"""

PUT_VERSIONS = """
    INSERT INTO secret_versions (vault_id, secret_id, version, seq, epoch, overview, details)
    SELECT %(vault_id)s, secret_id, version, %(seq)s, epoch, overview, details
      FROM unnest(%(secret_ids)b::uuid[], %(versions)b::bigint[], %(epochs)b::bigint[],
                  %(overviews)b::bytea[], %(details)b::bytea[])
        AS put (secret_id, version, epoch, overview, details)
"""


def put(
    conn: Connection, vault_id: UUID, seq: int, puts: Sequence[Put], contents: Sequence[Content]
) -> None:
    """Write the next version of each, all in two statements; *contents* is in the puts' order."""
    named = {
        "vault_id": vault_id,
        "seq": seq,
        "secret_ids": [put.secret_id for put in puts],
        "versions": [put.version for put in puts],
        "epochs": [put.epoch for put in puts],
        "overviews": [content.overview for content in contents],
    }
    overview_hashes = [put.overview_hash for put in puts]
    details_hashes = [put.details_hash for put in puts]
    db.run(conn, PUT, overview_hashes=overview_hashes, details_hashes=details_hashes, **named)
    db.run(conn, PUT_VERSIONS, details=[content.details for content in contents], **named)


PURGE = """
    UPDATE secret_versions
       SET overview = NULL,
           details = NULL
     WHERE vault_id = %(vault_id)s
       AND secret_id = %(secret_id)s
       AND overview IS NOT NULL
"""


def purge(conn: Connection, vault_id: UUID, secret_id: UUID) -> int:
    """Empty every version of a secret; return how many were not empty yet."""
    return db.run(conn, PURGE, vault_id=vault_id, secret_id=secret_id)


REMOVE = """
    UPDATE secrets
       SET version = version + 1,
           seq = %(seq)s,
           epoch = NULL,
           overview_hash = NULL,
           details_hash = NULL,
           overview = NULL
     WHERE vault_id = %(vault_id)s
       AND secret_id = ANY(%(secret_ids)b)
"""

REMOVE_VERSIONS = """
    INSERT INTO secret_versions (vault_id, secret_id, version, seq)
    SELECT %(vault_id)s, secret_id, version, %(seq)s
      FROM unnest(%(secret_ids)b::uuid[], %(versions)b::bigint[]) AS gone (secret_id, version)
"""


def remove(conn: Connection, vault_id: UUID, seq: int, deletions: Sequence[Delete]) -> None:
    """Empty each secret and give its deletion the number next to it; older versions stay."""
    secret_ids = [deletion.secret_id for deletion in deletions]
    versions = [deletion.version for deletion in deletions]
    named = {"vault_id": vault_id, "seq": seq, "secret_ids": secret_ids}
    db.run(conn, REMOVE, **named)
    db.run(conn, REMOVE_VERSIONS, versions=versions, **named)
