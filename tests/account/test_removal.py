"""Who is of a vault, and what is told to those who were."""

import pytest

from shared import vault_history
from shared.db import Connection
from shared.keyarc.commits import Remove, Role, State, apply, parse
from shared.keyarc.encoding import unb64
from tests import key_changes, machine_tokens, rosters, vaults
from tests.clients import Client
from tests.rosters import Link
from tests.second_factors import Guarded
from tests.vaults import Person, Vault

NOT_FOUND = {"type": "/problems/not-found", "title": "Not Found", "status": 404}


def test_members_of_now_and_of_before_are_told_by_the_address_that_the_server_knows(
    conn: Connection, account: Client, vault: Vault, another: Person, someone: Person
) -> None:
    machine = machine_tokens.made(conn, account, vault)
    rosters.change(account, vault, rosters.add(another, Role.VIEWER))
    rosters.change(account, vault, rosters.add(someone))
    rosters.change(account, vault, Remove(someone.user_id), rosters.rotate(vault))

    items = account.as_(another).get(rosters.url(vault, "members")).json["items"]

    assert all(item.pop("joined_at").endswith("+00:00") for item in items)
    owner = vault.owner
    expected = [
        (owner.user_id, "owner", owner.email, False),
        (machine.user_id, "viewer", None, True),
        (another.user_id, "viewer", another.email, False),
        (someone.user_id, None, someone.email, False),
    ]
    found = [(item["user_id"], item["role"], item["email"], item["machine"]) for item in items]
    assert set(found) == {(str(user_id), *rest) for user_id, *rest in expected}
    assert found[-1][0] == str(someone.user_id)


def test_the_new_address_of_somebody_who_is_gone_is_none_of_the_vault_s_business(
    conn: Connection, account: Client, vault: Vault, another: Person
) -> None:
    rosters.change(account, vault, rosters.add(another))
    changed = """
        WITH changed AS (UPDATE users SET email = 'new@example.com' WHERE user_id = %(user_id)s)
        INSERT INTO audit_log (action, user_id, address, request_id, at)
        VALUES ('email.changed', %(user_id)s, '', %(user_id)s, now() + interval '1 hour')
    """
    conn.execute(changed, {"user_id": another.user_id})
    members = rosters.url(vault, "members")
    of_it = account.as_(vault.owner).get(members).json["items"]

    rosters.change(account, vault, Remove(another.user_id), author=another)

    (_, gone) = account.as_(vault.owner).get(members).json["items"]
    assert "new@example.com" in {item["email"] for item in of_it}
    assert (gone["user_id"], gone["email"]) == (str(another.user_id), None)
    assert gone["machine"] is False


def test_a_machine_whose_owner_deleted_their_account_is_still_a_machine(
    conn: Connection, account: Client, vault: Vault
) -> None:
    machine = machine_tokens.made(conn, account, vault)
    conn.execute("DELETE FROM machine_tokens")
    conn.execute("DELETE FROM users WHERE user_id = %s", (machine.user_id,))

    items = account.as_(vault.owner).get(rosters.url(vault, "members")).json["items"]

    assert {(item["user_id"], item["machine"]) for item in items} == {
        (str(vault.owner.user_id), False),
        (str(machine.user_id), True),
    }


@pytest.mark.parametrize("parting", ["removed", "left"])
def test_who_is_gone_reads_how_that_was_signed_and_nothing_later(
    account: Client, keys: Client, vault: Vault, another: Person, parting: str
) -> None:
    """M39: a client tells a removal from a server that keeps a vault back."""
    rosters.change(account, vault, rosters.add(another))
    if parting == "left":
        rosters.change(account, vault, Remove(another.user_id), author=another)
    else:
        rosters.change(account, vault, Remove(another.user_id), rosters.rotate(vault))
    vault.fill(keys, 1)

    page = account.as_(another).get(rosters.url(vault, "removal")).json

    state = State(vault.id)
    for item in page["items"]:
        apply(state, parse(unb64(item["commit"]), unb64(item["signature"])))
    assert (state.seq, another.user_id in state.roster) == (3, False)
    assert page["next"] is None


def test_a_long_history_up_to_a_removal_comes_in_pages(
    account: Client, vault: Vault, another: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_history, "PAGE_COMMITS", 2)
    rosters.change(account, vault, rosters.add(another))
    rosters.change(account, vault, Remove(another.user_id), rosters.rotate(vault))
    rosters.change(account, vault, rosters.rotate(vault))
    gone, path = account.as_(another), rosters.url(vault, "removal")

    first = gone.get(path).json
    second = gone.get(path, params={"after": first["next"]}).json

    seen = [[item["seq"] for item in page["items"]] for page in (first, second)]
    assert (seen, first["next"], second["next"]) == ([["1", "2"], ["3"]], "2", None)


def test_nobody_else_reads_of_a_removal(
    conn: Connection, account: Client, vault: Vault, another: Person, someone: Person
) -> None:
    rosters.change(account, vault, rosters.add(another))
    rosters.change(account, vault, rosters.add(someone))
    rosters.change(account, vault, Remove(another.user_id), rosters.rotate(vault))
    unknown = Vault(vault.owner)

    answers = [
        account.as_(asking).get(rosters.url(asked, "removal"))
        for asking in (vault.owner, someone, vaults.person(conn))
        for asked in (vault, unknown)
    ]

    assert {(one.status_code, one.content) for one in answers} == {(404, answers[0].content)}
    assert answers[0].json == NOT_FOUND


@pytest.mark.parametrize("noun", ["members", "invitations"])
def test_a_stranger_is_told_what_is_told_of_a_vault_that_is_none(
    account: Client, vault: Vault, another: Person, noun: str
) -> None:
    answers = [
        account.as_(another).get(rosters.url(one, noun)) for one in (vault, Vault(vault.owner))
    ]

    assert answers[0].content == answers[1].content
    assert answers[0].json == NOT_FOUND


def test_an_account_that_ends_leaves_no_invitation_and_no_share(
    conn: Connection, person: Guarded
) -> None:
    account, vault = person.account, vaults.begin(conn, key_changes.owner(person))
    member = rosters.joined(account, vault, vaults.person(conn))
    rosters.change(account, vault, rosters.rotate(vault), Link().op)
    rosters.change(account, vault, Remove(member.user_id), author=member)
    rosters.change(account, vault, Link().op)
    person.prove()

    assert person.ask("DELETE", "profile").status_code == 204

    left = conn.execute(
        "SELECT (SELECT count(*) FROM vault_invites), (SELECT count(*) FROM shares)"
    ).fetchone()
    assert left == (0, 0)
    assert account.as_(member).get(rosters.url(vault, "removal")).json == NOT_FOUND


@pytest.mark.parametrize("parting", ["removed", "left"])
def test_a_machine_reads_a_vault_only_as_long_as_its_owner_is_of_it(
    conn: Connection,
    auth: Client,
    account: Client,
    keys: Client,
    vault: Vault,
    another: Person,
    parting: str,
) -> None:
    """Its token is theirs: they would read on by it, with the key of after their removal."""
    rosters.change(account, vault, rosters.add(another, Role.OWNER))
    machine = machine_tokens.made(conn, account, vault)
    machine_tokens.logged_in(auth, machine)
    secrets = f"{vault.url}/secrets"
    assert keys.as_(machine).get(secrets).status_code == 200

    owner = vault.owner
    author = another if parting == "removed" else owner
    rotation = [rosters.rotate(vault)] if parting == "removed" else []
    rosters.change(account, vault, Remove(owner.user_id), *rotation, author=author)

    assert keys.as_(machine).get(secrets).json == NOT_FOUND
    assert account.as_(machine).get("/api/account/vaults").json["items"] == []
    assert account.as_(machine).get("/api/account/shares").json["items"] == []
