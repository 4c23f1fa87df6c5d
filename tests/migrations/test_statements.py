"""Every statement of every service is one that the migrated schema understands."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

import handlers
import shared
from shared.db import Connection

VERB = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\s")
PARAMETER = re.compile(r"%\((\w+)\)[sbt]")
WRITTEN = re.compile(r"(?:\bINSERT INTO|\bDELETE FROM|^\s*UPDATE)\s+(\w+)")

# Each table has one home; a keyring is made with its account, and then lives where it is replaced.
# What is over goes by a job.
WRITERS = {
    "handlers.account.backup_codes_sql": {"backup_codes"},
    "handlers.account.challenges_sql": {"challenges"},
    "handlers.account.device_requests_sql": {"device_requests"},
    "handlers.account.email_sql": {"email_verifications", "users"},
    "handlers.account.keyring_sql": {"keyrings"},
    "handlers.account.keys_sql": {"credentials", "identities", "passkeys", "users"},
    "handlers.account.profile_sql": {"users"},
    "handlers.account.recovery_sql": {"recoveries"},
    "handlers.account.machine_tokens_sql": {
        "identities",
        "keyrings",
        "machine_tokens",
        "sessions",
        "users",
    },
    "handlers.account.passkeys_sql": {"passkeys"},
    "handlers.account.sessions_sql": {"sessions"},
    "handlers.account.totp_sql": {"totp"},
    "handlers.auth.accounts_sql": {"credentials", "identities", "keyrings", "users"},
    "handlers.auth.challenges_sql": {"challenges"},
    "handlers.auth.device_requests_sql": {"device_requests"},
    "handlers.auth.email_verifications_sql": {"email_verifications", "users"},
    "handlers.auth.recovery_sql": {"recoveries"},
    "handlers.auth.machine_sessions_sql": {"machine_tokens", "sessions"},
    "handlers.auth.passkeys_sql": {"passkeys"},
    "handlers.auth.second_factor_sql": {"backup_codes", "totp"},
    "handlers.auth.sessions_sql": {"refresh_tokens", "sessions"},
    "handlers.keys.secrets_sql": {"secret_uses"},
    "handlers.keys.uses_sql": {"secret_uses"},
    "handlers.jobs.purge_sql": {
        "challenges",
        "device_requests",
        "email_verifications",
        "limits",
        "links",
        "mails",
        "recoveries",
        "refresh_tokens",
        "reminders_told",
        "sessions",
    },
    "handlers.jobs.remind_sql": {"reminders_told", "users"},
    "handlers.jobs.runs_sql": {"job_runs"},
    "handlers.keys.links_sql": {"links"},
    "handlers.keys.reminders_sql": {"reminders"},
    "shared.audit": {"audit_log"},
    "shared.limits_sql": {"limits"},
    "shared.mail_sql": {"mails"},
    "shared.vault_contents_sql": {"secret_versions", "secrets"},
    "shared.vault_log_sql": {"commits", "vault_epochs", "vaults"},
    "shared.vault_roster_sql": {
        "shares",
        "superseded_idcerts",
        "vault_invites",
        "vault_members",
    },
}


def _statements() -> Iterator[tuple[str, str, str]]:
    for package in (handlers, shared):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.startswith("shared.keyarc"):
                continue
            module = importlib.import_module(found.name)
            for name, value in vars(module).items():
                if name.isupper() and isinstance(value, str) and VERB.match(value):
                    yield found.name, name, value


STATEMENTS = {f"{module}.{name}": text for module, name, text in _statements()}


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_a_statement_can_be_prepared(conn: Connection, name: str) -> None:
    numbers: dict[str, str] = {}
    text = PARAMETER.sub(
        lambda found: numbers.setdefault(found[1], f"${len(numbers) + 1}"), STATEMENTS[name]
    )

    conn.execute("PREPARE it AS " + text.replace("%%", "%"))
    conn.execute("DEALLOCATE it")  # a pooler gives the session to the next test


def test_the_statements_of_every_service_are_found() -> None:
    services = {name.split(".")[1] for name in STATEMENTS if name.startswith("handlers")}

    assert services == {"account", "auth", "jobs", "keys"}


def test_each_module_writes_its_own_tables_and_no_other() -> None:
    written: dict[str, set[str]] = {}
    for name, text in STATEMENTS.items():
        module = name.rpartition(".")[0]
        for table in WRITTEN.findall(text):
            written.setdefault(module, set()).add(table)

    assert written == WRITERS
