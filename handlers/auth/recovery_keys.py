"""The one place that hands out the user key sealed by recovery code: after every proof."""

import hmac
from typing import Any, ClassVar
from uuid import UUID

from falcon import Request, Response

from handlers.auth import recovery, second_factor
from handlers.auth import recovery_sql as sql
from handlers.auth.new_sessions import Keyring
from handlers.auth.recovery_sql import Recovery
from shared import audit, caller, codes, db, limits, problems, schemas
from shared.audit import Action
from shared.db import Connection
from shared.operations import Operation
from shared.problems import Problem

METHODS = {"totp", "backup-code"}  # a passkey answers a login's challenge, and here is none


class Proofs(schemas.Schema):
    """Everything that is proved; *mail_code* where a mail was sent, *code* with a second factor."""

    recovery = schemas.Bytes(recovery.TOKEN_BYTES, required=True)
    recovery_auth = schemas.Bytes(32, required=True)
    mail_code = schemas.Text(second_factor.CODE_CHARACTERS)
    code = schemas.Text(second_factor.CODE_CHARACTERS)


class Keys(schemas.Schema):
    """What opens the account with the recovery code; each key with the keyset it is sealed for."""

    user_id = schemas.Id()
    keyset = schemas.U64()
    recovery_keyset = schemas.U64()
    recovery_user_key = schemas.Bytes()
    identity = schemas.Bytes()
    idcert = schemas.Bytes()
    keyring = schemas.Nested(Keyring)


PROOFS = Proofs()
KEYS = Keys()


class RecoveryKeys:
    """``/auth/recovery/keys``."""

    public = True
    operations: ClassVar = {"on_post": Operation(request=PROOFS, response=KEYS)}

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_post(self, req: Request, resp: Response) -> None:
        """Hand the sealed keys out: after the delay, for recovery code, mail and second factor."""
        proofs = schemas.read(PROOFS, req)
        tries = recovery.attempts(caller.address(req))
        limits.take(self._pool, *tries)
        user_id = self._whose(req, proofs)
        limits.forgive(self._pool, *tries)  # who has the code may ask whether it is time
        guesses = _guesses(proofs, user_id)
        limits.take(self._pool, *guesses)
        token_hash = recovery.stored(proofs["recovery"])
        with self._pool.connection() as conn:
            held = sql.find(conn, token_hash)
            if held is None:
                raise problems.ChallengeEnded
            refusal = _refusal(conn, req, held, proofs, user_id)
            if refusal is None:
                if not sql.release(conn, token_hash):  # stopped at this moment
                    raise problems.ChallengeEnded
                keys = sql.keys(conn, user_id)
                audit.record(conn, req, Action.RECOVERY_RELEASED, user_id=user_id)
        if refusal:  # after the transaction: it stays written
            raise refusal
        limits.forgive(self._pool, *guesses)
        keyring = {"revision": keys.revision, "blob": keys.keyring}
        resp.media = KEYS.dump(keys) | {"keyring": Keyring().dump(keyring)}

    def _whose(self, req: Request, proofs: dict[str, Any]) -> UUID:
        """Return whose recovery it is, once its code was proved and its delay is over."""
        with self._pool.connection() as conn:
            held = sql.find(conn, recovery.stored(proofs["recovery"]))
            if held is None:
                raise problems.ChallengeEnded
            right = recovery.matches(held, proofs["recovery_auth"])
            if not right:
                audit.record(conn, req, Action.RECOVERY_REFUSED, user_id=held.user_id)
        if not right or held.user_id is None:
            raise problems.WrongCredentials
        if held.ready_in_s:
            raise problems.RecoveryWaiting(held.ready_in_s)
        return held.user_id


def _guesses(
    proofs: dict[str, Any], user_id: UUID
) -> tuple[tuple[limits.Rule, limits.Subject], ...]:
    """Return what is counted by person: begun again, a recovery has no new guesses."""
    rules = {"mail_code": limits.MAIL_CODE, "code": limits.CODE_PERSON}
    return tuple((rule, user_id) for name, rule in rules.items() if name in proofs)


def _refusal(
    conn: Connection, req: Request, held: Recovery, proofs: dict[str, Any], user_id: UUID
) -> Problem | None:
    """Return what is missing or wrong beside the recovery code."""
    if held.mail_hash is not None and not _is_mailed(held.mail_hash, proofs):
        audit.record(conn, req, Action.RECOVERY_REFUSED, user_id=user_id)
        return problems.WrongCode()
    methods = second_factor.methods(conn, user_id)
    if not methods:
        return None
    if "code" not in proofs:
        can = [method for method in methods if method in METHODS]
        return problems.SecondFactorNeeded(methods=can)
    if not second_factor.take(conn, user_id, proofs["code"]):
        audit.record(conn, req, Action.CODE_REFUSED, user_id=user_id)
        return problems.WrongCode()
    return None


def _is_mailed(mail_hash: bytes, proofs: dict[str, Any]) -> bool:
    code = codes.read(proofs.get("mail_code", ""))
    return code is not None and hmac.compare_digest(
        mail_hash, recovery.mailed(proofs["recovery"], code)
    )
