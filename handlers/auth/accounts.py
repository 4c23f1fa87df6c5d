"""Sign-up: the server takes an account whose keys were made, and sealed, elsewhere.

Where there is mail, every address gets the same answer, and the account is made by the link in a
letter to it (`email_verifications`); without mail it is made at once, and an address that has one
is told apart.
"""

from typing import Any, ClassVar
from uuid import UUID

from falcon import HTTP_ACCEPTED, HTTP_CREATED, Request, Response

from handlers.auth import accounts_sql as sql
from handlers.auth import email_verifications
from shared import audit, caller, db, limits, mail, problems, relays, schemas
from shared.audit import Action
from shared.keyarc import encoding, identity
from shared.keyarc.encoding import SUITE, Broken, ObjectType
from shared.operations import Operation


class Registration(schemas.Schema):
    """Everything that an account is made of; the first keyset, key epoch and revision are 1."""

    user_id = schemas.Id(required=True)
    email = schemas.Email(required=True)
    suite = schemas.Only(SUITE, required=True)
    salt = schemas.Bytes(16, required=True)
    auth = schemas.Bytes(32, required=True)
    recovery_auth = schemas.Bytes(32, required=True)
    user_key = schemas.Blob(ObjectType.USER_KEY_BY_PASSWORD, required=True)
    recovery_user_key = schemas.Blob(ObjectType.USER_KEY_BY_RECOVERY_CODE, required=True)
    identity = schemas.Blob(ObjectType.IDENTITY, required=True)
    idcert = schemas.Bytes(required=True)
    keyring = schemas.Blob(ObjectType.KEYRING, required=True)


class Account(schemas.Schema):
    """A new account."""

    user_id = schemas.Id()


class NothingYet(schemas.Schema):
    """A letter is on its way."""


REGISTRATION = Registration()
ACCOUNT = Account()
NOTHING_YET = NothingYet()


class Accounts:
    """``/auth/accounts``."""

    public = True
    operations: ClassVar = {
        "on_post": Operation(
            request=REGISTRATION, response=ACCOUNT, status=201, also={202: NOTHING_YET}
        )
    }

    def __init__(self, pool: db.Pool, post: mail.Post) -> None:
        self._pool = pool
        self._post = post

    def on_post(self, req: Request, resp: Response) -> None:
        """Sign up: 201 or 409, with mail 202 for every address."""
        account = schemas.read(REGISTRATION, req)
        email = account["email"]
        _check_identity(account["user_id"], account["idcert"])
        if self._post.enabled and not relays.can_reach(email):
            raise problems.Invalid({"email": ["Mail cannot be sent there."]})
        _keep_verifiers(account)
        limits.take(self._pool, *limits.sign_up(email, caller.address(req)))
        if self._post.enabled:
            with self._pool.connection() as conn:
                email_verifications.begin(conn, self._post, account)
            resp.status = HTTP_ACCEPTED
            resp.media = {}
            return
        with self._pool.connection() as conn:
            if not sql.add(conn, account):
                raise problems.AccountExists
            audit.record(conn, req, Action.ACCOUNT_CREATED, user_id=account["user_id"])
        resp.status = HTTP_CREATED
        resp.media = ACCOUNT.dump(account)


def _check_identity(user_id: UUID, raw: bytes) -> None:
    """Refuse a certificate that its own key did not sign, or that is not the first of this id."""
    if user_id.version != 4:  # so that an account cannot be told from a decoy
        raise problems.Invalid({"user_id": ["Not a random id."]})
    try:
        idcert = identity.parse_idcert(raw)
    except Broken as ex:
        raise problems.Invalid({"idcert": ["Not a valid identity certificate."]}) from ex
    if idcert.user_id != user_id or idcert.key_epoch != 1:
        raise problems.Invalid({"idcert": ["Not the first certificate of this id."]})


def _keep_verifiers(account: dict[str, Any]) -> None:
    """Put verifiers in the place of the proofs: only those are stored."""
    user_id = account["user_id"]
    account["verifier"] = encoding.verifier(user_id, account.pop("auth"))
    account["recovery_verifier"] = encoding.verifier(user_id, account.pop("recovery_auth"))
