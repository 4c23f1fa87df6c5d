"""The log of a vault: what the server stores is what the history adds up to."""

import time
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared import problems, vault_log
from shared.db import Connection
from shared.keyarc.commits import Add, Delete, How, Put, Role, State, apply, parse
from shared.keyarc.encoding import Broken, ObjectType
from shared.permissions import HOLDERS, Permission
from shared.vault_contents_sql import Content
from tests import vaults
from tests.vaults import Vault

# Few ids, so that commits meet: the first and the last of one bucket, and one of another.
IDS = [UUID(bytes=bytes(16)), UUID(bytes=b"\0" + b"\xff" * 15), UUID(bytes=b"\xff" * 16)]

# A commit is what happens to some of the ids: the size of the blob of a put, or a deletion.
SCRIPTS = st.lists(
    st.dictionaries(st.sampled_from(IDS), st.sampled_from([None, 128, 640]), min_size=1),
    max_size=8,
)


def test_ops_of_another_service_are_refused_before_their_certificates_are_verified(
    conn: Connection,
) -> None:
    vault = vaults.begin(conn)
    raw = vault.raw([Add(vault.owner.idcert, Role.VIEWER, How.WORDS)] * 1000)
    signature = vault.owner.identity.sign(raw)
    begun = time.thread_time()
    with pytest.raises(Broken):  # the same member over and over, seen after the last
        parse(raw, signature)
    verified = time.thread_time()

    with pytest.raises(problems.BrokenCommit):
        vault_log.read(raw, signature, vault.id, vault.owner.actor, only=vault_log.APPENDING)

    assert time.thread_time() - verified < (verified - begun) / 20


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(script=SCRIPTS)
def test_what_is_stored_is_the_fold_of_the_history(
    conn: Connection, script: list[dict[UUID, int | None]]
) -> None:
    vault = vaults.begin(conn)
    contents: dict[UUID, Content] = {}

    for changes in script:
        follow(conn, vault, changes, contents)

    state = folded(conn, vault)
    assert (state.head, state.hash()) == (vault.state.head, vault.state.hash())
    assert stored_vault(conn, vault) == (
        state.seq,
        state.head,
        state.hash(),
        b"".join(state.buckets or ()),
        sum(map(len, state.secrets.values())),
    )
    assert stored_puts(conn, vault) == {
        put.secret_id: put for bucket in state.secrets.values() for put in bucket.values()
    }
    assert stored_deletions(conn, vault) == state.deleted
    assert stored_contents(conn, vault) == contents


def follow(
    conn: Connection,
    vault: Vault,
    changes: dict[UUID, int | None],
    contents: dict[UUID, Content],
) -> None:
    """Append one commit of *changes*, where there is something to change."""
    ops: list[Put | Delete] = []
    sent: list[Content] = []
    for secret_id, inside in changes.items():
        if inside is not None:
            put, content = vault.put(secret_id, inside=inside)
            ops.append(put)
            sent.append(content)
        elif secret_id in contents:
            ops.append(vault.delete(secret_id))
    if not ops:
        return
    commit = vault.commit(ops)
    vault_log.append(conn, commit, sent)
    vault.accept(commit)
    for op in ops:
        contents.pop(op.secret_id, None)
    contents.update({content.secret_id: content for content in sent})


def folded(conn: Connection, vault: Vault) -> State:
    state = State(vault.id)
    rows = conn.execute(
        "SELECT raw, signature FROM commits WHERE vault_id = %s ORDER BY seq", (vault.id,)
    )
    for raw, signature in rows:
        apply(state, parse(raw, signature))
    return state


def stored_vault(conn: Connection, vault: Vault) -> tuple[object, ...] | None:
    return conn.execute(
        """SELECT head_seq, head_hash, head_state, buckets, secrets
             FROM vaults WHERE vault_id = %s""",
        (vault.id,),
    ).fetchone()


def stored_puts(conn: Connection, vault: Vault) -> dict[UUID, Put]:
    rows = conn.execute(
        """SELECT secret_id, version, epoch, overview_hash, details_hash
             FROM secrets WHERE vault_id = %s AND epoch IS NOT NULL""",
        (vault.id,),
    )
    return {row[0]: Put(*row) for row in rows}


def stored_deletions(conn: Connection, vault: Vault) -> dict[UUID, int]:
    rows = conn.execute(
        "SELECT secret_id, version FROM secrets WHERE vault_id = %s AND epoch IS NULL",
        (vault.id,),
    )
    return dict(rows.fetchall())


def stored_contents(conn: Connection, vault: Vault) -> dict[UUID, Content]:
    rows = conn.execute(
        """SELECT secret_id, secrets.overview, details
             FROM secrets JOIN secret_versions USING (vault_id, secret_id, version)
            WHERE vault_id = %s AND secrets.overview = secret_versions.overview""",
        (vault.id,),
    )
    return {row[0]: Content(*row) for row in rows}


def test_a_role_is_looked_up_again_where_nobody_else_can_change_it(conn: Connection) -> None:
    vault = vaults.begin(conn)
    member = vaults.person(conn)
    vault.admit(conn, member, Role.MEMBER)
    put, content = vault.put(IDS[0])
    commit = vault.commit([put], member)
    conn.execute("UPDATE vault_members SET role = 4 WHERE user_id = %s", (member.user_id,))

    with pytest.raises(problems.Forbidden):
        vault_log.append(conn, commit, [content])


def test_rows_that_do_not_add_up_are_a_fault_of_ours(conn: Connection) -> None:
    vault = vaults.begin(conn)
    follow(conn, vault, {IDS[0]: 128}, {})
    conn.execute("UPDATE secrets SET version = 2 WHERE vault_id = %s", (vault.id,))
    put, content = vault.put(IDS[1])

    with pytest.raises(vault_log.Corrupt):
        vault_log.append(conn, vault.commit([put]), [content])


@pytest.mark.parametrize("role", Role)
def test_each_role_holds_what_the_readme_says(conn: Connection, role: Role) -> None:
    vault = vaults.begin(conn)
    member = vaults.person(conn)
    vault.admit(conn, member, role)

    for permission in Permission:
        if role in HOLDERS[permission]:
            assert vault_log.require(conn, member.actor, permission, vault.id) is role
        else:
            with pytest.raises(problems.Forbidden):
                vault_log.require(conn, member.actor, permission, vault.id)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE secrets SET overview = %(other)s, overview_hash = sha256(%(other)s)",
        "UPDATE secrets SET overview = %(blob)s, overview_hash = sha256('x')",
        "UPDATE secrets SET overview = NULL",
        "UPDATE secrets SET overview = %(short)s, overview_hash = sha256(%(short)s)",
        "UPDATE secrets SET version = 0",
        "UPDATE secret_versions SET overview = %(other)s",
        "UPDATE secret_versions SET details = %(blob)s",
        "UPDATE secret_versions SET epoch = NULL",
        "UPDATE vaults SET profile = %(blob)s",
        "UPDATE vaults SET buckets = ''",
        "UPDATE vaults SET secrets = -1",
        "UPDATE vault_members SET role = 5",
        "UPDATE vault_members SET idcert = %(blob)s",
        "UPDATE commits SET raw = raw || '\\x00'",
        "UPDATE commits SET signature = ''",
        "UPDATE commits SET author_id = gen_random_uuid()",
    ],
)
def test_the_database_itself_refuses_what_cannot_be(conn: Connection, statement: str) -> None:
    vault = vaults.begin(conn)
    follow(conn, vault, {IDS[0]: 128}, {})
    blob = vaults.blob(ObjectType.SECRET_OVERVIEW)
    values = {
        "blob": blob,
        "other": vaults.blob(ObjectType.SECRET_DETAILS),
        "short": blob[:-1],
    }

    with pytest.raises(psycopg.IntegrityError):
        conn.execute(statement.encode(), values)


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("keyarc_account", "SELECT FROM secrets"),
        ("keyarc_account", "SELECT FROM secret_versions"),
        ("keyarc_auth", "SELECT FROM vaults"),
        ("keyarc_auth", "SELECT FROM secrets"),
        ("keyarc_keys", "SELECT FROM users"),
        ("keyarc_keys", "SELECT FROM keyrings"),
        ("keyarc_keys", "UPDATE vault_members SET role = 1"),
        ("keyarc_keys", "UPDATE vaults SET profile = ''"),
        ("keyarc_keys", "UPDATE commits SET seq = seq"),
        ("keyarc_keys", "UPDATE secret_versions SET seq = seq"),
        ("keyarc_keys", "DELETE FROM commits"),
        ("keyarc_keys", "DELETE FROM secret_versions"),
        ("keyarc_account", "DELETE FROM commits"),
    ],
)
def test_a_service_s_role_may_not_do_what_its_code_never_does(
    conn: Connection, role: str, statement: str
) -> None:
    conn.execute(f"SET LOCAL ROLE {role}".encode())

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(statement.encode())
