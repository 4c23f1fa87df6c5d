"""Machines log in by their token, for as long as an access token lasts: they keep no other."""

import hmac
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID, uuid4

from falcon import HTTP_CREATED, Request, Response

from handlers.auth import machine_sessions_sql as sql
from handlers.auth.machine_sessions_sql import Machine
from handlers.auth.new_sessions import Keyring
from shared import access_tokens, audit, caller, db, limits, problems, schemas
from shared.access_tokens import ACCESS_SECONDS
from shared.audit import Action
from shared.db import Connection
from shared.keyarc import encoding
from shared.limits import MACHINE_NETWORK, MACHINE_TOKEN
from shared.operations import Operation
from shared.problems import Problem

NO_VERIFIER = bytes(32)


class Proof(schemas.Schema):
    """A machine, and the proof that follows from its token."""

    machine_id = schemas.Id(required=True)
    auth = schemas.Bytes(32, required=True)


class Session(schemas.Schema):
    """A session, and what of a machine is opened by its token."""

    machine_id = schemas.Id()
    name = schemas.Text(100)
    session_id = schemas.Id()
    identity = schemas.Bytes()
    idcert = schemas.Bytes()
    keyring = schemas.Nested(Keyring)
    access_token = schemas.Text(4096)
    expires_in = schemas.fields.Integer()


PROOF = Proof()
SESSION = Session()


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session, and how many seconds it lives."""

    session_id: UUID
    seconds: int


class MachineSessions:
    """``/auth/machine-sessions``."""

    public = True
    operations: ClassVar = {"on_post": Operation(request=PROOF, response=SESSION, status=201)}

    def __init__(self, pool: db.Pool, secrets: tuple[str, ...]) -> None:
        self._pool = pool
        self._secrets = secrets

    def on_post(self, req: Request, resp: Response) -> None:
        """Log a machine in; only who proves the token hears that it is over."""
        proof = schemas.read(PROOF, req)
        machine_id = proof["machine_id"]
        tries = (
            (MACHINE_TOKEN, machine_id),
            (MACHINE_NETWORK, limits.network(caller.address(req))),
        )
        limits.take(self._pool, *tries)
        with self._pool.connection() as conn:
            machine = sql.known(conn, machine_id)
            problem = _wrong(machine, machine_id, proof["auth"])
            begun = None if problem else _begin(conn, req, machine_id)
            if problem:
                refused = machine_id if machine else None
                audit.record(conn, req, Action.SESSION_REFUSED, user_id=refused)
        if machine is None or begun is None:  # after the transaction: the refusal stays written
            raise problem or problems.WrongCredentials
        limits.forgive(self._pool, *tries)
        resp.status = HTTP_CREATED
        resp.media = SESSION.dump(self._media(machine_id, machine, begun))

    def _media(self, machine_id: UUID, machine: Machine, begun: Begun) -> dict[str, Any]:
        access = access_tokens.sign_access(self._secrets, machine_id, begun.session_id)
        return {
            "machine_id": machine_id,
            "name": machine.name,
            "session_id": begun.session_id,
            "identity": machine.identity,
            "idcert": machine.idcert,
            "keyring": {"revision": machine.revision, "blob": machine.keyring},
            "access_token": access,
            "expires_in": begun.seconds,
        }


def _wrong(machine: Machine | None, machine_id: UUID, auth: bytes) -> Problem | None:
    """Return why the machine may not in; the work is the same where there is no such machine."""
    verifier = encoding.verifier(machine_id, auth)
    kept = machine.verifier if machine else NO_VERIFIER
    if not hmac.compare_digest(verifier, kept) or machine is None:
        return problems.WrongCredentials()
    if machine.revoked:
        return problems.TokenRevoked()
    return problems.TokenExpired() if machine.expired else None


def _begin(conn: Connection, req: Request, machine_id: UUID) -> Begun:
    session_id = uuid4()
    seconds = sql.add(conn, session_id, machine_id, caller.address(req), ACCESS_SECONDS)
    sql.used(conn, machine_id)
    audit.record(conn, req, Action.SESSION_STARTED, user_id=machine_id, session_id=session_id)
    return Begun(session_id, seconds)
