"""People who have a second factor, set up as a client does it."""

from dataclasses import dataclass, field
from typing import Any

import pyotp
from falcon.testing import Result

from shared.caller import Actor
from shared.db import Connection
from shared.keyarc.encoding import b64
from shared.keyarc.kdf import derive_auth
from tests import factories
from tests.authenticator import Passkey
from tests.clients import Client
from tests.factories import FROM_PAGE, Person

PROOF = "/auth/sessions/current/proof"


@dataclass
class Guarded:
    """Someone with second factors, the session that set them up, and the services they ask."""

    auth: Client
    account: Client
    person: Person
    actor: Actor
    otp: pyotp.TOTP | None = None
    backup_codes: list[str] = field(default_factory=list)
    passkeys: list[Passkey] = field(default_factory=list)

    def prove(self, **more: Any) -> Result:
        """Give a fresh proof, by the next backup code where a second factor is needed."""
        body = {"auth": b64(derive_auth(self.person.master_key)), **more}
        if self.backup_codes and not more:
            body["code"] = self.backup_codes.pop()
        return self.auth.as_(self.actor).post(PROOF, json=body, headers=FROM_PAGE)

    def ask(self, method: str, path: str, **kwargs: Any) -> Result:
        """Ask the account service as the page does."""
        there = self.account.as_(self.actor)
        headers = kwargs.pop("headers", FROM_PAGE)
        return there.simulate_request(method, f"/api/account/{path}", headers=headers, **kwargs)

    def log_in(self) -> Result:
        """Take the first step of a login."""
        return self.auth.post("/auth/sessions", json=self.person.login, headers=FROM_PAGE)

    def challenged(self) -> str:
        """Return the challenge that the first step of a login receives."""
        response = self.log_in()
        assert response.status_code == 200, response.text
        challenge: str = response.json["challenge"]
        return challenge

    def answer(self, code: str, challenge: str | None = None) -> Result:
        """Take the second step by a code."""
        body = {"challenge": challenge or self.challenged(), "code": code}
        return self.auth.post("/auth/sessions/totp", json=body)

    def touch(self, passkey: Passkey, challenge: str | None = None, **changed: Any) -> Result:
        """Take the second step by a passkey."""
        challenge = challenge or self.challenged()
        body = {"challenge": challenge, "credential": passkey.sign(challenge, **changed)}
        return self.auth.post("/auth/sessions/passkey", json=body, headers=FROM_PAGE)

    def add_totp(self, at: float) -> None:
        """Set an authenticator app up; its code of the time *at* is used for that."""
        assert self.prove().status_code == 204
        offer = self.ask("POST", "totp")
        self.otp = pyotp.TOTP(offer.json["secret"])
        added = self.ask("PUT", "totp", json={"code": self.otp.at(at)})
        assert added.status_code == 200, added.text
        self.backup_codes += added.json["backup_codes"]

    def options(self) -> dict[str, Any]:
        """Return what WebAuthn asks of a new passkey."""
        assert self.prove().status_code == 204
        response = self.ask("POST", "passkeys/options")
        assert response.status_code == 200, response.text
        options: dict[str, Any] = response.json
        return options

    def register(self, options: dict[str, Any], credential: Any, name: str = "a phone") -> Result:
        """Send what a new passkey says."""
        body = {"challenge": options["challenge"], "name": name, "credential": credential}
        return self.ask("POST", "passkeys", json=body)

    def add_passkey(self) -> Passkey:
        """Make a passkey and add it."""
        passkey, options = Passkey(), self.options()
        added = self.register(options, passkey.register(options))
        assert added.status_code == 201, added.text
        self.backup_codes += added.json["backup_codes"]
        self.passkeys.append(passkey)
        return passkey


def unguarded(auth: Client, account: Client) -> Guarded:
    """Return someone new who is logged in and has no second factor yet."""
    person = factories.signed_up(auth)
    return Guarded(auth, account, person, factories.actor(factories.logged_in(auth, person)))


def listed(guarded: Guarded) -> dict[str, Any]:
    """Return what the account service says that somebody has."""
    factors: dict[str, Any] = guarded.ask("GET", "second-factors").json
    return factors


def now(conn: Connection) -> float:
    """Return the time of the transaction, by which the services go."""
    row = conn.execute("SELECT extract(epoch FROM now())::float8").fetchone()
    assert row
    seconds: float = row[0]
    return seconds
