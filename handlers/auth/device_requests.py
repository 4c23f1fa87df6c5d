"""A new device asks for the account key, which only a signed-in one of the person can seal."""

import hashlib
import secrets
from typing import ClassVar
from uuid import UUID, uuid4

from falcon import HTTP_CREATED, Request, Response

from handlers.auth import device_requests_sql as sql
from shared import caller, db, limits, schemas
from shared.keyarc import identity
from shared.operations import Operation

SECRET_BYTES = 32
SECONDS = 600


class Question(schemas.Schema):
    """Whose account key is asked for, the X-Wing key to seal it for, and what the device is."""

    email = schemas.Email(required=True)
    public_key = schemas.Bytes(identity.X_PK, required=True)
    device = schemas.Text(200, required=True)


class Asked(schemas.Schema):
    """A request, and the secret by which only the device that made it gets the answer."""

    request_id = schemas.Id()
    secret = schemas.Bytes(SECRET_BYTES)
    expires_in = schemas.Only(SECONDS)


class Secret(schemas.Schema):
    """What only the device that asked knows."""

    secret = schemas.Bytes(SECRET_BYTES, required=True)


class Answer(schemas.Schema):
    """The account key, sealed; null while nobody has answered."""

    sealed = schemas.Bytes(allow_none=True)


QUESTION = Question()
ASKED = Asked()
SECRET = Secret()
ANSWER = Answer()


class DeviceRequests:
    """``/auth/device-requests``."""

    public = True
    operations: ClassVar = {"on_post": Operation(request=QUESTION, response=ASKED, status=201)}

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_post(self, req: Request, resp: Response) -> None:
        """Ask; for an address without account nobody sees the question, and it costs the same."""
        question, address = schemas.read(QUESTION, req), caller.address(req)
        limits.take(
            self._pool,
            (limits.DEVICE_PAIR, limits.pair(question["email"], address)),
            (limits.DEVICE_EMAIL, question["email"]),
            (limits.DEVICE_NETWORK, limits.network(address)),
        )
        request_id, secret = uuid4(), secrets.token_bytes(SECRET_BYTES)
        with self._pool.connection() as conn:
            sql.add(
                conn,
                request_id,
                **question,
                secret_hash=_stored(secret),
                address=address,
                seconds=SECONDS,
            )
        resp.status = HTTP_CREATED
        asked = {"request_id": request_id, "secret": secret, "expires_in": SECONDS}
        resp.media = ASKED.dump(asked)


class DeviceAnswer:
    """``/auth/device-requests/{request_id}/answer``."""

    public = True
    operations: ClassVar = {"on_post": Operation(request=SECRET, response=ANSWER)}

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_post(self, req: Request, resp: Response, request_id: UUID) -> None:
        """Hand the answer out, once; 404 where the request was refused or is too old."""
        secret = schemas.read(SECRET, req)["secret"]
        limits.take(
            self._pool,
            (limits.DEVICE_ANSWER, request_id),
            (limits.DEVICE_ANSWER_NETWORK, limits.network(caller.address(req))),
        )
        with self._pool.connection() as conn:
            answer = sql.take(conn, request_id, _stored(secret))
        resp.media = ANSWER.dump(answer)


def _stored(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()
