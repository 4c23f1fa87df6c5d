"""Somebody who lost the password, and still has the recovery code."""

import os
from dataclasses import dataclass, field
from typing import Any

from falcon.testing import Result

from handlers.auth import routes as auth_routes
from shared import browsers
from shared.db import Connection
from shared.keyarc import kdf
from shared.keyarc.account_keys import wrap_user_key
from shared.keyarc.encoding import b64
from shared.mail import Post
from tests.clients import JWT_SECRET, ORIGIN, Client
from tests.databases import OneTransaction
from tests.factories import BY_CODE, BY_PASSWORD, Person

BEGIN = "/auth/recovery"
KEYS = "/auth/recovery/keys"
FINISH = "/auth/recovery/finish"


def service(conn: Connection, post: Post | None = None, delay_s: int = 0) -> Client:
    """Return auth with mail, or with another delay than a day."""
    pool, origins = OneTransaction(conn, "keyarc_auth"), browsers.Origins(ORIGIN)
    app = auth_routes.create_app(pool, (JWT_SECRET,), origins, post, delay_s)
    return Client(app)


def begin(auth: Client, email: str, recovery_auth: bytes) -> Result:
    body = {"email": email, "recovery_auth": b64(recovery_auth), "device": "a new laptop"}
    return auth.post(BEGIN, json=body)


@dataclass
class Recovering:
    """Somebody whose recovery was begun, and the keys that they are going to have."""

    auth: Client
    person: Person
    token: str = ""
    master_key: bytes = field(default_factory=lambda: os.urandom(32))
    recovery_key: bytes = field(default_factory=lambda: os.urandom(32))

    @property
    def proof(self) -> bytes:
        """What proves the old recovery code."""
        return kdf.derive_auth(self.person.recovery_key)

    @property
    def proofs(self) -> dict[str, Any]:
        """What every later step has."""
        return {"recovery": self.token, "recovery_auth": b64(self.proof)}

    def begin(self) -> Result:
        """Begin, or begin again."""
        response = begin(self.auth, self.person.email, self.proof)
        assert response.status_code == 202, response.json
        self.token = response.json["recovery"]
        return response

    def keys(self, **more: str) -> Result:
        """Ask for the sealed keys."""
        return self.auth.post(KEYS, json={**self.proofs, **more})

    def finish(self, **different: Any) -> Result:
        """Send new keys."""
        return self.auth.post(FINISH, json=self.draft() | different)

    def draft(self, keyset: int = 2) -> dict[str, Any]:
        """Return the body that finishes it."""
        person, user_key = self.person, self.person.user_key

        def wrap(master_key: bytes, kind: Any) -> str:
            kek = kdf.derive_kek(master_key)
            return b64(wrap_user_key(user_key, kek, kind, person.user_id, keyset))

        return {
            **self.proofs,
            "keyset": str(keyset),
            "salt": b64(bytes(16)),
            "auth": b64(kdf.derive_auth(self.master_key)),
            "user_key": wrap(self.master_key, BY_PASSWORD),
            "identity": b64(person.identity.seal(user_key, keyset)),
            "new_recovery_auth": b64(kdf.derive_auth(self.recovery_key)),
            "recovery_user_key": wrap(self.recovery_key, BY_CODE),
            "device": "a new laptop",
        }


def later(conn: Connection, seconds: float) -> None:
    """Let every recovery be older."""
    conn.execute(
        """UPDATE recoveries
              SET begun_at = begun_at - make_interval(secs => %(seconds)s),
                  ready_at = ready_at - make_interval(secs => %(seconds)s),
                  expires_at = expires_at - make_interval(secs => %(seconds)s)""",
        {"seconds": seconds},
    )
