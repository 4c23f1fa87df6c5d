"""An authenticator app as second factor: offered after a fresh proof, used once a code is right."""

import base64
import secrets
from collections.abc import Mapping
from typing import ClassVar

from falcon import HTTP_CREATED, HTTP_NO_CONTENT, Request, Response

from handlers.account import proofs, second_factors
from handlers.account import totp_sql as sql
from handlers.account.backup_codes import CODES
from shared import audit, codes, db, limits, problems, schemas
from shared.audit import Action
from shared.mail import Post
from shared.operations import Operation
from shared.schemas import Schema, fields

SECRET_BYTES = 20  # RFC 4226, section 4, R6
ISSUER = "KeyArc"


class Offer(Schema):
    """What the app keeps: as base32, and as the address that a QR code holds."""

    secret = fields.String()
    uri = fields.String()


class Confirmation(Schema):
    """A code of the app: it holds the secret."""

    code = schemas.Text(64, required=True)


OFFER = Offer()
CONFIRMATION = Confirmation()


class Totp:
    """``/api/account/totp``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_post": Operation(response=OFFER, status=201),
        "on_put": Operation(request=CONFIRMATION, response=CODES),
        "on_delete": Operation(status=204),
    }

    def __init__(self, pool: db.Pool, post: Post) -> None:
        self._pool = pool
        self._post = post

    def on_post(self, req: Request, resp: Response) -> None:
        """Offer a secret, after a fresh proof; it is no second factor before its first code."""
        actor = req.context.actor
        secret = secrets.token_bytes(SECRET_BYTES)
        with self._pool.connection() as conn:
            proofs.require(conn, actor)
            person = second_factors.hold(conn, actor.user_id)
            if not sql.offer(conn, actor.user_id, secret):
                raise problems.SecondFactorExists
        uri = codes.app(secret).provisioning_uri(name=person.email, issuer_name=ISSUER)
        resp.status = HTTP_CREATED
        resp.media = OFFER.dump({"secret": base64.b32encode(secret).decode(), "uri": uri})

    def on_put(self, req: Request, resp: Response) -> None:
        """Take the offer into use by a code; the first second factor brings backup codes."""
        code = schemas.read(CONFIRMATION, req)["code"]
        actor = req.context.actor
        tries = limits.CODE_PERSON, actor.user_id
        limits.take(self._pool, tries)
        with self._pool.connection() as conn:
            proofs.hold(conn, actor)
            second_factors.hold(conn, actor.user_id)
            offer = sql.offered(conn, actor.user_id, codes.STEP_SECONDS)
            steps = codes.matching_steps(offer.secret, code, offer.step)
            if steps:
                sql.confirm(conn, actor.user_id, steps[-1])
                made = second_factors.added(conn, req, Action.TOTP_ADDED, self._post)
            else:
                audit.record(conn, req, Action.CODE_REFUSED)
        if not steps:  # after the transaction: the refusal stays written
            raise problems.WrongCode
        limits.forgive(self._pool, tries)
        resp.media = CODES.dump({"backup_codes": made})

    def on_delete(self, req: Request, resp: Response) -> None:
        """Remove it, after a fresh proof."""
        actor = req.context.actor
        with self._pool.connection() as conn:
            proofs.require(conn, actor)
            second_factors.hold(conn, actor.user_id)
            if not sql.remove(conn, actor.user_id):
                raise problems.NotFound
            second_factors.removed(conn, req, Action.TOTP_REMOVED, self._post)
        resp.status = HTTP_NO_CONTENT
