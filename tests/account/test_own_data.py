"""What a person is told of themselves: their account, what was done, and all of it at once."""

import json
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from handlers.account import audit_log
from shared.db import Connection
from tests import (
    factories,
    key_changes,
    links,
    machine_tokens,
    recoveries,
    rosters,
    second_factors,
    vaults,
)
from tests.clients import ADDRESS, Client
from tests.key_changes import CHANGES
from tests.second_factors import Guarded


def profile(person: Guarded) -> dict[str, Any]:
    told: dict[str, Any] = person.ask("GET", "profile").json
    return told


def audit(person: Guarded, **params: str) -> dict[str, Any]:
    told: dict[str, Any] = person.ask("GET", "audit", params=params).json
    return told


def test_a_profile_tells_of_a_recovery_that_runs(person: Guarded, conn: Connection) -> None:
    recovering = recoveries.Recovering(recoveries.service(conn, delay_s=3600), person.person)
    recovering.begin()

    recovery = profile(person)["recovery"]

    assert (recovery["device"], recovery["network"]) == ("a new laptop", ADDRESS)
    begun, ready = (datetime.fromisoformat(recovery[name]) for name in ("begun_at", "ready_at"))
    assert (ready - begun).total_seconds() == pytest.approx(3600, abs=5)
    assert person.ask("DELETE", "recovery").status_code == 204
    assert profile(person)["recovery"] is None


@pytest.mark.parametrize("kind", ["totp", "passkey"])
def test_a_profile_tells_of_a_second_factor(person: Guarded, conn: Connection, kind: str) -> None:
    assert profile(person)["second_factor"] is False
    person.prove()
    person.ask("POST", "totp")  # an offer is none yet
    assert profile(person)["second_factor"] is False

    if kind == "totp":
        person.add_totp(second_factors.now(conn))
    else:
        person.add_passkey()

    assert profile(person)["second_factor"] is True


@pytest.mark.parametrize("name", CHANGES)
def test_a_profile_tells_whether_there_is_another_recovery_code(person: Guarded, name: str) -> None:
    """By it a client whose answer was lost knows what holds."""
    before = profile(person)["recovery_code_at"]
    person.prove()

    assert CHANGES[name](person.person).send(person).status_code == 200

    assert (profile(person)["recovery_code_at"] != before) is (name in {"recovery", "keys"})


def test_a_person_reads_what_was_done_in_their_name_and_no_more(
    person: Guarded, auth: Client, conn: Connection
) -> None:
    factories.logged_in(auth)
    vault = vaults.begin(conn, key_changes.owner(person))
    machine_tokens.made(conn, person.account, vault)

    rows = audit(person)

    assert rows["next"] is None
    assert [row["action"] for row in rows["items"]] == [
        "member.added",
        "machine_token.created",
        "session.started",
        "account.created",
    ]
    newest = rows["items"][0]
    assert (newest["vault_id"], newest["network"]) == (str(vault.id), ADDRESS)
    assert newest["session_id"] == str(person.actor.session_id)


def test_the_log_comes_in_pages_the_newest_first(person: Guarded, conn: Connection) -> None:
    conn.execute(
        """INSERT INTO audit_log (action, user_id, address, request_id)
           SELECT 'secret.read', %s, '', gen_random_uuid()
             FROM generate_series(1, 150)""",
        (person.actor.user_id,),
    )

    first = audit(person)
    second = audit(person, after=first["next"])

    numbers = [int(row["audit_id"]) for page in (first, second) for row in page["items"]]
    assert len(first["items"]) == 100
    assert numbers == sorted(set(numbers), reverse=True)
    assert (len(numbers), second["next"]) == (152, None)
    assert person.ask("GET", "audit", params={"after": "x"}).status_code == 422


def test_rows_that_name_many_secrets_come_in_shorter_pages(
    person: Guarded, conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred reads of ten thousand secrets are no answer of 40 MB."""
    conn.execute(
        """INSERT INTO audit_log (action, user_id, object_ids, address, request_id)
           SELECT 'secret.read', %s, array_fill(gen_random_uuid(), ARRAY[1000]), '', %s
             FROM generate_series(1, 3)""",
        (person.person.user_id, uuid4()),
    )
    monkeypatch.setattr(audit_log, "PAGE_OBJECTS", 2_500)

    first = audit(person)
    second = audit(person, after=first["next"])

    assert [len(item["object_ids"]) for item in first["items"]] == [1000, 1000]
    assert len(second["items"][0]["object_ids"]) == 1000
    assert first["items"][-1]["audit_id"] == first["next"]


def test_all_that_is_known_can_be_taken_along(
    person: Guarded, conn: Connection, keys: Client
) -> None:
    vault = vaults.begin(conn, key_changes.owner(person))
    contents = vault.fill(keys, 2)
    machine = machine_tokens.made(conn, person.account, vault)
    person.add_passkey()
    secret_id = contents[0].secret_id
    keys.as_(person.actor).put(f"{vault.url}/reminders/{secret_id}", json={"day": "2027-06-30"})
    member = vaults.person(conn)
    rosters.change(person.account, vault, rosters.add(member))
    invited = rosters.invited(person.account, vault)
    link = keys.as_(person.actor).post("/api/keys/links", json=links.body()).json
    ended = factories.actor(person.answer(person.backup_codes.pop()))
    assert person.ask("DELETE", f"sessions/{ended.session_id}").status_code == 204

    data = person.ask("GET", "data").json

    assert data["profile"] == profile(person)
    sessions = {each["session_id"]: each["ended_at"] for each in data["sessions"]}
    assert sessions[str(person.actor.session_id)] is None
    assert sessions[str(ended.session_id)] is not None
    assert data["second_factors"] == second_factors.listed(person)
    assert [each["machine_id"] for each in data["machine_tokens"]] == [str(machine.user_id)]
    (own,) = data["vaults"]
    assert own.pop("joined_at")
    assert own == {"vault_id": str(vault.id), "role": "owner", "accepted": True, "secrets": 2}
    (invitation,) = data["invitations"]
    assert (invitation["invite_id"], invitation["role"]) == (str(invited.invite_id), "member")
    assert [share["recipient_id"] for share in data["shares"]] == [str(member.user_id)]
    assert data["reminders"] == [
        {"vault_id": str(vault.id), "secret_id": str(secret_id), "day": "2027-06-30"}
    ]
    assert data["links"] == [link]
    assert data["audit"] == audit(person)["items"]
    assert (data["device_requests"], data["email_changes"]) == ([], [])


def test_what_proves_or_opens_an_account_is_not_among_it(person: Guarded, conn: Connection) -> None:
    """A copy that is lost must not be worth more than what it tells."""
    person.add_totp(second_factors.now(conn))
    columns = conn.execute(
        """SELECT encode(verifier, 'base64'), encode(recovery_verifier, 'base64'),
                  encode(user_key, 'base64'), encode(recovery_user_key, 'base64'),
                  encode(identity, 'base64'), encode(secret, 'base64')
             FROM credentials
             JOIN totp USING (user_id)"""
    ).fetchone()
    assert columns

    told = json.dumps(person.ask("GET", "data").json)

    starts = [value[:40].translate(str.maketrans("+/", "-_")).rstrip("=") for value in columns]
    assert [start for start in starts if start[8:] in told] == []
