"""Every question about the secrets of a vault as they are now."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Head:
    """Where the history of a vault stands, and the chain of its audit rows."""

    seq: int
    hash: bytes
    audit_seq: int
    audit_hash: bytes


@dataclass(frozen=True, slots=True)
class Changes:
    """A ready answer, and the heads that it was read at."""

    seq: int
    hash: bytes
    audit_seq: int
    audit_hash: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Secret:
    """The current version of a secret."""

    secret_id: UUID
    version: int
    epoch: int
    overview: bytes
    details: bytes


@dataclass(frozen=True, slots=True)
class Details:
    """A ready answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Size:
    """What reading some secrets would give."""

    count: int
    bytes: int


HEAD = """
    SELECT head_seq AS seq, head_hash AS hash,
           coalesce(audit_heads.seq, 0) AS audit_seq,
           coalesce(audit_heads.hash, decode(repeat('00', 32), 'hex')) AS audit_hash
      FROM vaults
      LEFT JOIN audit_heads USING (vault_id)
     WHERE vault_id = %(vault_id)s
"""


def head(conn: Connection, vault_id: UUID) -> Head:
    return db.one(conn, Head, HEAD, vault_id=vault_id)


# One statement, so that head and rows are of the same instant. Ids, numbers and base64url need
# no escaping in JSON.
CHANGES = """
    SELECT head_seq AS seq,
           head_hash AS hash,
           told.seq AS audit_seq,
           told.hash AS audit_hash,
           concat('{"head":{"seq":"', head_seq,
                  '","hash":"', base64url(head_hash),
                  '","state":"', base64url(head_state),
                  '"},"audit":{"seq":"', told.seq,
                  '","hash":"', base64url(told.hash),
                  '"},"secrets":[', live.items, '],"deleted":[', gone.items, ']}') AS text
      FROM vaults
      LEFT JOIN audit_heads USING (vault_id),
           LATERAL (
               SELECT coalesce(audit_heads.seq, 0) AS seq,
                      coalesce(audit_heads.hash, decode(repeat('00', 32), 'hex')) AS hash
           ) AS told,
           LATERAL (
               SELECT string_agg(concat('{"secret_id":"', secret_id,
                                        '","version":"', version,
                                        '","epoch":"', epoch,
                                        '","seq":"', seq,
                                        '","overview":"', base64url(overview),
                                        '","details_hash":"', base64url(details_hash),
                                        '"}'), ',' ORDER BY secret_id) AS items
                 FROM secrets
                WHERE secrets.vault_id = vaults.vault_id
                  AND seq > %(since)s
                  AND epoch IS NOT NULL) AS live,
           LATERAL (
               SELECT string_agg(concat('{"secret_id":"', secret_id,
                                        '","version":"', version,
                                        '","seq":"', seq,
                                        '"}'), ',' ORDER BY secret_id) AS items
                 FROM secrets
                WHERE secrets.vault_id = vaults.vault_id
                  AND seq > %(since)s
                  AND epoch IS NULL) AS gone
     WHERE vault_id = %(vault_id)s
"""


def changes(conn: Connection, vault_id: UUID, since: int) -> Changes:
    """Return, as JSON, the head and what was put or deleted after commit *since*."""
    return db.one(conn, Changes, CHANGES, vault_id=vault_id, since=since)


GET = """
    WITH found AS (
        SELECT vault_id, secret_id, version, secrets.epoch, secrets.overview, details
          FROM secrets
          JOIN secret_versions USING (vault_id, secret_id, version)
         WHERE vault_id = %(vault_id)s
           AND secret_id = %(secret_id)s
           AND secrets.epoch IS NOT NULL),
    used AS (
        INSERT INTO secret_uses AS known (vault_id, secret_id, used_at, user_id)
        SELECT vault_id, secret_id, now(), %(user_id)s
          FROM found
        ON CONFLICT ON CONSTRAINT secret_uses_pkey DO UPDATE
           SET used_at = excluded.used_at,
               user_id = excluded.user_id
         WHERE known.used_at <= excluded.used_at)
    SELECT secret_id, version, epoch, overview, details
      FROM found
"""


def get(conn: Connection, vault_id: UUID, secret_id: UUID, user_id: UUID) -> Secret:
    """Return a secret, and keep that somebody reads it now: in one question, the frequent one."""
    return db.one(conn, Secret, GET, vault_id=vault_id, secret_id=secret_id, user_id=user_id)


# To the planner a vault that is younger than its statistics has one row; OFFSET 0 keeps it from
# comparing every secret with every version.
SIZE = """
    SELECT count(*), coalesce(sum(bytes), 0)::bigint AS bytes
      FROM unnest(%(secret_ids)b::uuid[]) AS wanted (secret_id),
           LATERAL (
               SELECT octet_length(details) AS bytes
                 FROM secrets
                 JOIN secret_versions USING (vault_id, secret_id, version)
                WHERE vault_id = %(vault_id)s
                  AND secret_id = wanted.secret_id
                  AND secrets.epoch IS NOT NULL
               OFFSET 0) AS found
"""


def size(conn: Connection, vault_id: UUID, secret_ids: Collection[UUID]) -> Size:
    """Tell how many of *secret_ids* are live in the vault, and how long their details are."""
    return db.one(conn, Size, SIZE, vault_id=vault_id, secret_ids=list(secret_ids))


READ = """
    SELECT concat('{"items":[',
                  string_agg(concat('{"secret_id":"', found.secret_id,
                                    '","version":"', version,
                                    '","epoch":"', epoch,
                                    '","details":"', base64url(details),
                                    '"}'), ',' ORDER BY found.secret_id),
                  ']}') AS text
      FROM unnest(%(secret_ids)b::uuid[]) AS wanted (secret_id),
           LATERAL (
               SELECT secret_id, version, secrets.epoch, details
                 FROM secrets
                 JOIN secret_versions USING (vault_id, secret_id, version)
                WHERE vault_id = %(vault_id)s
                  AND secret_id = wanted.secret_id
                  AND secrets.epoch IS NOT NULL
               OFFSET 0) AS found
"""


def read(conn: Connection, vault_id: UUID, secret_ids: Collection[UUID]) -> Details:
    """Return, as JSON, those of *secret_ids* that are live in the vault, by id."""
    return db.one(conn, Details, READ, vault_id=vault_id, secret_ids=list(secret_ids))
