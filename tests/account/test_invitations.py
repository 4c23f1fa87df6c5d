"""A link lets one person in, once, as long as those who keep the vault want it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from machines.fly import histories
from shared.db import Connection
from shared.keyarc.commits import (
    Remove,
    Role,
    SetRole,
    Uninvite,
    apply,
    parse,
)
from shared.keyarc.encoding import b64, unb64
from shared.keyarc.identity import parse_idcert
from tests import rosters, vaults
from tests.clients import Client
from tests.rosters import Invited, Link
from tests.rows import nothing_stored
from tests.vaults import Person, Vault

NOT_FOUND = {"type": "/problems/not-found", "title": "Not Found", "status": 404}


def test_whoever_holds_the_link_joins(
    conn: Connection, account: Client, keys: Client, vault: Vault, another: Person
) -> None:
    vault.fill(keys, 1)
    link = rosters.invited(account, vault, role=Role.VIEWER)
    commit = link.join(vault, another)

    response = account.as_(another).post(link.url, json=rosters.signed(commit))

    assert (response.status_code, response.json) == (201, {"seq": "4", "hash": b64(commit.hash)})
    members = account.as_(vault.owner).get(rosters.url(vault, "members")).json["items"]
    assert {member["role"] for member in members} == {"owner", "viewer"}
    assert keys.as_(another).get(f"{vault.url}/secrets").status_code == 200
    told = conn.execute(
        "SELECT action, user_id, object_ids FROM audit_log ORDER BY audit_id DESC LIMIT 1"
    ).fetchone()
    assert told == ("invitation.accepted", another.user_id, [link.invite_id])
    assert histories.check(conn).commits == 4


def test_the_joiner_follows_the_history_from_the_invitation_to_the_head(
    account: Client, keys: Client, vault: Vault, another: Person, someone: Person
) -> None:
    """The link's holder knows the state after the invitation, and trusts nothing else."""
    rosters.change(account, vault, rosters.add(someone, Role.ADMIN))
    link = Link()
    rosters.change(account, vault, link.op, author=someone)
    state = vault.state.public()
    vault.fill(keys, 2)
    rosters.change(account, vault, SetRole(someone.user_id, Role.OWNER))
    joiner = account.as_(another)

    found = joiner.get(link.url).json
    items = joiner.get(f"{link.url}/commits", params={"after": str(state.seq)}).json["items"]

    for raw in found["idcerts"]:
        state.introduce(parse_idcert(unb64(raw)))
    for item in items:
        apply(state, parse(unb64(item["commit"]), unb64(item["signature"])))
    buckets = unb64(found["buckets"])
    state.buckets = [buckets[at : at + 32] for at in range(0, 8192, 32)]
    assert found["head"] == {
        "seq": str(state.seq),
        "hash": b64(state.head),
        "state": b64(state.hash()),
    }
    assert found["profile"]["blob"] == b64(vault.profile)
    assert found["vault_id"] == str(vault.id)


def test_what_was_signed_before_the_invitation_is_for_members(
    account: Client, keys: Client, vault: Vault, another: Person
) -> None:
    vault.fill(keys, 1)
    link = rosters.invited(account, vault)
    vault.fill(keys, 1)

    page = account.as_(another).get(f"{link.url}/commits", params={"after": "0"}).json

    assert ([item["seq"] for item in page["items"]], page["next"]) == (["4"], None)


def test_those_who_keep_the_vault_see_what_is_open(
    account: Client, vault: Vault, another: Person, someone: Person
) -> None:
    for person, role in ((another, Role.ADMIN), (someone, Role.MEMBER)):
        rosters.change(account, vault, rosters.add(person, role))
    link = rosters.invited(account, vault)
    path = rosters.url(vault, "invitations")

    (item,) = account.as_(another).get(path).json["items"]

    assert datetime.fromisoformat(item.pop("created_at")).tzinfo == UTC
    expires_at = datetime.fromisoformat(item.pop("expires_at"))
    assert round(expires_at.timestamp() * 1000) == link.expires_ms
    assert item == {
        "invite_id": str(link.invite_id),
        "role": "member",
        "inviter_id": str(vault.owner.user_id),
    }
    assert account.as_(someone).get(path).json["type"] == "/problems/forbidden"


ENDS: dict[str, Callable[[Invited], object]] = {
    "used": lambda it: it.use(),
    "cancelled": lambda it: it.change(Uninvite(it.link.invite_id)),
    "closed by a rotation": lambda it: it.change(rosters.rotate(it.vault)),
    "of somebody who is no admin any more": lambda it: it.change(
        SetRole(it.inviter.user_id, Role.MEMBER)
    ),
    "of somebody who has left": lambda it: it.change(Remove(it.inviter.user_id), author=it.inviter),
    "over by the server's clock": lambda it: it.conn.execute(
        "UPDATE vault_invites SET expires_ms = %s", (vaults.now_ms() - 1,)
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_an_invitation_that_has_ended_never_was(
    conn: Connection, account: Client, invited: Invited, another: Person, end: str
) -> None:
    """M36: not a second time, not after its end, and nobody can tell which."""
    answer = rosters.signed(invited.link.join(invited.vault, another))
    unknown = Link()
    joiner = account.as_(another)
    ENDS[end](invited)

    with nothing_stored(conn):
        found = [joiner.get(invited.link.url), joiner.get(f"{invited.link.url}/commits")]
        found += [joiner.post(invited.link.url, json=answer), joiner.get(unknown.url)]

    assert [each.status_code for each in found] == [404] * 4
    assert {each.content for each in found} == {found[0].content}
    assert found[0].json == NOT_FOUND


def test_an_admin_may_not_go_on_with_what_only_owners_give(
    account: Client, vault: Vault, another: Person, someone: Person
) -> None:
    rosters.change(account, vault, rosters.add(someone, Role.OWNER))
    link = Link(Role.ADMIN)
    rosters.change(account, vault, link.op, author=someone)
    before = account.as_(another).get(link.url)

    rosters.change(account, vault, SetRole(someone.user_id, Role.ADMIN))

    assert (before.status_code, account.as_(another).get(link.url).json) == (200, NOT_FOUND)


def test_who_has_left_does_not_come_back_by_an_older_link(
    conn: Connection, account: Client, invited: Invited
) -> None:
    """They know its id from the history, and would see by it what goes on."""
    gone = rosters.joined(account, invited.vault, vaults.person(conn))
    invited.change(Remove(gone.user_id), author=gone)
    newer = rosters.invited(account, invited.vault)

    found = [account.as_(gone).get(link.url).status_code for link in (invited.link, newer)]

    assert found == [404, 200]
    assert newer.answer(account, invited.vault, gone).status_code == 201
