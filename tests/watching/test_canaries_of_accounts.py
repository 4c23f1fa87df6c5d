"""What makes an account safe - codes, tokens, links, letters - is in no log and no metric."""

import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pyotp
import pytest

from shared.keyarc import kdf
from shared.keyarc.encoding import b64
from tests.factories import Person
from tests.mail_relay import PASSWORD, USER, MailRelay
from tests.waiting import until
from tests.watching import hostile
from tests.watching.test_canaries import canary, found, leaves, told
from tests.watching.watched import Watched

# What aiosmtpd says of itself when it asks for a password.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Session.login_data is deprecated"),
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
]

LINK = re.compile(r"/verify#([A-Za-z0-9_-]{43})")
MAIL_CODE = re.compile(r"\b(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}\b")


class Caller:
    """Asks the whole for a person, and remembers everything that is sent and answered."""

    def __init__(self, stack: Watched, planted: list[str]) -> None:
        self._stack = stack
        self._planted = planted
        self.token = ""

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return status and JSON of the answer."""
        headers = {"Host": urlsplit(self._stack.url).netloc, "Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        text = "" if body is None else json.dumps(body)
        answer = hostile.send(self._stack.url, hostile.request(method, path, headers, text))
        head, _, content = answer.partition(b"\r\n\r\n")
        media = json.loads(content) if content else {}
        self._planted += [*leaves(body or {}), *leaves(media)]
        return int(head[9:12]), media

    def prove(self, person: Person, **more: str) -> None:
        proof = {"auth": b64(kdf.derive_auth(person.master_key)), **more}
        assert self.ask("POST", "/auth/sessions/current/proof", proof)[0] == 204


@pytest.fixture
def relay() -> Iterator[MailRelay]:
    with MailRelay(wants_login=True) as relay:
        yield relay


def letter(relay: MailRelay, pattern: re.Pattern[str]) -> str:
    """Return the first thing like *pattern* in a letter, once there is one."""
    bodies = until(
        lambda: [found_ for each in relay.received if (found_ := pattern.search(each.body))]
    )
    return bodies[-1][bodies[-1].re.groups]


def live(caller: Caller, person: Person, relay: MailRelay) -> list[str]:
    """Go every way that this step has built; return what came by other ways than answers."""
    assert caller.ask("POST", "/auth/accounts", person.registration)[0] == 202
    link = letter(relay, LINK)
    assert caller.ask("POST", "/auth/email-verifications", {"token": link})[0] == 201
    login = person.login | {"device": canary("device")}
    caller.token = caller.ask("POST", "/auth/sessions", login)[1]["access_token"]

    caller.prove(person)
    offer = caller.ask("POST", "/api/account/totp")[1]
    app = pyotp.TOTP(offer["secret"])
    backup = caller.ask("PUT", "/api/account/totp", {"code": app.now()})[1]["backup_codes"]
    challenge = caller.ask("POST", "/auth/sessions", login)[1]["challenge"]
    wrong = {"challenge": challenge, "code": canary("code")[:16].upper()}
    assert caller.ask("POST", "/auth/sessions/totp", wrong)[0] in {401, 422}
    right = {"challenge": challenge, "code": backup[0]}
    assert caller.ask("POST", "/auth/sessions/totp", right)[0] == 201
    caller.prove(person, code=backup[1])
    caller.ask("POST", "/api/account/passkeys/options", {})

    recovery = {"email": person.email, "recovery_auth": b64(kdf.derive_auth(person.recovery_key))}
    begun = caller.ask("POST", "/auth/recovery", recovery | {"device": canary("device")})[1]
    mail_code = letter(relay, MAIL_CODE)
    keys = {"recovery": begun["recovery"], "recovery_auth": recovery["recovery_auth"]}
    caller.ask("POST", "/auth/recovery/keys", keys | {"mail_code": mail_code, "code": backup[2]})
    caller.ask("DELETE", "/api/account/recovery")

    asked = {"email": person.email, "public_key": b64(secrets.token_bytes(1216))}
    request = caller.ask("POST", "/auth/device-requests", asked | {"device": canary("device")})[1]
    at = f"/auth/device-requests/{request['request_id']}/answer"
    caller.ask("POST", at, {"secret": request["secret"]})
    machine = {"machine_id": str(uuid4()), "auth": b64(secrets.token_bytes(32))}
    assert caller.ask("POST", "/auth/machine-sessions", machine)[0] == 401
    return [link, mail_code, *backup, *(each.replace("-", "") for each in backup)]


def test_nothing_that_keeps_an_account_safe_is_told(tmp_path: Path, relay: MailRelay) -> None:
    """S14: with a mail server that is there, and with one that is away."""
    folder, person = tmp_path / "stack", Person(email=f"{canary('e-mail')}@example.com")
    user, password = USER.replace(" ", "%20"), PASSWORD.replace("@", "%40").replace(" ", "%20")
    settings = {
        "SMTP_URL": f"smtp://{user}:{password}@localhost:{relay.port}",
        "MAIL_FROM": "keyarc@keyarc.test",
        "RECOVERY_DELAY": "0s",
    }
    planted = [person.email, USER, PASSWORD, settings["SMTP_URL"]]
    with Watched(folder, settings=settings) as stack:
        caller = Caller(stack, planted)
        planted += live(caller, person, relay)
        relay.answer = f"450 {canary('relay')} will not take it for {person.email}"
        planted.append(relay.answer.split()[1])
        again = Person(email=f"{canary('e-mail')}@example.com")
        caller.token = ""
        assert caller.ask("POST", "/auth/accounts", again.registration)[0] == 202
        until(lambda: "mail waits" in (stack.logs / "auth.log").read_text())
        with psycopg.connect(stack.database_url) as conn:
            waiting = conn.execute("SELECT body FROM mails").fetchall()
        planted += [token for (body,) in waiting for token in LINK.findall(body)]
        places = told(stack, folder)

    assert found(planted, places) == []
    assert b'"mail waits"' in places["auth.log"]
