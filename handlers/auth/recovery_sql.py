"""Every statement over ``recoveries`` of the auth service. Time is the database's own."""

from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Known:
    """What there is about an address: the key of decoys always, the rest with an account."""

    decoy_key: bytes
    user_id: UUID | None
    recovery_verifier: bytes | None


@dataclass(frozen=True, slots=True)
class Times:
    """When a recovery hands the keys out, and until when."""

    ready_in_s: int
    expires_in_s: int


@dataclass(frozen=True, slots=True)
class Recovery:
    """A recovery that was begun; without a person where the code was wrong."""

    user_id: UUID | None
    email: str | None
    recovery_verifier: bytes | None
    mail_hash: bytes | None
    ready_in_s: int
    released: bool


@dataclass(frozen=True, slots=True)
class Keys:
    """What a recovery hands out: all of it sealed, but the certificate."""

    user_id: UUID
    keyset: int
    recovery_keyset: int
    recovery_user_key: bytes
    identity: bytes
    idcert: bytes
    revision: int
    keyring: bytes


KNOWN = """
    SELECT installation.decoy_key, users.user_id, credentials.recovery_verifier
      FROM installation
      LEFT JOIN users ON users.email = %(email)s
      LEFT JOIN credentials ON credentials.user_id = users.user_id
"""


def known(conn: Connection, email: str) -> Known:
    """Return a row for every address."""
    return db.one(conn, Known, KNOWN, email=email)


# There is one recovery of an account at most. Whoever begins again has a new token and must prove
# everything again, but need not wait again; one that is over counts for nothing.
BEGIN = """
    INSERT INTO recoveries AS old
           (token_hash, user_id, mail_hash, device, address, ready_at, expires_at)
    VALUES (%(token_hash)s, %(user_id)s, %(mail_hash)s, %(device)s, %(address)s,
            now() + make_interval(secs => %(delay_s)s),
            now() + make_interval(secs => %(delay_s)s + %(open_s)s))
        ON CONFLICT (user_id) DO UPDATE
       SET token_hash = excluded.token_hash,
           mail_hash = excluded.mail_hash,
           device = excluded.device,
           address = excluded.address,
           released_at = NULL,
           begun_at = CASE WHEN old.expires_at > now() THEN old.begun_at
                           ELSE excluded.begun_at END,
           ready_at = CASE WHEN old.expires_at > now() THEN old.ready_at
                           ELSE excluded.ready_at END,
           expires_at = CASE WHEN old.expires_at > now() THEN old.expires_at
                             ELSE excluded.expires_at END
    RETURNING greatest(0, ceil(extract(epoch FROM ready_at - now())))::integer AS ready_in_s,
              ceil(extract(epoch FROM expires_at - now()))::integer AS expires_in_s
"""


def begin(
    conn: Connection,
    *,
    token_hash: bytes,
    user_id: UUID | None,
    mail_hash: bytes | None,
    device: str,
    address: str,
    delay_s: int,
    open_s: int,
) -> Times:
    """Begin a recovery, or begin it again."""
    return db.one(
        conn,
        Times,
        BEGIN,
        token_hash=token_hash,
        user_id=user_id,
        mail_hash=mail_hash,
        device=device,
        address=address,
        delay_s=delay_s,
        open_s=open_s,
    )


FIND = """
    SELECT recoveries.user_id, users.email, credentials.recovery_verifier, mail_hash,
           greatest(0, ceil(extract(epoch FROM ready_at - now())))::integer AS ready_in_s,
           released_at IS NOT NULL AS released
      FROM recoveries
      LEFT JOIN users USING (user_id)
      LEFT JOIN credentials ON credentials.user_id = recoveries.user_id
     WHERE token_hash = %(token_hash)s
       AND recoveries.expires_at > now()
"""


def find(conn: Connection, token_hash: bytes) -> Recovery | None:
    """Return a recovery that is not over."""
    return db.maybe(conn, Recovery, FIND, token_hash=token_hash)


KEYS = """
    SELECT users.user_id, users.keyset, credentials.recovery_keyset,
           credentials.recovery_user_key, credentials.identity, identities.idcert,
           keyrings.revision, keyrings.blob AS keyring
      FROM users
      JOIN credentials USING (user_id)
      JOIN identities USING (user_id)
      JOIN keyrings USING (user_id)
     WHERE users.user_id = %(user_id)s
"""


def keys(conn: Connection, user_id: UUID) -> Keys:
    return db.one(conn, Keys, KEYS, user_id=user_id)


RELEASE = """
    UPDATE recoveries
       SET released_at = now()
     WHERE token_hash = %(token_hash)s
"""


def release(conn: Connection, token_hash: bytes) -> bool:
    """Note that everything was proved; tell whether the recovery still runs."""
    return db.run(conn, RELEASE, token_hash=token_hash) == 1


FINISH = """
    DELETE FROM recoveries
     WHERE token_hash = %(token_hash)s
       AND released_at IS NOT NULL
"""


def finish(conn: Connection, token_hash: bytes) -> bool:
    """End a recovery that handed its keys out; tell whether it still ran."""
    return db.run(conn, FINISH, token_hash=token_hash) == 1


STOP = """
    DELETE FROM recoveries
     WHERE user_id = %(user_id)s
"""


def stop(conn: Connection, user_id: UUID) -> None:
    """End the recovery of somebody."""
    db.run(conn, STOP, user_id=user_id)
