"""How the roster of a vault changes: commits of `Add`, `Remove` and `Rekey`."""

from shared import problems, vault_log
from shared import vault_log_sql as log_sql
from shared import vault_roster_sql as sql
from shared.db import Connection
from shared.keyarc.commits import Add, Commit, Op, Rekey, Remove
from shared.vault_log import Head

CHANGING: tuple[type[Op], ...] = (Add, Remove, Rekey)


def append(conn: Connection, commit: Commit) -> Head:
    """Add a commit of `CHANGING` ops; no epoch and no secret changes.

    It holds the vault's row until the transaction ends: whoever appends to several vaults in one
    transaction does so in the order of their ids, or two of them could wait for each other. That
    a certificate is the one its owner registered is for the caller to know.
    """
    if not all(isinstance(op, CHANGING) for op in commit.ops):
        raise problems.BrokenCommit
    vault = log_sql.lock(conn, commit.vault_id)
    if vault.head_hash == commit.hash:
        return Head(commit.seq, commit.hash, fresh=False)
    state = vault_log.load(conn, vault, commit)
    vault_log.apply(state, commit)
    log_sql.add_commit(conn, commit)
    for op in commit.ops:
        _change(conn, commit, op)
    if not log_sql.advance(conn, state, commit.prev, vault.secrets):
        raise problems.StaleHead(vault.head_seq, vault.head_hash)
    return Head(commit.seq, commit.hash, fresh=True)


def _change(conn: Connection, commit: Commit, op: Op) -> None:
    match op:
        case Add():
            sql.admit(conn, commit.vault_id, op.role, op.idcert)
        case Remove():
            sql.remove(conn, commit.vault_id, op.user_id)
        case Rekey():
            sql.rekey(conn, commit.vault_id, op.idcert)
