"""What each service may do to each table: the import rules, held by the database too."""

import psycopg
import pytest

from shared.db import Connection

# Tables by role, and what may be done: S(elect), I(nsert), U(pdate), D(elete); a small letter
# means that some columns only.
RIGHTS = {
    "keyarc_auth": {
        "audit_log": "I",
        "backup_codes": "Su",
        "challenges": "SIDu",
        "credentials": "SIu",
        "device_requests": "SID",
        "email_verifications": "SID",
        "identities": "SI",
        "installation": "S",
        "job_runs": "s",
        "keyrings": "SI",
        "limits": "SIUD",
        "links": "Su",
        "machine_tokens": "Su",
        "mails": "SIUD",
        "passkeys": "Su",
        "recoveries": "SIDu",
        "refresh_tokens": "SIu",
        "sessions": "SIu",
        "totp": "Su",
        "users": "SIu",
    },
    "keyarc_account": {
        "audit_heads": "S",
        "audit_log": "SI",
        "backup_codes": "SID",
        "challenges": "SID",
        "commits": "SI",
        "credentials": "su",
        "device_requests": "SDu",
        "email_verifications": "IDs",
        "fellows": "S",
        "identities": "SIu",
        "installation": "S",
        "keyrings": "SIu",
        "limits": "SIUD",
        "links": "s",
        "machine_tokens": "SIu",
        "mails": "SIUD",
        "passkeys": "SIDu",
        "recoveries": "Ds",
        "reminders": "S",
        "sessions": "Su",
        "shares": "SIDu",
        "superseded_idcerts": "SI",
        "totp": "SIDu",
        "users": "SIu",
        "vault_epochs": "SI",
        "vault_invites": "SID",
        "vault_members": "SIU",
        "vaults": "SIU",
    },
    "keyarc_jobs": {
        "challenges": "Ds",
        "device_requests": "Ds",
        "email_verifications": "Ds",
        "job_runs": "SIu",
        "limits": "Ds",
        "links": "Ds",
        "mails": "SIUD",
        "recoveries": "Ds",
        "refresh_tokens": "Ds",
        "reminders": "S",
        "reminders_told": "SIDu",
        "sessions": "Ds",
        "users": "su",
        "vault_members": "s",
    },
    "keyarc_keys": {
        "audit_heads": "S",
        "audit_log": "SI",
        "commits": "SI",
        "links": "SID",
        "reminders": "SIDu",
        "secret_uses": "SIu",
        "secret_versions": "SIu",
        "secrets": "SIu",
        "vault_epochs": "S",
        "vault_invites": "S",
        "vault_members": "Su",
        "vaults": "Su",
    },
}


@pytest.mark.parametrize("role", RIGHTS)
def test_a_service_may_do_what_its_work_is_and_nothing_else(conn: Connection, role: str) -> None:
    rows = conn.execute(
        """SELECT table_name, privilege_type, true
             FROM information_schema.table_privileges
            WHERE grantee = %(role)s
            UNION ALL
           SELECT table_name, privilege_type, false
             FROM information_schema.column_privileges
            WHERE grantee = %(role)s""",
        {"role": role},
    ).fetchall()

    whole = {(table, verb[0]) for table, verb, all_columns in rows if all_columns}
    some = {(table, verb[0]) for table, verb, all_columns in rows if not all_columns} - whole
    found = whole | {(table, letter.lower()) for table, letter in some}
    assert found == {
        (table, letter) for table, letters in RIGHTS[role].items() for letter in letters
    }


@pytest.mark.parametrize("role", RIGHTS)
def test_no_service_changes_the_schema_or_logs_in_by_itself(conn: Connection, role: str) -> None:
    row = conn.execute(
        """SELECT has_schema_privilege(rolname, 'public', 'CREATE'),
                  has_database_privilege(rolname, current_database(), 'CREATE, TEMPORARY'),
                  rolsuper, rolcreaterole, rolcreatedb, rolbypassrls
             FROM pg_roles
            WHERE rolname = %s""",
        (role,),
    ).fetchone()

    assert row == (False,) * 6


@pytest.mark.parametrize("role", RIGHTS)
def test_what_was_done_is_never_unsaid(conn: Connection, role: str) -> None:
    conn.execute(psycopg.sql.SQL("SET LOCAL ROLE {}").format(psycopg.sql.Identifier(role)))

    for deed in ("UPDATE audit_log SET action = 'a.b'", "DELETE FROM audit_log"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
            conn.execute(deed)


@pytest.mark.parametrize("role", sorted(RIGHTS.keys() - {"keyarc_jobs"}))
def test_a_service_waits_15_seconds_for_a_statement_at_most(conn: Connection, role: str) -> None:
    row = conn.execute(
        """SELECT setconfig
             FROM pg_db_role_setting
             JOIN pg_roles ON pg_roles.oid = setrole
            WHERE rolname = %s""",
        (role,),
    ).fetchone()

    assert row == (["statement_timeout=15s", "idle_in_transaction_session_timeout=15s"],)
