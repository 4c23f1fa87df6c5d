"""A fresh proof of who asks: what a login takes, for one deed within five minutes."""

import hmac
from typing import Any, ClassVar

from falcon import HTTP_NO_CONTENT, Request, Response

from handlers.auth import second_factor
from handlers.auth import sessions_sql as sql
from handlers.auth.challenges import Purpose
from shared import audit, db, problems, schemas
from shared.audit import Action
from shared.caller import Actor
from shared.db import Connection
from shared.keyarc import encoding
from shared.operations import Operation
from shared.problems import Problem


class Proof(schemas.Schema):
    """The password's proof, and an answer of the second factor where there is one."""

    auth = schemas.Bytes(32, required=True)
    code = schemas.Text(second_factor.CODE_CHARACTERS)


PROOF = Proof()


class Proofs:
    """``/auth/sessions/current/proof``."""

    operations: ClassVar = {"on_post": Operation(request=PROOF, status=204)}

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_post(self, req: Request, resp: Response) -> None:
        """Prove once more who asks; 401 with a challenge asks for the second factor."""
        proof = schemas.read(PROOF, req)
        actor = req.context.actor
        with self._pool.connection() as conn:
            problem = _missing(conn, actor, proof)
            if problem is None:
                sql.prove(conn, actor.session_id)
            if not isinstance(problem, problems.SecondFactorNeeded):
                given = Action.PROOF_REFUSED if problem else Action.PROOF_GIVEN
                audit.record(conn, req, given)
        if problem:  # after the transaction: the refusal stays written
            raise problem
        resp.status = HTTP_NO_CONTENT


def _missing(conn: Connection, actor: Actor, proof: dict[str, Any]) -> Problem | None:
    """Return what is wrong with a proof, or still missing."""
    provable = sql.provable(conn, actor.session_id, actor.user_id)
    if provable is None:
        raise problems.SessionEnded
    if provable.verifier is None:  # a machine
        raise problems.Forbidden
    verifier = encoding.verifier(actor.user_id, proof["auth"])
    if not hmac.compare_digest(verifier, provable.verifier):
        return problems.WrongCredentials()
    if not second_factor.methods(conn, actor.user_id):
        return None
    if "code" in proof:
        right = second_factor.take(conn, actor.user_id, proof["code"])
        return None if right else problems.WrongCode()
    needed = second_factor.needed(conn, Purpose.PROOF, actor.user_id)
    return problems.SecondFactorNeeded(**needed) if needed else None
