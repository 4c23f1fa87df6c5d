"""Sessions, tokens and keyrings: whichever process is asked, it knows what the others did."""

import base64
import json
import os
import time
from uuid import UUID

import pyotp
import pytest

from machines.stack import Stack
from shared.caller import Actor
from shared.db import Connection
from shared.keyarc.encoding import ObjectType, b64
from tests import factories
from tests.machines.growing.caller import Answer, Caller, at_once, each
from tests.vaults import Person, Vault, blob

REFRESH = "/auth/sessions/refresh"
ANOTHER = """
    INSERT INTO sessions (session_id, user_id, device, browser, address, expires_at, ends_at)
    SELECT gen_random_uuid(), user_id, device, browser, address, expires_at, ends_at
      FROM sessions
     WHERE session_id = %s
    RETURNING session_id
"""
DONE = "SELECT count(*) FROM audit_log WHERE user_id = %s AND action = %s"


def logged_in(stack: Stack) -> Answer:
    """Sign somebody up at one process, and log them in at another."""
    someone = factories.Person()
    first, second, _ = each(stack, "auth")
    assert first.post("/auth/accounts", someone.registration).status_code == 201
    answer = second.post("/auth/sessions", someone.login)
    assert answer.status_code == 201
    return answer


def actor(login: Answer) -> Actor:
    return Actor(UUID(login.json["user_id"]), UUID(login.json["session_id"]), "")


def replayed(grown: Stack, person: Person, target: str, media: object, method: str) -> list[Answer]:
    """Send one context to the first process of the account service, and again to all of them."""
    account = each(grown, "account", person)
    body = json.dumps(media).encode()
    context = account[0].context(method, target, body)
    return [one.ask(method, target, media, context=context) for one in (account[0], *account)]


def done(owner: Connection, user_id: UUID, action: str) -> int:
    """How often the audit log says that somebody did something."""
    row = owner.execute(DONE, (user_id, action)).fetchone()
    assert row
    return int(row[0])


@pytest.mark.parametrize("name", ["auth", "gateway", "account", "keys"])
def test_every_process_of_a_service_answers_at_its_one_address(grown: Stack, name: str) -> None:
    logs = [grown.logs / f"{name}{number}.log" for number in ("", ".2", ".3")]
    before = [log.stat().st_size for log in logs]
    callers = [Caller(grown, grown.service_urls[name])] * 6

    until = time.monotonic() + 60
    while silent := [
        log for log, size in zip(logs, before, strict=True) if log.stat().st_size == size
    ]:
        assert time.monotonic() < until, silent
        answers = at_once(callers, "GET", "/nowhere", [None] * 6)
        assert {answer.status_code for answer in answers} == {404}


def test_who_logs_out_at_one_process_is_refused_by_all_at_once(grown: Stack, vault: Vault) -> None:
    asked = {
        "gateway": "/api/account/vaults",
        "account": "/api/account/vaults",
        "keys": f"{vault.url}/secrets",
    }
    callers = [
        (one, path) for name, path in asked.items() for one in each(grown, name, vault.owner)
    ]
    assert {one.get(path).status_code for one, path in callers} == {200}

    ended = each(grown, "auth", vault.owner)[1].delete("/auth/sessions/current")

    assert ended.status_code == 204
    answers = [one.get(path) for one, path in callers]
    assert {(each.status_code, each.json["type"]) for each in answers} == {
        (401, "/problems/session-ended")
    }


def test_a_session_that_another_one_revokes_is_refused_by_all_at_once(
    grown: Stack, owner: Connection, vault: Vault
) -> None:
    """S10: at the gateway's, the account's and the keys' next question."""
    other = owner.execute(ANOTHER, (vault.owner.session_id,)).fetchone()
    assert other
    thief = Actor(vault.owner.user_id, other[0], "")
    paths = ("/api/account/profile", f"{vault.url}/secrets")
    callers = [(one, path) for one in each(grown, "gateway", thief) for path in paths]
    assert {one.get(path).status_code for one, path in callers} == {200}

    here = each(grown, "gateway", vault.owner)
    assert here[1].delete(f"/api/account/sessions/{other[0]}").status_code == 204

    answers = [one.get(path) for one, path in callers]
    assert {(one.status_code, one.json["type"]) for one in answers} == {
        (401, "/problems/session-ended")
    }
    assert {one.get(paths[0]).status_code for one in here} == {200}


def test_one_code_at_every_process_at_once_lets_one_login_in(
    grown: Stack, owner: Connection
) -> None:
    """S08: a step serves once, whichever process is asked."""
    someone = factories.Person()
    auth = each(grown, "auth")
    assert auth[0].post("/auth/accounts", someone.registration).status_code == 201
    secret = os.urandom(20)
    owner.execute(
        "INSERT INTO totp (user_id, secret, confirmed_at) VALUES (%s, %s, now())",
        (someone.user_id, secret),
    )
    challenges = [auth[n % 3].post("/auth/sessions", someone.login).json for n in range(6)]
    code = pyotp.TOTP(base64.b32encode(secret).decode()).now()

    bodies = [{"challenge": asked["challenge"], "code": code} for asked in challenges]
    answers = at_once(auth * 2, "POST", "/auth/sessions/totp", bodies)

    assert sorted(answer.status_code for answer in answers) == [201] + [401] * 5


def test_one_refresh_token_at_every_process_at_once_has_one_successor(grown: Stack) -> None:
    login = logged_in(grown)
    body = {"refresh_token": login.json["refresh_token"]}

    answers = at_once(each(grown, "auth") * 2, "POST", REFRESH, [body] * 6)

    assert [answer.status_code for answer in answers] == [200] * 6
    assert len({answer.json["refresh_token"] for answer in answers}) == 1


def test_a_stolen_refresh_token_ends_the_session_for_every_process(
    grown: Stack, owner: Connection
) -> None:
    first, second, third = each(grown, "auth")
    login = logged_in(grown)
    body = {"refresh_token": login.json["refresh_token"]}
    successor = {"refresh_token": first.post(REFRESH, body).json["refresh_token"]}
    factories.aged(owner, login.json["session_id"], 11)

    answers = at_once([second, third], "POST", REFRESH, [body] * 2)

    assert [answer.status_code for answer in answers] == [401, 401]
    assert first.post(REFRESH, successor).status_code == 401
    assert done(owner, actor(login).user_id, "session.reused") == 1
    gateways = each(grown, "gateway", actor(login))
    assert {one.get("/api/account/profile").status_code for one in gateways} == {401}


def test_a_sign_up_sent_to_every_process_makes_one_account(grown: Stack, owner: Connection) -> None:
    someone = factories.Person()

    answers = at_once(each(grown, "auth"), "POST", "/auth/accounts", [someone.registration] * 3)

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert done(owner, someone.user_id, "account.created") == 1
    assert each(grown, "auth")[2].post("/auth/sessions", someone.login).status_code == 201


def test_of_keyrings_made_from_one_revision_one_is_taken(
    grown: Stack, owner: Connection, person: Person
) -> None:
    blobs = [b64(blob(ObjectType.KEYRING)) for _ in range(6)]
    drafts = [{"replaces": "1", "blob": each} for each in blobs]

    gateways = each(grown, "gateway", person)
    answers = at_once(gateways * 2, "PUT", "/api/account/keyring", drafts)

    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [200] + [409] * 5
    winner = blobs[statuses.index(200)]
    newer = [answer.json["current"] for answer in answers if answer.status_code == 409]
    assert newer == [{"revision": "2", "blob": winner}] * 5
    assert done(owner, person.user_id, "keyring.replaced") == 1


def test_a_context_that_is_replayed_at_every_process_replaces_one_keyring(
    grown: Stack, owner: Connection, person: Person
) -> None:
    draft = {"replaces": "1", "blob": b64(blob(ObjectType.KEYRING))}

    answers = replayed(grown, person, "/api/account/keyring", draft, "PUT")

    assert [answer.status_code for answer in answers] == [200, 401, 409, 409]
    assert done(owner, person.user_id, "keyring.replaced") == 1


def test_a_context_that_is_replayed_at_every_process_makes_one_vault(
    grown: Stack, owner: Connection, person: Person
) -> None:
    vault = Vault(person)
    genesis = vault.genesis()
    draft = {
        "vault_id": str(vault.id),
        "commit": b64(genesis.raw),
        "signature": b64(genesis.signature),
        "profile": b64(vault.profile),
    }

    answers = replayed(grown, person, "/api/account/vaults", draft, "POST")

    assert [answer.status_code for answer in answers] == [201, 401, 201, 201]
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert done(owner, person.user_id, "vault.created") == 1
