"""Members come, change and go, and keys, profile and invitations change: by signed commits."""

from uuid import UUID, uuid4

import pytest

from handlers.account import rosters as account_rosters
from machines.fly import histories
from shared.db import Connection
from shared.keyarc.commits import Op, Profile, Remove, Role, SetRole
from shared.keyarc.encoding import ObjectType, b64, sha256
from tests import rosters, vaults
from tests.clients import Client
from tests.rows import nothing_stored
from tests.vaults import Person, Vault

NOT_FOUND = {"type": "/problems/not-found", "title": "Not Found", "status": 404}


def said(conn: Connection) -> list[tuple[str, UUID, list[UUID]]]:
    """Return what the audit log tells: actions, by whom, with whom."""
    return conn.execute(
        "SELECT action, user_id, object_ids FROM audit_log ORDER BY audit_id"
    ).fetchall()


def roles(account: Client, vault: Vault) -> dict[str, str]:
    """Return who is of the vault; whoever was is listed without a role."""
    members = account.as_(vault.owner).get(rosters.url(vault, "members")).json["items"]
    return {member["user_id"]: member["role"] for member in members if member["role"]}


def test_somebody_who_is_added_is_a_member_with_a_share(
    conn: Connection, account: Client, keys: Client, vault: Vault, another: Person
) -> None:
    vault.fill(keys, 1)
    commit = vault.commit([rosters.add(another)])
    sent = rosters.enclosed(vault, commit)

    response = account.as_(vault.owner).post(rosters.url(vault), json=rosters.body(commit, sent))

    assert (response.status_code, response.json) == (201, {"seq": "3", "hash": b64(commit.hash)})
    (share,) = account.as_(another).get("/api/account/shares").json["items"]
    assert share.pop("created_at").endswith("+00:00")
    assert share == rosters.body(commit, sent)["shares"][0] | {
        "vault_id": str(vault.id),
        "sender_id": str(vault.owner.user_id),
    }
    assert keys.as_(another).get(f"{vault.url}/secrets").status_code == 200
    assert said(conn)[-1] == ("member.added", vault.owner.user_id, [another.user_id])
    assert histories.check(conn).commits == 3


def test_a_share_is_its_recipient_s_alone(
    account: Client, vault: Vault, another: Person, someone: Person
) -> None:
    rosters.change(account, vault, rosters.add(another))

    for other in (vault.owner, someone):
        assert account.as_(other).get("/api/account/shares").json["items"] == []


def test_who_rotates_gives_everybody_else_the_newer_keys(
    conn: Connection, account: Client, vault: Vault, another: Person, someone: Person
) -> None:
    rosters.change(account, vault, rosters.add(another, Role.ADMIN))
    rosters.change(account, vault, rosters.add(someone))

    commit = rosters.change(account, vault, rosters.rotate(vault), author=another)

    for member in (vault.owner, someone):
        (share,) = account.as_(member).get("/api/account/shares").json["items"]
        assert (share["epoch"], share["head"]) == ("2", b64(commit.prev))
        assert share["sender_id"] == str(another.user_id)
    (share,) = account.as_(another).get("/api/account/shares").json["items"]
    assert share["epoch"] == "1"
    assert said(conn)[-1] == ("vault.rotated", another.user_id, [])
    assert histories.check(conn).commits == 4


def test_after_a_rotation_only_the_new_epoch_is_written(
    account: Client, keys: Client, vault: Vault
) -> None:
    late, content = vault.put(uuid4())
    rosters.change(account, vault, rosters.rotate(vault))
    commit = vault.forge([late])

    sent = vaults.body(commit, [content])
    refused = keys.as_(vault.owner).post(f"{vault.url}/commits", json=sent)

    assert (late.epoch, refused.json["type"]) == (1, "/problems/broken-commit")
    vault.fill(keys, 1)


def test_a_removal_takes_the_old_key_away_in_the_same_commit(
    conn: Connection, account: Client, keys: Client, vault: Vault, another: Person
) -> None:
    """M39: who is removed gets nothing of what comes, not even sealed."""
    vault.fill(keys, 1)
    rosters.change(account, vault, rosters.add(another))

    rosters.change(account, vault, Remove(another.user_id), rosters.rotate(vault))

    gone = account.as_(another)
    assert gone.get("/api/account/shares").json["items"] == []
    kept = conn.execute("SELECT FROM shares WHERE recipient_id = %s", (another.user_id,)).fetchall()
    assert kept == []
    assert gone.get("/api/account/vaults").json["items"] == []
    assert keys.as_(another).get(f"{vault.url}/secrets").json == NOT_FOUND
    for noun in ("members", "invitations"):
        assert gone.get(rosters.url(vault, noun)).json == NOT_FOUND
    assert said(conn)[-2:] == [
        ("member.removed", vault.owner.user_id, [another.user_id]),
        ("vault.rotated", vault.owner.user_id, []),
    ]
    assert histories.check(conn).commits == 4


def test_a_removal_without_another_key_is_refused(
    conn: Connection, account: Client, vault: Vault, another: Person
) -> None:
    """M39: nobody goes on with a key that the removed one has."""
    rosters.change(account, vault, rosters.add(another))

    with nothing_stored(conn):
        response = rosters.post(account, vault, Remove(another.user_id))

    assert (response.status_code, response.json["type"]) == (422, "/problems/broken-commit")


@pytest.mark.parametrize("role", Role)
def test_everybody_may_leave(
    conn: Connection, account: Client, vault: Vault, another: Person, role: Role
) -> None:
    rosters.change(account, vault, rosters.add(another, role))

    rosters.change(account, vault, Remove(another.user_id), author=another)

    assert roles(account, vault) == {str(vault.owner.user_id): "owner"}
    assert said(conn)[-1] == ("member.left", another.user_id, [another.user_id])


def test_a_vault_is_handed_over(
    conn: Connection, account: Client, vault: Vault, another: Person
) -> None:
    rosters.change(account, vault, rosters.add(another))
    owner = vault.owner.user_id

    rosters.change(
        account, vault, SetRole(another.user_id, Role.OWNER), SetRole(owner, Role.VIEWER)
    )

    assert roles(account, vault) == {str(owner): "viewer", str(another.user_id): "owner"}
    assert said(conn)[-1] == ("member.role_changed", owner, [another.user_id, owner])
    assert histories.check(conn).commits == 3


@pytest.mark.parametrize("parting", ["leave", "step down"])
def test_the_last_owner_stays_one(
    conn: Connection, account: Client, vault: Vault, another: Person, parting: str
) -> None:
    rosters.change(account, vault, rosters.add(another, Role.ADMIN))
    owner = vault.owner.user_id
    op: Op = Remove(owner) if parting == "leave" else SetRole(owner, Role.ADMIN)

    with nothing_stored(conn):
        sent = rosters.signed(vault.forge([op]))
        response = account.as_(vault.owner).post(rosters.url(vault), json=sent)

    assert (response.status_code, response.json["type"]) == (403, "/problems/forbidden")


def test_a_profile_changes_with_its_key(conn: Connection, account: Client, vault: Vault) -> None:
    profile = vaults.blob(ObjectType.VAULT_PROFILE)
    ops = (rosters.rotate(vault), Profile(2, sha256(profile)))

    rosters.change(account, vault, *ops, profile=profile)

    (listed,) = account.as_(vault.owner).get("/api/account/vaults").json["items"]
    assert listed["profile"] == {"epoch": "2", "seq": "2", "blob": b64(profile)}
    assert [action for action, _, _ in said(conn)[-2:]] == ["vault.rotated", "vault.changed"]
    assert histories.check(conn).commits == 2


def test_who_comes_back_may_have_another_role(
    conn: Connection, account: Client, vault: Vault, another: Person
) -> None:
    rosters.change(account, vault, rosters.add(another, Role.ADMIN))
    rosters.change(account, vault, Remove(another.user_id), rosters.rotate(vault))

    rosters.change(account, vault, rosters.add(another, Role.VIEWER))

    assert roles(account, vault)[str(another.user_id)] == "viewer"
    assert account.as_(another).get(rosters.url(vault, "removal")).json == NOT_FOUND
    assert histories.check(conn).commits == 4


def test_a_lost_answer_is_given_again(
    conn: Connection, account: Client, vault: Vault, another: Person
) -> None:
    commit = vault.commit([rosters.add(another)])
    sent = rosters.body(commit, rosters.enclosed(vault, commit))
    first = account.as_(vault.owner).post(rosters.url(vault), json=sent)

    with nothing_stored(conn):
        again = account.as_(vault.owner).post(rosters.url(vault), json=sent)

    assert (again.status_code, again.json) == (first.status_code, first.json)


def test_who_was_slower_is_told_the_newer_head(
    conn: Connection, account: Client, keys: Client, vault: Vault, another: Person
) -> None:
    commit = vault.commit([rosters.add(another)])
    sent = rosters.body(commit, rosters.enclosed(vault, commit))
    vault.fill(keys, 1)

    with nothing_stored(conn):
        response = account.as_(vault.owner).post(rosters.url(vault), json=sent)

    assert (response.status_code, response.json["type"]) == (409, "/problems/stale-head")
    assert response.json["head"] == {"seq": "2", "hash": b64(vault.state.head)}


def test_nobody_is_added_to_more_vaults_than_they_can_sign_new_keys_for(
    conn: Connection, account: Client, another: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They could not change their keys any more until each of these vaults is declined."""
    monkeypatch.setattr(account_rosters, "MOST_VAULTS", 2)
    first, second, third = (vaults.begin(conn) for _ in range(3))
    for vault in (first, second):
        rosters.change(account, vault, rosters.add(another))

    with nothing_stored(conn):
        refused = rosters.post(account, third, rosters.add(another))

    assert (refused.status_code, refused.json["type"]) == (422, "/problems/broken-commit")
    rosters.change(account, first, Remove(another.user_id), rosters.rotate(first))
    rosters.change(account, third, rosters.add(another))
    rosters.joined(account, first, another)
