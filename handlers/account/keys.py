"""A new user key and a new identity, with all that is sealed under the one and names the other."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from falcon import Request, Response

from handlers.account import key_changes, keyring, keyring_sql, rosters, vaults_sql
from handlers.account import keys_sql as sql
from shared import db, mail, problems, schemas
from shared.audit import Action
from shared.caller import Actor
from shared.db import Connection
from shared.keyarc import encoding
from shared.keyarc.commits import Commit, Rekey
from shared.keyarc.encoding import Broken, ObjectType
from shared.keyarc.identity import IdCert, parse_idcert
from shared.letters import Change
from shared.operations import Operation
from shared.schemas import Schema

MAX_COMMITS = 400  # of some 2 KiB each: a request is no longer than 1 MiB


class Draft(Schema):
    """The whole account under new keys; *keyset* is the next one."""

    keyset = schemas.U64(required=True)
    salt = schemas.Bytes(16, required=True)
    auth = schemas.Bytes(32, required=True)
    user_key = schemas.Blob(ObjectType.USER_KEY_BY_PASSWORD, required=True)
    recovery_auth = schemas.Bytes(32, required=True)
    recovery_user_key = schemas.Blob(ObjectType.USER_KEY_BY_RECOVERY_CODE, required=True)
    identity = schemas.Blob(ObjectType.IDENTITY, required=True)
    idcert = schemas.Bytes(required=True)
    keyring = schemas.Nested(keyring.Draft, required=True)
    commits = schemas.List(schemas.Nested(rosters.OfVault), longest=MAX_COMMITS, required=True)


class Rotated(Schema):
    """The keyset and the revision that now hold."""

    keyset = schemas.U64()
    revision = schemas.U64()


DRAFT = Draft()
ROTATED = Rotated()


class Keys:
    """``/api/account/keys``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_put": Operation(request=DRAFT, response=ROTATED)
    }

    def __init__(self, pool: db.Pool, post: mail.Post) -> None:
        self._pool = pool
        self._post = post

    def on_put(self, req: Request, resp: Response) -> None:
        """Replace user key and identity in every place, or in none, after a fresh proof."""
        draft = schemas.read(DRAFT, req)
        actor = req.context.actor
        with self._pool.connection() as conn:
            key_changes.begin(conn, actor, draft["keyset"] - 1)
            idcert = _succeed(conn, actor.user_id, draft["idcert"])
            _replace(conn, actor.user_id, draft)
            _rekey(conn, req, _commits(actor, draft), idcert)
            key_changes.end(conn, req, self._post, Action.KEYS_ROTATED, Change.KEYS)
        revision = draft["keyring"]["replaces"] + 1
        resp.media = ROTATED.dump({"keyset": draft["keyset"], "revision": revision})


def _commits(actor: Actor, draft: dict[str, Any]) -> list[Commit]:
    commits = [rosters.read(actor, one, only=(Rekey,)) for one in draft["commits"]]
    return rosters.in_order(commits)


def _succeed(conn: Connection, user_id: UUID, raw: bytes) -> IdCert:
    """Return the new certificate, which the key of the registered one must have signed."""
    try:
        return parse_idcert(raw, previous=parse_idcert(sql.idcert(conn, user_id)))
    except Broken as ex:
        raise problems.Invalid({"idcert": ["Not the successor of the certificate."]}) from ex


def _replace(conn: Connection, user_id: UUID, draft: dict[str, Any]) -> None:
    sql.raise_keyset(conn, user_id, draft["salt"])
    verifier = encoding.verifier(user_id, draft["auth"])
    sql.replace_access(conn, user_id, verifier, draft["user_key"], draft["identity"])
    verifier = encoding.verifier(user_id, draft["recovery_auth"])
    sealed = draft["recovery_user_key"]
    sql.replace_recovery(conn, user_id, verifier, sealed, draft["keyset"])
    sql.replace_idcert(conn, user_id, draft["idcert"])
    sql.lock_passkeys(conn, user_id)
    if not keyring_sql.replace(conn, user_id, **draft["keyring"]):
        current = keyring_sql.get(conn, user_id)
        raise problems.StaleRevision(current.revision, current.blob)


def _rekey(conn: Connection, req: Request, commits: list[Commit], idcert: IdCert) -> None:
    """Append a commit to every vault of the person; one that is missing is one that came since."""
    vaults = {vault.vault_id: vault for vault in vaults_sql.of(conn, req.context.actor.user_id)}
    for commit in commits:
        if vaults.pop(commit.vault_id, None) is None:
            raise problems.NotFound
        if commit.ops != (Rekey(idcert),):
            raise problems.BrokenCommit
        rosters.append(conn, req, commit)
    for vault in vaults.values():
        raise problems.StaleHead(vault.head_seq, vault.head_hash)
