"""What does not belong to a commit, or is no person, leaves nothing behind."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from shared import vault_roster
from shared.db import Connection
from shared.keyarc.account_keys import Identity
from shared.keyarc.commits import Add, How, Profile, Remove, Role, SetRole
from shared.keyarc.encoding import ObjectType, b64, sha256
from shared.vault_roster import LONGEST_INVITATION_MS
from tests import machine_tokens, rosters, vaults
from tests.clients import Client
from tests.rosters import Link
from tests.rows import nothing_stored
from tests.vaults import Person, Vault

Body = dict[str, Any]
BROKEN = (422, "/problems/broken-commit")


def answer(account: Client, author: Person, vault: Vault, body: Body) -> tuple[int, str | None]:
    response = account.as_(author).post(rosters.url(vault), json=body)
    return response.status_code, response.json.get("type")


def invitation() -> Body:
    return {"invite_id": str(uuid4()), "blob": b64(vaults.blob(ObjectType.INVITATION))}


def other(body: Body, **fields: Any) -> list[Body]:
    """Return the one share with other *fields*."""
    return [body["shares"][0] | fields]


# The honest commit adds somebody and invites somebody.
WRONG: dict[str, Callable[[Body], Body]] = {
    "no share": lambda _: {"shares": []},
    "a share twice": lambda body: {"shares": body["shares"] * 2},
    "a share for somebody else": lambda body: {
        "shares": other(body, recipient_id=str(uuid4())),
    },
    "one more share": lambda body: {
        "shares": body["shares"] + other(body, recipient_id=str(uuid4())),
    },
    "a share of another head": lambda body: {"shares": other(body, head=b64(bytes(32)))},
    "a share of an epoch to come": lambda body: {"shares": other(body, epoch="2")},
    "no invitation": lambda _: {"invitations": []},
    "an invitation twice": lambda body: {"invitations": body["invitations"] * 2},
    "another invitation": lambda _: {"invitations": [invitation()]},
    "one more invitation": lambda body: {"invitations": [*body["invitations"], invitation()]},
    "a profile": lambda _: {"profile": b64(vaults.blob(ObjectType.VAULT_PROFILE))},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_commit_comes_with_what_it_asks_for_and_nothing_else(
    conn: Connection, account: Client, vault: Vault, another: Person, name: str
) -> None:
    commit = vault.commit([rosters.add(another), Link().op])
    body = rosters.body(commit, rosters.enclosed(vault, commit))

    with nothing_stored(conn):
        refused = answer(account, vault.owner, vault, body | WRONG[name](body))

    assert refused == BROKEN
    assert answer(account, vault.owner, vault, body) == (201, None)


def test_a_rotation_forgets_nobody_and_takes_nobody_in(
    conn: Connection, account: Client, vault: Vault, another: Person
) -> None:
    """M24: keys of a rotation go to the signed roster, and to nobody whom somebody adds to it."""
    rosters.change(account, vault, rosters.add(another))
    commit = vault.commit([rosters.rotate(vault)])
    honest = rosters.body(commit, rosters.enclosed(vault, commit))
    (share,) = honest["shares"]
    own = share | {"recipient_id": str(vault.owner.user_id)}
    stranger = share | {"recipient_id": str(vaults.person(conn).user_id)}

    with nothing_stored(conn):
        found = [
            answer(account, vault.owner, vault, honest | {"shares": shares})
            for shares in ([], [own], [share, own], [stranger], [share, stranger])
        ]

    assert found == [BROKEN] * 5


@pytest.mark.parametrize("sent", [None, vaults.blob(ObjectType.VAULT_PROFILE)], ids=["no", "other"])
def test_a_profile_is_the_one_that_is_signed(
    conn: Connection, account: Client, vault: Vault, sent: bytes | None
) -> None:
    commit = vault.commit([Profile(1, sha256(vaults.blob(ObjectType.VAULT_PROFILE)))])
    body = rosters.body(commit, rosters.enclosed(vault, commit, sent))

    with nothing_stored(conn):
        assert answer(account, vault.owner, vault, body) == BROKEN


def test_a_newcomer_is_a_person_by_the_certificate_they_registered(
    conn: Connection, account: Client, vault: Vault, another: Person
) -> None:
    """M19: nobody is let in under keys that are not theirs."""
    machine = machine_tokens.made(conn, account, vault)
    elsewhere = vaults.begin(conn)
    next_keys = Identity.make(another.user_id, 2).idcert(previous=another.identity)
    adds = [
        rosters.add(Person("nobody@example.com")),
        rosters.add(replace(another, identity=Identity.make(another.user_id))),
        Add(next_keys, Role.VIEWER, How.WORDS),
        Add(another.idcert, Role.VIEWER, How.MACHINE),
        Add(machine.idcert, Role.VIEWER, How.WORDS),
        Add(machine.idcert, Role.VIEWER, How.MACHINE),
    ]

    with nothing_stored(conn):
        found = []
        for add in adds:
            commit = elsewhere.commit([add])
            body = rosters.body(commit, rosters.enclosed(elsewhere, commit))
            found.append(answer(account, elsewhere.owner, elsewhere, body))

    assert found == [BROKEN] * len(adds)


def test_a_machine_has_one_role(conn: Connection, account: Client, vault: Vault) -> None:
    """A vault whose last owner is a machine would be nobody's."""
    machine = machine_tokens.made(conn, account, vault)

    with nothing_stored(conn):
        response = rosters.post(account, vault, SetRole(machine.user_id, Role.OWNER))

    assert (response.status_code, response.json["type"]) == BROKEN


def test_an_invitation_has_an_end(conn: Connection, account: Client, vault: Vault) -> None:
    link = Link(expires_ms=vaults.now_ms() + LONGEST_INVITATION_MS + 60_000)

    with nothing_stored(conn):
        response = rosters.post(account, vault, link.op)

    assert (response.status_code, response.json["type"]) == BROKEN


def test_an_invitation_s_id_is_of_one_vault(
    conn: Connection, account: Client, vault: Vault
) -> None:
    elsewhere = vaults.begin(conn)
    link = rosters.invited(account, elsewhere)

    with nothing_stored(conn):
        response = rosters.post(account, vault, link.op)

    assert (response.status_code, response.json["type"]) == BROKEN


def test_a_link_that_a_rotation_ended_may_be_opened_again_for_other_keys(
    conn: Connection, account: Client, vault: Vault
) -> None:
    link, blob = rosters.invited(account, vault), vaults.blob(ObjectType.INVITATION)
    commit = vault.commit([rosters.rotate(vault), Link(Role.VIEWER, invite_id=link.invite_id).op])
    sent = replace(rosters.enclosed(vault, commit), invitations=[(link.invite_id, blob)])

    response = account.as_(vault.owner).post(rosters.url(vault), json=rosters.body(commit, sent))

    assert response.status_code == 201, response.text
    vault.accept(commit)
    found = account.as_(vaults.person(conn)).get(link.url).json
    assert found["blob"] == b64(blob)
    rosters.change(account, vault, Link().op)  # the stored state is the signed one


def test_a_vault_has_no_more_members_than_a_rotation_reaches(
    conn: Connection, account: Client, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_roster, "MOST_MEMBERS", 2)
    link = rosters.invited(account, vault)
    member = rosters.change(account, vault, rosters.add(vaults.person(conn))).ops[0]
    assert isinstance(member, Add)

    late = vaults.person(conn)

    with nothing_stored(conn):
        added = rosters.post(account, vault, rosters.add(late))
        joined = link.answer(account, vault, late)

    for response in (added, joined):
        assert (response.status_code, response.json["type"]) == (409, "/problems/vault-full")
    rosters.change(account, vault, Remove(member.idcert.user_id), rosters.rotate(vault))


@pytest.mark.parametrize("length", [1136, 1175, 1177, 65_576])
def test_a_share_has_the_length_of_keys(
    conn: Connection, account: Client, vault: Vault, another: Person, length: int
) -> None:
    commit = vault.commit([rosters.add(another)])
    body = rosters.body(commit, rosters.enclosed(vault, commit))

    with nothing_stored(conn):
        response = account.as_(vault.owner).post(
            rosters.url(vault), json=body | {"shares": other(body, ciphertext=b64(bytes(length)))}
        )

    assert (response.status_code, list(response.json["errors"])) == (422, ["shares"])


def test_a_stranger_is_told_what_is_told_of_a_vault_that_is_none(
    conn: Connection, account: Client, vault: Vault, another: Person
) -> None:
    unknown = Vault(vault.owner)
    commit = vault.forge([rosters.add(another)], another)
    sent = rosters.body(commit, rosters.enclosed(vault, vault.commit([rosters.add(another)])))

    with nothing_stored(conn):
        answers = [
            account.as_(another).post(rosters.url(one), json=sent) for one in (vault, unknown)
        ]

    assert answers[0].content == answers[1].content
    assert answers[0].status_code == answers[1].status_code == 404
