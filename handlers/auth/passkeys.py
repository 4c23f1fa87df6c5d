"""A passkey's answer to a challenge: whether it is right, and whose it is."""

from typing import Any
from uuid import UUID

from handlers.auth import accounts_sql, challenges
from handlers.auth import passkeys_sql as sql
from handlers.auth.passkeys_sql import Passkey
from shared import schemas
from shared.db import Connection
from shared.keyarc import encoding
from shared.keyarc.encoding import Broken
from shared.relying_party import RelyingParty


class Answer(schemas.Schema):
    """A challenge, and what the browser's passkey says to it: AuthenticationResponseJSON."""

    challenge = schemas.Bytes(challenges.CHALLENGE_BYTES, required=True)
    credential = schemas.fields.Dict(required=True)


ANSWER = Answer()


def find(conn: Connection, credential: dict[str, Any]) -> Passkey | None:
    """Return the passkey that *credential* says it is, and hold it; nothing is proved by that."""
    try:
        credential_id = encoding.unb64(credential.get("id"))
    except Broken:
        return None
    if owner := sql.owner(conn, credential_id):
        accounts_sql.hold(conn, owner.user_id)
    return sql.hold(conn, credential_id)


def prove(
    conn: Connection, answer: dict[str, Any], party: RelyingParty, user_id: UUID
) -> Passkey | None:
    """Return the passkey of this person that gave *answer*, if that is right."""
    passkey = find(conn, answer["credential"])
    if passkey is None or passkey.user_id != user_id:
        return None
    return passkey if answers(conn, passkey, answer, party) else None


def answers(
    conn: Connection,
    passkey: Passkey,
    answer: dict[str, Any],
    party: RelyingParty,
    *,
    alone: bool = False,
) -> bool:
    """Tell whether *passkey* signed the challenge on the page of *party*, and note its use.

    Where it stands *alone*, without a password, it must have checked its person by itself (by a
    finger, a face or a PIN), and name the account.
    """
    if alone and not _names(answer["credential"], passkey):
        return False
    sign_count = _verified(passkey, answer, party, alone=alone)
    if sign_count is None:
        return False
    sql.use(conn, passkey.credential_id, sign_count)
    return True


def unlock(passkey: Passkey) -> dict[str, Any] | None:
    """Return what the passkey can open, for `new_sessions.begin`."""
    if passkey.user_key is None:
        return None
    return {
        "credential_id": passkey.credential_id,
        "keyset": passkey.keyset,
        "user_key": passkey.user_key,
    }


def _names(credential: dict[str, Any], passkey: Passkey) -> bool:
    response = credential.get("response")
    handle = response.get("userHandle") if isinstance(response, dict) else None
    return bool(handle == encoding.b64(passkey.user_id.bytes))


def _verified(
    passkey: Passkey, answer: dict[str, Any], party: RelyingParty, *, alone: bool
) -> int | None:
    """Return how often the passkey says it was used; None where anything is wrong."""
    import webauthn  # noqa: PLC0415 - it takes a fifth of a second, and few logins need it

    try:
        found = webauthn.verify_authentication_response(
            credential=answer["credential"],
            expected_challenge=answer["challenge"],
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=alone,
        )
    except Exception:  # noqa: BLE001 - whatever its parsers make of foreign bytes is a refusal
        return None
    return found.new_sign_count
