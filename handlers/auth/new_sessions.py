"""A session begins: what somebody receives who has proved everything that is asked of them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from falcon import HTTP_CREATED, Request, Response

from handlers.auth import accounts_sql, tokens
from handlers.auth import sessions_sql as sql
from handlers.auth.tokens import Grant
from shared import audit, browsers, caller, letters, networks, problems, schemas
from shared.access_tokens import ACCESS_SECONDS
from shared.audit import Action
from shared.db import Connection
from shared.keyarc.encoding import SUITE
from shared.mail import Post


class Keyring(schemas.Schema):
    """The sealed keyring at its revision."""

    revision = schemas.U64()
    blob = schemas.Bytes()


class Unlock(schemas.Schema):
    """The user key as the passkey that was used sealed it, under the keyset of that time."""

    credential_id = schemas.Bytes()
    keyset = schemas.U64()
    user_key = schemas.Bytes()


class Session(schemas.Schema):
    """A session with everything that opens the account; a browser's tokens are cookies."""

    user_id = schemas.Id()
    session_id = schemas.Id()
    suite = schemas.Only(SUITE)
    salt = schemas.Bytes(16)
    keyset = schemas.U64()
    user_key = schemas.Bytes()
    identity = schemas.Bytes()
    idcert = schemas.Bytes()
    keyring = schemas.Nested(Keyring)
    passkey = schemas.Nested(Unlock, allow_none=True)
    access_token = schemas.Text(4096)
    refresh_token = schemas.Bytes(tokens.TOKEN_BYTES)
    expires_in = schemas.Only(ACCESS_SECONDS)


SESSION = Session()


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session: what its tokens are made of, and what opens the account."""

    grant: Grant
    media: dict[str, Any]


def for_browser(req: Request, origins: browsers.Origins) -> bool:
    """Tell whether the page asks; refuse what only says that it is the page."""
    browser = browsers.is_browser(req)
    if browser and not origins.admit(req):
        raise problems.NotSignedIn
    return browser


def begin(
    conn: Connection,
    req: Request,
    user_id: UUID,
    device: str,
    *,
    browser: bool,
    post: Post | None = None,
    unlock: Any = None,
) -> Begun:
    """Begin a session of somebody who has proved everything, and tell them by *post*.

    *unlock* is what the passkey can open that was used, as in `Unlock`.
    """
    session_id = uuid4()
    if post and post.enabled:
        _tell(conn, req, post, user_id, device)
    refresh_token = tokens.make_refresh_token()
    keys = accounts_sql.keys(conn, user_id)
    lifetime_s = sql.add(conn, session_id, user_id, device, caller.address(req), browser=browser)
    sql.issue(conn, session_id, tokens.stored(refresh_token))
    audit.record(conn, req, Action.SESSION_STARTED, user_id=user_id, session_id=session_id)
    return Begun(
        Grant(user_id, session_id, refresh_token, browser, lifetime_s),
        {
            "user_id": user_id,
            "session_id": session_id,
            "suite": SUITE,
            "salt": keys.salt,
            "keyset": keys.keyset,
            "user_key": keys.user_key,
            "identity": keys.identity,
            "idcert": keys.idcert,
            "keyring": {"revision": keys.revision, "blob": keys.keyring},
            "passkey": unlock,
        },
    )


def _tell(conn: Connection, req: Request, post: Post, user_id: UUID, device: str) -> None:
    """Write to somebody whose account was entered by a device, or from a network, that is new."""
    address = caller.address(req)
    person = sql.newcomer(conn, user_id, device, address)
    if person.new:
        letter = letters.new_session(device, networks.of(address), post.origin)
        post.send(conn, person.email, letter)


def answer(resp: Response, tokens_: tokens.Tokens, begun: Begun) -> None:
    """Hand a session out, once its transaction is done."""
    handed = tokens_.hand_out(resp, begun.grant)
    resp.status = HTTP_CREATED
    resp.media = SESSION.dump({**begun.media, **handed})
