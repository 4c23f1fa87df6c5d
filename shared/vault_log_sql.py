"""Every statement that writes a vault, its epochs or its history, and the questions of a commit."""

from dataclasses import dataclass
from uuid import UUID

from shared import db, problems
from shared.db import Connection
from shared.keyarc.commits import Commit, ProfileMark, State


@dataclass(frozen=True, slots=True)
class Standing:
    """What one question tells of a caller; *machine* is null where the session is over."""

    machine: bool | None
    role: int | None


@dataclass(frozen=True, slots=True)
class Vault:
    """A vault's head and the public parts of its state that fit one row."""

    head_seq: int
    head_hash: bytes
    head_state: bytes
    buckets: bytes
    secrets: int
    profile_epoch: int
    profile_seq: int
    profile_hash: bytes


@dataclass(frozen=True, slots=True)
class Member:
    """One line of the roster; only the author of a commit needs a whole certificate."""

    user_id: UUID
    role: int
    idcert_hash: bytes
    idcert: bytes | None


@dataclass(frozen=True, slots=True)
class Epoch:
    """A key epoch and the commitment to its key."""

    epoch: int
    vk_commit: bytes


@dataclass(frozen=True, slots=True)
class Invite:
    """An open invitation."""

    invite_id: UUID
    invite_pk: bytes
    role: int
    expires_ms: int


STANDING = """
    SELECT machine, role
      FROM standing(%(session_id)s, %(user_id)s, %(vault_id)s, %(invite_id)s)
"""


def standing(
    conn: Connection,
    session_id: UUID,
    user_id: UUID,
    vault_id: UUID | None = None,
    invite_id: UUID | None = None,
) -> Standing:
    """Answer for a vault, or for none: then the role is null.

    From then on the transaction sees the rows of this person and of their vaults, and of the one
    that they are invited to by *invite_id*, and no other (migration 0012).
    """
    asking = {"session_id": session_id, "user_id": user_id}
    return db.one(conn, Standing, STANDING, vault_id=vault_id, invite_id=invite_id, **asking)


LOCK = """
    SELECT head_seq, head_hash, head_state, buckets, secrets,
           profile_epoch, profile_seq, sha256(profile) AS profile_hash
      FROM vaults
     WHERE vault_id = %(vault_id)s
       FOR NO KEY UPDATE
"""


def lock(conn: Connection, vault_id: UUID) -> Vault:
    """Wait for the head, and hold it until the transaction ends."""
    return db.one(conn, Vault, LOCK, vault_id=vault_id)


def own(conn: Connection, vault_id: UUID) -> Vault | None:
    """Like `lock`; None where the vault is others'."""
    return db.maybe(conn, Vault, LOCK, vault_id=vault_id)


HOLD = """
    SELECT
      FROM vaults
     WHERE vault_id = %(vault_id)s
       FOR KEY SHARE
"""


def hold(conn: Connection, vault_id: UUID) -> None:
    """Let nobody delete the vault until the transaction ends; commits go on."""
    if not db.run(conn, HOLD, vault_id=vault_id):
        raise problems.NotFound


MEMBERS = """
    SELECT user_id, role, sha256(idcert) AS idcert_hash,
           CASE WHEN user_id = %(author_id)s THEN idcert END AS idcert
      FROM vault_members
     WHERE vault_id = %(vault_id)s
       AND role IS NOT NULL
"""


def members(conn: Connection, vault_id: UUID, author_id: UUID) -> list[Member]:
    return db.many(conn, Member, MEMBERS, vault_id=vault_id, author_id=author_id)


EPOCHS = """
    SELECT epoch, vk_commit
      FROM vault_epochs
     WHERE vault_id = %(vault_id)s
     ORDER BY epoch
"""


def epochs(conn: Connection, vault_id: UUID) -> list[Epoch]:
    return db.many(conn, Epoch, EPOCHS, vault_id=vault_id)


INVITES = """
    SELECT invite_id, invite_pk, role, expires_ms
      FROM vault_invites
     WHERE vault_id = %(vault_id)s
"""


def invites(conn: Connection, vault_id: UUID) -> list[Invite]:
    return db.many(conn, Invite, INVITES, vault_id=vault_id)


# To name the constraint would take a look at rows, and a new vault shows itself to nobody yet.
ADD = """
    INSERT INTO vaults (vault_id, head_seq, head_hash, head_state, buckets,
                        profile_epoch, profile_seq, profile)
    VALUES (%(vault_id)s, %(seq)s, %(hash)s, %(state)s, %(buckets)s,
            %(epoch)s, %(seq)s, %(profile)s)
    ON CONFLICT DO NOTHING
"""


def add(conn: Connection, state: State, profile: bytes) -> bool:
    """Keep the state after a genesis; tell whether the vault is new."""
    added = db.run(
        conn,
        ADD,
        vault_id=state.vault_id,
        seq=state.seq,
        hash=state.head,
        state=state.signed,
        buckets=_joined(state),
        epoch=state.epoch,
        profile=profile,
    )
    return added == 1


ADD_EPOCH = """
    INSERT INTO vault_epochs (vault_id, epoch, vk_commit)
    VALUES (%(vault_id)s, %(epoch)s, %(vk_commit)s)
"""


def add_epoch(conn: Connection, vault_id: UUID, epoch: int, vk_commit: bytes) -> None:
    db.run(conn, ADD_EPOCH, vault_id=vault_id, epoch=epoch, vk_commit=vk_commit)


ADD_COMMIT = """
    INSERT INTO commits (vault_id, seq, raw, signature, hash, author_id, time_ms)
    VALUES (%(vault_id)s, %(seq)s, %(raw)s, %(signature)s, %(hash)s, %(author_id)s, %(time_ms)s)
"""


def add_commit(conn: Connection, commit: Commit) -> None:
    db.run(
        conn,
        ADD_COMMIT,
        vault_id=commit.vault_id,
        seq=commit.seq,
        raw=commit.raw,
        signature=commit.signature,
        hash=commit.hash,
        author_id=commit.author_id,
        time_ms=commit.time_ms,
    )


ADVANCE = """
    UPDATE vaults
       SET head_seq = %(seq)s,
           head_hash = %(hash)s,
           head_state = %(state)s,
           buckets = %(buckets)s,
           secrets = %(secrets)s
     WHERE vault_id = %(vault_id)s
       AND head_hash = %(prev)s
"""


def advance(conn: Connection, state: State, prev: bytes, secrets: int) -> bool:
    """Move the head from *prev* to *state*, which counts *secrets*; tell whether it was there."""
    moved = db.run(
        conn,
        ADVANCE,
        vault_id=state.vault_id,
        seq=state.seq,
        hash=state.head,
        state=state.signed,
        buckets=_joined(state),
        secrets=secrets,
        prev=prev,
    )
    return moved == 1


SET_PROFILE = """
    UPDATE vaults
       SET profile_epoch = %(epoch)s,
           profile_seq = %(seq)s,
           profile = %(profile)s
     WHERE vault_id = %(vault_id)s
"""


def set_profile(conn: Connection, vault_id: UUID, mark: ProfileMark, profile: bytes) -> None:
    db.run(conn, SET_PROFILE, vault_id=vault_id, epoch=mark.epoch, seq=mark.seq, profile=profile)


def _joined(state: State) -> bytes:
    return b"".join(state.buckets or ())
