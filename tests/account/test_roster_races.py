"""Two at the same moment, on real connections: one is first, and the other is told so."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from falcon.testing import Result

from machines.fly import histories
from shared.keyarc.commits import Op, Remove, Role, SetRole, Uninvite
from tests import machine_tokens, rosters, vaults
from tests.account.conftest import Ask, Services
from tests.rosters import Invited, Link
from tests.vaults import Person, Vault


@pytest.fixture
def invited(services: Services) -> Invited:
    vault = vaults.begin(services.conn)
    link = rosters.invited(services.account, vault)
    return Invited(services.conn, services.account, vault, vault.owner, link)


def changing(services: Services, vault: Vault, *ops: Op, author: Person | None = None) -> Ask:
    commit = vault.commit(ops, author)
    sent = rosters.body(commit, rosters.enclosed(vault, commit))
    client = services.account.as_(author or vault.owner)
    return lambda: client.post(rosters.url(vault), json=sent)


def joining(services: Services, it: Invited, joiner: Person) -> Ask:
    sent = rosters.signed(it.link.join(it.vault, joiner))
    return lambda: services.account.as_(joiner).post(it.link.url, json=sent)


def writing(services: Services, vault: Vault, author: Person) -> Ask:
    put, content = vault.put(uuid4())
    sent = vaults.body(vault.commit([put], author), [content])
    return lambda: services.keys.as_(author).post(f"{vault.url}/commits", json=sent)


def leaving_for_good(services: Services, person: Person) -> Ask:
    machine_tokens.prove(services.conn, person)
    return lambda: services.account.as_(person).delete("/api/account/profile")


def statuses(answers: Sequence[Result]) -> list[int]:
    return [answer.status_code for answer in answers]


def test_of_two_who_join_by_one_link_one_joins(services: Services, invited: Invited) -> None:
    """M36: also at the same moment."""
    one, other = vaults.person(services.conn), vaults.person(services.conn)

    answers = services.at_once(
        invited.vault.id, joining(services, invited, one), joining(services, invited, other)
    )

    assert statuses(answers) == [201, 409]
    again = services.account.as_(other).get(invited.link.url)
    assert again.status_code == 404
    assert histories.check(services.conn).commits == 3


END: dict[str, Callable[[Invited], Op]] = {
    "cancelled": lambda it: Uninvite(it.link.invite_id),
    "closed by a rotation": lambda it: rosters.rotate(it.vault),
}


@pytest.mark.parametrize("joins_first", [True, False], ids=["joined first", "ended first"])
@pytest.mark.parametrize("end", END)
def test_a_link_that_is_ended_and_taken_at_once_is_one_of_both(
    services: Services, invited: Invited, end: str, *, joins_first: bool
) -> None:
    joiner = vaults.person(services.conn)
    asks = [
        joining(services, invited, joiner),
        changing(services, invited.vault, END[end](invited)),
    ]

    first, second = asks if joins_first else reversed(asks)
    answers = services.at_once(invited.vault.id, first, second)

    assert statuses(answers) == [201, 409]
    seen = services.keys.as_(joiner).get(f"{invited.vault.url}/secrets").status_code
    assert seen == (200 if joins_first else 404)
    assert histories.check(services.conn).commits == 3


def test_who_is_removed_while_they_write_has_written_nothing(services: Services) -> None:
    vault, member = vaults.begin(services.conn), vaults.person(services.conn)
    rosters.change(services.account, vault, rosters.add(member))
    removing = changing(services, vault, Remove(member.user_id), rosters.rotate(vault))

    answers = services.at_once(vault.id, removing, writing(services, vault, member))

    assert statuses(answers) == [201, 409]
    assert services.keys.as_(member).get(f"{vault.url}/secrets").status_code == 404
    assert histories.check(services.conn).secrets == 0


def test_who_wrote_a_moment_before_their_removal_has_written(services: Services) -> None:
    vault, member = vaults.begin(services.conn), vaults.person(services.conn)
    rosters.change(services.account, vault, rosters.add(member))
    removing = changing(services, vault, Remove(member.user_id), rosters.rotate(vault))

    answers = services.at_once(vault.id, writing(services, vault, member), removing)

    assert statuses(answers) == [201, 409]
    assert histories.check(services.conn).secrets == 1


def test_who_loses_their_role_while_they_purge_has_purged_nothing(services: Services) -> None:
    vault, admin = vaults.begin(services.conn), vaults.person(services.conn)
    rosters.change(services.account, vault, rosters.add(admin, Role.ADMIN))
    (content,) = vault.fill(services.keys, 1)
    vault.send(services.keys, [vault.delete(content.secret_id)])
    versions = f"{vault.url}/secrets/{content.secret_id}/versions"
    asks = [
        changing(services, vault, SetRole(admin.user_id, Role.VIEWER)),
        lambda: services.keys.as_(admin).delete(versions),
    ]

    answers = services.at_once(vault.id, *asks)

    assert statuses(answers) == [201, 403]
    told = services.keys.as_(vault.owner).get(versions).json["items"]
    assert not any(item["purged"] for item in told)


def test_whoever_is_added_first_cannot_delete_their_account(services: Services) -> None:
    vault, newcomer = vaults.begin(services.conn), vaults.person(services.conn)
    adding = changing(services, vault, rosters.add(newcomer))

    answers = services.at_once(vault.id, adding, leaving_for_good(services, newcomer))

    assert statuses(answers) == [201, 409]
    assert answers[1].json["vaults"] == [str(vault.id)]
    assert histories.check(services.conn).commits == 2


def test_whoever_has_deleted_their_account_is_added_to_nothing(services: Services) -> None:
    vault, newcomer = vaults.begin(services.conn), vaults.person(services.conn)
    own = vaults.begin(services.conn, newcomer)
    adding = changing(services, vault, rosters.add(newcomer))

    answers = services.at_once(own.id, leaving_for_good(services, newcomer), adding)

    assert statuses(answers) == [204, 422]
    assert histories.check(services.conn).commits == 1


def test_whoever_has_deleted_their_account_joins_nothing(
    services: Services, invited: Invited
) -> None:
    joiner = vaults.person(services.conn)
    own = vaults.begin(services.conn, joiner)
    asks = leaving_for_good(services, joiner), joining(services, invited, joiner)

    answers = services.at_once(own.id, *asks)

    assert statuses(answers) == [204, 401]
    assert histories.check(services.conn).commits == 2


def test_two_vaults_that_open_the_same_invitations_do_not_wait_for_each_other(
    services: Services,
) -> None:
    links = [Link(Role.VIEWER) for _ in range(2)]
    one, other = vaults.begin(services.conn), vaults.begin(services.conn)
    asks = [
        changing(services, one, *(link.op for link in links)),
        changing(services, other, *(link.op for link in reversed(links))),
    ]

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda ask: ask(), asks))

    assert sorted(statuses(answers)) == [201, 422]
    assert histories.check(services.conn).commits == 3
