"""Passkeys: second factors that the page asks for, and that may open the account by themselves."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import ClassVar

from falcon import HTTP_CREATED, HTTP_NO_CONTENT, Request, Response

from handlers.account import challenges_sql, proofs, registrations, second_factors
from handlers.account import passkeys_sql as sql
from handlers.account.backup_codes import Codes
from shared import audit, db, problems, relying_party, schemas
from shared.audit import Action
from shared.keyarc import encoding
from shared.keyarc.encoding import Broken, ObjectType
from shared.mail import Post
from shared.operations import Operation
from shared.schemas import Schema, fields

CHALLENGE_BYTES = 32


class Options(Schema):
    """PublicKeyCredentialCreationOptionsJSON, with the members that WebAuthn gives it."""

    challenge = schemas.Bytes(CHALLENGE_BYTES)


class Draft(Schema):
    """What the browser's passkey says to a challenge, and what the person calls it."""

    challenge = schemas.Bytes(CHALLENGE_BYTES, required=True)
    name = schemas.Text(100, required=True)
    credential = fields.Dict(required=True)


class Added(Codes):
    """A new passkey; the first second factor brings backup codes."""

    credential_id = schemas.Bytes()


class Unlock(Schema):
    """The user key sealed under what the passkey derives, and the keyset that it is sealed for."""

    keyset = schemas.U64(required=True)
    user_key = schemas.Blob(ObjectType.USER_KEY_BY_PASSKEY, required=True)


OPTIONS = Options()
DRAFT = Draft()
ADDED = Added()
UNLOCK = Unlock()


class Passkeys:
    """``/api/account/passkeys`` and its ``/options``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_post": Operation(request=DRAFT, response=ADDED, status=201),
        "on_post_options": Operation(response=OPTIONS),
    }

    def __init__(self, pool: db.Pool, post: Post) -> None:
        self._pool = pool
        self._post = post

    def on_post_options(self, req: Request, resp: Response) -> None:
        """Ask for a new passkey, after a fresh proof: WebAuthn's own options."""
        party = relying_party.of(req)
        actor = req.context.actor
        challenge = secrets.token_bytes(CHALLENGE_BYTES)
        with self._pool.connection() as conn:
            proofs.require(conn, actor)
            person = second_factors.hold(conn, actor.user_id)
            challenges_sql.add(conn, _stored(challenge), actor.user_id)
            present = [passkey.credential_id for passkey in sql.listed(conn, actor.user_id)]
        resp.media = registrations.options(party, actor.user_id, person.email, challenge, present)

    def on_post(self, req: Request, resp: Response) -> None:
        """Add a passkey that answers such a challenge."""
        draft = schemas.read(DRAFT, req)
        party = relying_party.of(req)
        actor = req.context.actor
        with self._pool.connection() as conn:
            proofs.hold(conn, actor)
            second_factors.hold(conn, actor.user_id)
            if not challenges_sql.take(conn, _stored(draft["challenge"]), actor.user_id):
                raise problems.ChallengeEnded
            found = registrations.verify(party, draft["credential"], draft["challenge"])
            if not sql.add(
                conn,
                actor.user_id,
                found.credential_id,
                name=draft["name"],
                public_key=found.public_key,
                sign_count=found.sign_count,
            ):
                raise problems.SecondFactorExists
            codes = second_factors.added(conn, req, Action.PASSKEY_ADDED, self._post)
        resp.status = HTTP_CREATED
        resp.media = ADDED.dump({"credential_id": found.credential_id, "backup_codes": codes})


class OnePasskey:
    """``/api/account/passkeys/{credential_id}`` and its ``/unlock``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_delete": Operation(status=204),
        "on_put_unlock": Operation(request=UNLOCK, status=204),
    }

    def __init__(self, pool: db.Pool, post: Post) -> None:
        self._pool = pool
        self._post = post

    def on_delete(self, req: Request, resp: Response, credential_id: str) -> None:
        """Remove it, after a fresh proof."""
        actor = req.context.actor
        with self._pool.connection() as conn:
            proofs.require(conn, actor)
            second_factors.hold(conn, actor.user_id)
            if not sql.remove(conn, actor.user_id, _id(credential_id)):
                raise problems.NotFound
            second_factors.removed(conn, req, Action.PASSKEY_REMOVED, self._post)
        resp.status = HTTP_NO_CONTENT

    def on_put_unlock(self, req: Request, resp: Response, credential_id: str) -> None:
        """Let it open the account: only who has the user key can seal it."""
        draft = schemas.read(UNLOCK, req)
        actor = req.context.actor
        with self._pool.connection() as conn:
            proofs.hold(conn, actor)
            person = second_factors.hold(conn, actor.user_id)
            if draft["keyset"] != person.keyset:
                raise problems.StaleKeyset(person.keyset)
            if not sql.unlock(conn, actor.user_id, _id(credential_id), **draft):
                raise problems.NotFound
            audit.record(conn, req, Action.PASSKEY_UNLOCKS)
        resp.status = HTTP_NO_CONTENT


def _stored(challenge: bytes) -> bytes:
    return hashlib.sha256(challenge).digest()


def _id(text: str) -> bytes:
    try:
        return encoding.unb64(text)
    except Broken as ex:
        raise problems.NotFound from ex
