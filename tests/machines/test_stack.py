"""The whole as processes: who may read what it keeps, and what each service is told."""

import json
import stat
import urllib.request
from pathlib import Path

import pytest

from machines.stack import Stack


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("instance")


def test_only_the_owner_reads_a_file_that_holds_a_secret(data: Path) -> None:
    with Stack(data, durable=False) as stack:
        secrets = {stack.environment("auth")["JWT_SECRET"].encode()}
        secrets |= {stack.environment(name)["DATABASE_URL"].encode() for name in ("auth", "keys")}
        secrets |= {(data / "postgres" / "password").read_bytes(), b"passwords"}
        files = [file for file in data.rglob("*") if file.is_file()]

        holding = [file for file in files if any(each in file.read_bytes() for each in secrets)]

    assert data / "secrets.json" in holding
    assert {stat.S_IMODE(file.stat().st_mode) for file in holding} == {0o600}


def test_a_service_is_told_its_own_secrets_and_nothing_of_the_persons_environment(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the person who runs it")
    common = {"PATH", "SERVICE", "LOG_LEVEL"}

    with Stack(data, durable=False) as stack:
        told_to = {name: set(stack.environment(name)) - common for name in stack.service_urls}

    assert told_to == {
        "auth": {"DATABASE_URL", "JWT_SECRET", "PUBLIC_ORIGIN"},
        "gateway": {"JWT_SECRET", "PUBLIC_ORIGIN", "ACCOUNT_URL", "KEYS_URL"},
        "account": {"DATABASE_URL", "CONTEXT_PUBLIC_KEYS", "PUBLIC_ORIGIN"},
        "keys": {"DATABASE_URL", "CONTEXT_PUBLIC_KEYS"},
        "edge": {"PUBLIC_ORIGIN", "AUTH_URL", "GATEWAY_URL", "SITE"},
    }


def test_mail_and_the_delay_of_recoveries_are_told_to_whom_they_concern(data: Path) -> None:
    settings = {
        "SMTP_URL": "smtp://localhost:1",
        "MAIL_FROM": "keyarc@example.com",
        "RECOVERY_DELAY": "0s",
    }

    with Stack(data, durable=False, settings=settings) as stack:
        told = {name: stack.environment(name) for name in stack.service_urls}
        with urllib.request.urlopen(f"{stack.url}/auth/about") as answer:  # noqa: S310 - our own
            about = json.load(answer)

    having = {name: set(settings) & set(each) for name, each in told.items()}
    assert {name: each for name, each in having.items() if each} == {
        "auth": set(settings),
        "account": {"SMTP_URL", "MAIL_FROM"},
    }
    assert about == {"mail": True, "recovery_delay_seconds": 0, "passkeys": True}
