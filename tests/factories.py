"""People who sign up and log in, with real keys; only no password is stretched: that is slow."""

import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from falcon.testing import Result

from shared.caller import Actor
from shared.db import Connection
from shared.keyarc import kdf
from shared.keyarc.account_keys import Identity, make_user_key, wrap_user_key
from shared.keyarc.encoding import ObjectType, b64
from shared.keyarc.keyring import Keyring
from tests.clients import ADDRESS, ORIGIN, Client

BY_PASSWORD = ObjectType.USER_KEY_BY_PASSWORD
BY_CODE = ObjectType.USER_KEY_BY_RECOVERY_CODE

FROM_PAGE = {"KeyArc-Client": "web", "Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True)
class Person:
    """Someone with keys, who may or may not have an account yet."""

    email: str = field(default_factory=lambda: f"{uuid4().hex}@example.com")
    identity: Identity = field(default_factory=lambda: Identity.make(uuid4()))
    salt: bytes = field(default_factory=lambda: os.urandom(16))
    master_key: bytes = field(default_factory=lambda: os.urandom(32))
    recovery_key: bytes = field(default_factory=lambda: os.urandom(32))
    user_key: bytes = field(default_factory=make_user_key)

    @property
    def user_id(self) -> UUID:
        return self.identity.user_id

    @cached_property
    def registration(self) -> dict[str, Any]:
        """The body that signs this person up."""
        return {
            "user_id": str(self.user_id),
            "email": self.email,
            "suite": 1,
            "salt": b64(self.salt),
            "auth": b64(kdf.derive_auth(self.master_key)),
            "recovery_auth": b64(kdf.derive_auth(self.recovery_key)),
            "user_key": b64(self._wrap(self.master_key, BY_PASSWORD)),
            "recovery_user_key": b64(self._wrap(self.recovery_key, BY_CODE)),
            "identity": b64(self.identity.seal(self.user_key, 1)),
            "idcert": b64(self.identity.idcert().raw),
            "keyring": b64(Keyring().seal(self.user_key, self.user_id, 1)),
        }

    @property
    def login(self) -> dict[str, Any]:
        """The body that logs this person in."""
        auth = b64(kdf.derive_auth(self.master_key))
        return {"email": self.email, "auth": auth, "device": "a laptop"}

    def _wrap(self, master_key: bytes, kind: ObjectType) -> bytes:
        return wrap_user_key(self.user_key, kdf.derive_kek(master_key), kind, self.user_id, 1)


def signed_up(auth: Client) -> Person:
    """Return someone with an account."""
    person = Person()
    assert auth.post("/auth/accounts", json=person.registration).status_code == 201
    return person


def logged_in(auth: Client, person: Person | None = None, *, page: bool = False) -> Result:
    """Return the answer to a login, by a client or by the page; of someone new by default."""
    body = (person or signed_up(auth)).login
    response = auth.post("/auth/sessions", json=body, headers=FROM_PAGE if page else {})
    assert response.status_code == 201
    return response


def actor(login: Result) -> Actor:
    """Return whom a login made known."""
    return Actor(UUID(login.json["user_id"]), UUID(login.json["session_id"]), ADDRESS)


def aged(conn: Connection, session_id: str, seconds: float) -> None:
    """Let a session, and everything that was done with its tokens, be *seconds* older."""
    params = {"session_id": session_id, "seconds": seconds}
    conn.execute(
        """UPDATE sessions
              SET created_at = created_at - make_interval(secs => %(seconds)s),
                  refreshed_at = refreshed_at - make_interval(secs => %(seconds)s),
                  proven_at = proven_at - make_interval(secs => %(seconds)s),
                  expires_at = expires_at - make_interval(secs => %(seconds)s),
                  ends_at = ends_at - make_interval(secs => %(seconds)s)
            WHERE session_id = %(session_id)s""",
        params,
    )
    conn.execute(
        """UPDATE refresh_tokens
              SET used_at = used_at - make_interval(secs => %(seconds)s)
            WHERE session_id = %(session_id)s""",
        params,
    )


def actions(conn: Connection) -> list[str]:
    """Return what the audit log says was done in this test, in order."""
    rows = conn.execute("SELECT action FROM audit_log ORDER BY audit_id").fetchall()
    return [action for (action,) in rows]
