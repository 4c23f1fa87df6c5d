"""A fresh proof of who asks: what a login takes, for one deed within five minutes."""

import hmac
from typing import Any, ClassVar

from falcon import HTTP_NO_CONTENT, Request, Response

from handlers.auth import challenges, passkeys, second_factor
from handlers.auth import sessions_sql as sql
from handlers.auth.challenges import Purpose
from shared import audit, browsers, db, limits, problems, relying_party, schemas
from shared.audit import Action
from shared.caller import Actor
from shared.db import Connection
from shared.keyarc import encoding
from shared.operations import Operation
from shared.problems import Problem
from shared.relying_party import RelyingParty


class Proof(schemas.Schema):
    """The password's proof, and where there is a second factor, a code or a passkey's answer."""

    auth = schemas.Bytes(32, required=True)
    code = schemas.Text(second_factor.CODE_CHARACTERS)
    challenge = schemas.Bytes(challenges.CHALLENGE_BYTES)
    credential = schemas.fields.Dict()


PROOF = Proof()
SHAPES = [{"auth"}, {"auth", "code"}, {"auth", "challenge", "credential"}]


class Proofs:
    """``/auth/sessions/current/proof``."""

    operations: ClassVar = {"on_post": Operation(request=PROOF, status=204)}

    def __init__(self, pool: db.Pool, origins: browsers.Origins) -> None:
        self._pool = pool
        self._origins = origins

    def on_post(self, req: Request, resp: Response) -> None:
        """Prove once more who asks; 401 with a challenge asks for the second factor."""
        proof = schemas.read(PROOF, req)
        if proof.keys() not in SHAPES:
            raise problems.Invalid({"challenge": ["Goes with a credential, and without a code."]})
        party = relying_party.of(req, self._origins.origins) if "credential" in proof else None
        actor = req.context.actor
        tries = _tries(actor, proof)
        limits.take(self._pool, *tries)
        with self._pool.connection() as conn:
            problem = _missing(conn, actor, proof, party)
            if problem is None:
                sql.prove(conn, actor.session_id)
            if not isinstance(problem, problems.SecondFactorNeeded):
                done = Action.PROOF_REFUSED if problem else Action.PROOF_GIVEN
                audit.record(conn, req, done)
        if problem:  # after the transaction: the refusal stays written
            raise problem
        limits.forgive(self._pool, *tries)
        resp.status = HTTP_NO_CONTENT


def _tries(actor: Actor, proof: dict[str, Any]) -> tuple[tuple[limits.Rule, Any], ...]:
    second = second_factor.tries(actor.user_id, actor.address) if len(proof) > 1 else ()
    return (limits.PROOF_PERSON, actor.user_id), *second


def _missing(
    conn: Connection, actor: Actor, proof: dict[str, Any], party: RelyingParty | None
) -> Problem | None:
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
    elif party:
        right = _answers(conn, actor, proof, party)
    else:
        needed = second_factor.needed(conn, Purpose.PROOF, actor.user_id)
        return problems.SecondFactorNeeded(**needed) if needed else None
    return None if right else problems.WrongCode()


def _answers(conn: Connection, actor: Actor, proof: dict[str, Any], party: RelyingParty) -> bool:
    """Tell whether a passkey of the caller answers a challenge that the caller was given."""
    asked = challenges.hold(conn, proof["challenge"], Purpose.PROOF)
    if asked.user_id != actor.user_id:
        raise problems.ChallengeEnded
    right = passkeys.prove(conn, proof, party, actor.user_id) is not None
    challenges.settle(conn, proof["challenge"], right=right)
    return right
