"""The roster of a vault: what the server stores is what the members signed."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from machines.fly import histories
from shared import problems, vault_log, vault_log_sql, vault_roster
from shared.db import Connection
from shared.keyarc.account_keys import Identity
from shared.keyarc.commits import Add, How, Op, Rekey, Remove, Role
from shared.keyarc.encoding import b64
from shared.vault_log import Head
from tests import rosters, vaults
from tests.clients import Client
from tests.rows import nothing_stored
from tests.vaults import Person, Vault

ROSTER = "SELECT role, idcert FROM vault_members WHERE vault_id = %s AND user_id = %s"
OLD = "SELECT idcert FROM superseded_idcerts WHERE vault_id = %s AND user_id = %s"


@pytest.fixture
def vault(conn: Connection) -> Vault:
    return vaults.begin(conn)


@pytest.fixture
def newcomer(conn: Connection) -> Person:
    return vaults.person(conn)


def change(conn: Connection, vault: Vault, *ops: Op, author: Person | None = None) -> Head:
    """Append as the account service does, with no more rights than it has."""
    commit = vault.commit(ops, author)
    asking = author or vault.owner
    with conn.transaction():
        conn.execute("SET LOCAL ROLE keyarc_account")
        vault_log_sql.standing(conn, asking.session_id, asking.user_id, vault.id)
        head = vault_roster.append(conn, commit, rosters.enclosed(vault, commit))
        conn.execute("RESET ROLE")
    vault.accept(commit)
    return head


def rekeyed(person: Person) -> tuple[Person, Rekey]:
    """Return somebody with new keys, and the op that tells of them."""
    identity = Identity.make(person.user_id, person.identity.key_epoch + 1)
    op = Rekey(identity.idcert(previous=person.identity))
    return replace(person, identity=identity), op


def test_a_newcomer_is_a_member_by_the_certificate_that_the_owner_signed(
    conn: Connection, keys: Client, vault: Vault, newcomer: Person
) -> None:
    vault.fill(keys, 2)

    head = change(conn, vault, Add(newcomer.idcert, Role.MEMBER, How.WORDS))

    assert (head.seq, head.hash) == (3, vault.state.head)
    row = conn.execute(ROSTER, (vault.id, newcomer.user_id)).fetchone()
    assert row == (Role.MEMBER, newcomer.idcert.raw)
    put, content = vault.put(vault.owner.user_id)
    vault.send(keys, [put], [content], author=newcomer)
    assert histories.check(conn).commits == 4


def test_who_is_removed_reads_nothing_any_more(
    conn: Connection, keys: Client, vault: Vault, newcomer: Person
) -> None:
    change(conn, vault, Add(newcomer.idcert, Role.VIEWER, How.WORDS))
    before = keys.as_(newcomer).get(f"{vault.url}/secrets")

    change(conn, vault, Remove(newcomer.user_id), rosters.rotate(vault))

    after = keys.as_(newcomer).get(f"{vault.url}/secrets")
    assert (before.status_code, after.status_code) == (200, 404)
    assert conn.execute(ROSTER, (vault.id, newcomer.user_id)).fetchone() == (
        None,
        newcomer.idcert.raw,
    )
    assert histories.check(conn).commits == 3


def test_a_member_goes_on_under_the_next_certificate(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    owner, old = vault.owner, vault.owner.idcert
    vault.fill(keys, 1)
    later, op = rekeyed(owner)

    change(conn, vault, op)

    vault.owner = later
    vault.fill(keys, 1)
    assert conn.execute(ROSTER, (vault.id, owner.user_id)).fetchone() == (1, op.idcert.raw)
    assert conn.execute(OLD, (vault.id, owner.user_id)).fetchall() == [(old.raw,)]
    assert histories.check(conn).commits == 4


def test_who_comes_back_with_another_certificate_leaves_the_first_one_to_the_history(
    conn: Connection, vault: Vault, newcomer: Person
) -> None:
    later, _ = rekeyed(newcomer)
    change(conn, vault, Add(newcomer.idcert, Role.MEMBER, How.WORDS))
    change(conn, vault, Remove(newcomer.user_id), author=newcomer)
    again = later.identity.idcert(previous=newcomer.identity)

    change(conn, vault, Add(again, Role.VIEWER, How.MACHINE))

    row = conn.execute(ROSTER, (vault.id, newcomer.user_id)).fetchone()
    assert row == (Role.VIEWER, again.raw)
    assert conn.execute(OLD, (vault.id, newcomer.user_id)).fetchall() == [(newcomer.idcert.raw,)]
    assert histories.check(conn).commits == 4


def test_a_lost_answer_is_given_again(conn: Connection, vault: Vault, newcomer: Person) -> None:
    commit = vault.commit([Add(newcomer.idcert, Role.VIEWER, How.WORDS)])
    first = vault_roster.append(conn, commit, rosters.enclosed(vault, commit))

    with nothing_stored(conn):
        second = vault_roster.append(conn, commit)

    assert (first.fresh, second.fresh) == (True, False)
    assert (first.seq, first.hash) == (second.seq, second.hash)


def test_who_was_slower_is_told_the_newer_head(
    conn: Connection, keys: Client, vault: Vault, newcomer: Person
) -> None:
    commit = vault.commit([Add(newcomer.idcert, Role.VIEWER, How.WORDS)])
    vault.fill(keys, 1)

    with nothing_stored(conn), pytest.raises(problems.StaleHead) as caught:
        vault_roster.append(conn, commit)

    assert caught.value.members["head"]["seq"] == "2"


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_only_who_keeps_a_vault_lets_others_in(
    conn: Connection, vault: Vault, newcomer: Person, role: Role
) -> None:
    member = vaults.person(conn)
    change(conn, vault, Add(member.idcert, role, How.WORDS))
    commit = vault.forge([Add(newcomer.idcert, Role.VIEWER, How.WORDS)], member)

    with nothing_stored(conn), pytest.raises(problems.Forbidden):
        vault_roster.append(conn, commit)


def test_the_last_owner_stays(conn: Connection, vault: Vault) -> None:
    commit = vault.forge([Remove(vault.owner.user_id)])

    with nothing_stored(conn), pytest.raises(problems.Forbidden):
        vault_roster.append(conn, commit)


FORGERIES: dict[str, Callable[[Vault, Person], Op]] = {
    "a certificate that the old key did not sign": lambda vault, _: Rekey(
        Identity.make(vault.owner.user_id, 2).idcert(Identity.make(vault.owner.user_id))
    ),
    "a certificate of the same epoch": lambda vault, _: Rekey(
        Identity.make(vault.owner.user_id).idcert()
    ),
    "a stranger's removal": lambda _, newcomer: Remove(newcomer.user_id),
    "a member again": lambda vault, _: Add(vault.owner.idcert, Role.VIEWER, How.WORDS),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_what_no_rule_allows_is_refused(
    conn: Connection, vault: Vault, newcomer: Person, name: str
) -> None:
    commit = vault.forge([FORGERIES[name](vault, newcomer)])

    with nothing_stored(conn), pytest.raises(problems.BrokenCommit):
        vault_roster.append(conn, commit)


def test_ops_of_another_service_are_refused(conn: Connection, vault: Vault) -> None:
    put, _ = vault.put(vault.owner.user_id)
    commit = vault.commit([put])
    raw, signature = commit.raw, commit.signature
    args = (raw, signature, vault.id, vault.owner.actor)

    with nothing_stored(conn):
        with pytest.raises(problems.BrokenCommit):
            vault_log.read(*args, only=vault_roster.CHANGING)
        with pytest.raises(problems.BrokenCommit):
            vault_roster.append(conn, commit)


def test_the_list_of_vaults_has_every_certificate_there_ever_was(
    conn: Connection, account: Client, vault: Vault
) -> None:
    later, op = rekeyed(vault.owner)
    change(conn, vault, op)

    members = account.as_(later).get("/api/account/vaults").json["items"][0]["members"]

    told = {(one["role"], one["idcert"]) for one in members}
    assert told == {("owner", b64(op.idcert.raw)), (None, b64(vault.owner.idcert.raw))}
