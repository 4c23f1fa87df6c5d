"""A backup comes back whole, or not at all; and a drill finds out without touching anything."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import conninfo

from handlers.jobs import backup, manifests
from handlers.jobs.manifests import Manifest
from machines.failures import Failure
from machines.postgres import Postgres
from machines.stack import Stack
from shared.keyarc.changes import Write
from shared.keyarc.client import Client
from shared.keyarc.device import Device
from shared.keyarc.items import Details, Field, Overview
from tests.databases import HEAD
from tests.installations import Installation
from tests.machines.backups.restoring import change_archive, restored, tables

PASSWORD = "correct horse battery staple"
NONCE, CHUNK = 16, 65_536 + 16  # of age's format
TABLES = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"


def sealed_person(stack: Stack, folder: Path) -> tuple[str, str]:
    """Sign somebody up and let them keep two values; return their address and account key."""
    device, email = Device(folder), f"{uuid4().hex}@example.com"
    device.choose_store("file")
    new = Client.prepare_sign_up(stack.url, email, PASSWORD)
    with closing(Client.sign_up(new, device)) as client:
        values = {"A": "value a", "B": "value b"}
        client.change(
            client.create_vault("work"),
            lambda _: [
                Write(Overview(name=name), Details((Field("value", value),)))
                for name, value in values.items()
            ],
        )
    return email, new.account_key


def test_a_person_logs_in_to_what_was_restored_and_reads_their_values(
    stack: Stack,
    installation: Installation,
    key: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Into a server that has never heard of KeyArc: no role, no table."""
    email, account_key = sealed_person(stack, tmp_path / "device")
    backup.make(stack.database_url, installation.store, installation.recipient)
    with Postgres(tmp_path / "postgres", durable=False) as server:
        code = restored("--into", server.url, "--identity", key)

        with (
            Stack(tmp_path / "stack", database=server.url, durable=False) as again,
            closing(Client.log_in(again.url, email, PASSWORD, account_key)) as client,
        ):
            view = client.sync(client.vault("work").id)
            details = client.details(view, view.secrets)

    assert code == 0
    assert sorted(one.value for one in details.values()) == ["value a", "value b"]
    assert "secrets as the heads were signed for" in capsys.readouterr().out


def test_a_drill_says_what_it_checked_and_leaves_nothing(
    made: Manifest,
    key: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))

    code = restored("--drill", "--identity", key)

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert lines[0].startswith(f"{made.name}: {made.size:,} bytes, migration {HEAD}")
    assert [line[:4] for line in lines[1:5]] == ["ok  "] * 4
    assert lines[4] == (
        "ok  1 vaults: 4 commits signed and without a gap, 2 secrets as the heads were signed for"
    )
    assert lines[5].startswith("The drill took ")
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_drill_finds_a_vault_that_is_not_what_was_signed(
    installation: Installation, key: Path
) -> None:
    vault = installation.filled()
    with psycopg.connect(installation.url) as conn:
        conn.execute("UPDATE vaults SET head_state = sha256('other')")
    backup.make(installation.url, installation.store, installation.recipient)

    with pytest.raises(Failure, match=f"The history of the vault {vault.id} is broken"):
        restored("--drill", "--identity", key)


def test_a_database_that_holds_something_is_left_alone(
    made: Manifest, key: Path, empty: str
) -> None:
    with psycopg.connect(empty) as conn:
        conn.execute("CREATE TABLE mine (it text)")

    with pytest.raises(Failure, match=r"is not empty \(TABLE mine and 0 more\): with --force"):
        restored("--into", empty, "--identity", key)

    assert made
    assert tables(empty) == 1


def test_by_force_the_backup_takes_the_place_of_everything(
    installation: Installation, made: Manifest, key: Path
) -> None:
    with psycopg.connect(installation.url) as conn:
        conn.execute("CREATE TABLE newer (user_id uuid REFERENCES users)")
        conn.execute("CREATE VIEW names AS SELECT email FROM users")
        conn.execute("UPDATE users SET email = 'changed@example.com'")

    code = restored("--into", installation.url, "--identity", key, "--force")

    with psycopg.connect(installation.url) as conn:
        emails = conn.execute("SELECT email FROM users").fetchall()
        left = conn.execute("SELECT to_regclass('newer'), to_regclass('names')").fetchone()
    assert code == 0
    assert made
    assert emails != [("changed@example.com",)]
    assert left == (None, None)


def test_by_force_a_bad_backup_changes_nothing(
    installation: Installation, made: Manifest, key: Path
) -> None:
    content = bytearray(installation.store.open(made.archive).read())
    content[-1] ^= 1
    change_archive(installation, made, bytes(content))
    before = tables(installation.url)

    with pytest.raises(Failure, match="it does not decrypt"):
        restored("--into", installation.url, "--identity", key, "--force")

    assert tables(installation.url) == before
    with psycopg.connect(installation.url) as conn:
        assert conn.execute("SELECT count(*) FROM users").fetchone() == (1,)


def test_a_database_in_use_is_not_taken_away_from_its_users(
    installation: Installation, made: Manifest, key: Path
) -> None:
    with psycopg.connect(installation.url) as conn:
        conn.execute("SELECT count(*) FROM users")

        with pytest.raises(Failure, match="somebody uses the database, stop the services"):
            restored("--into", installation.url, "--identity", key, "--force")

    assert made
    assert tables(installation.url) > 0


def test_the_newest_is_the_default_and_any_can_be_named(
    installation: Installation,
    made: Manifest,
    key: Path,
    empty: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    older = "keyarc-20200101T000000Z"
    content = installation.store.open(made.archive).read()
    change_archive(installation, replace(made, name=older), content)
    media = replace(made, name=older).media()
    installation.store.write_json(older + manifests.MANIFEST, media)

    restored("--drill", "--identity", key)
    newest = capsys.readouterr().out
    restored(older, "--into", empty, "--identity", key)
    named = capsys.readouterr().out

    assert newest.startswith(made.name)
    assert named.startswith(older)
    with pytest.raises(Failure, match="There is no backup keyarc-2: "):
        restored("keyarc-2", "--drill", "--identity", key)


def test_a_dry_run_says_what_it_would_do_and_does_nothing(
    empty: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BACKUP_S3_BUCKET", raising=False)

    code = restored("--into", empty, "--dry-run", "--force")

    out = capsys.readouterr().out
    assert code == 0
    assert "the newest backup from the bucket $BACKUP_S3_BUCKET at " in out
    assert "after removing what it holds" in out
    assert str(conninfo.conninfo_to_dict(empty)["password"]) not in out
    assert tables(empty) == 0


def test_an_address_may_be_where_no_list_of_processes_shows_it(
    made: Manifest, key: Path, empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIRECT_DATABASE_URL", raising=False)
    with pytest.raises(Failure, match="--into without a URL takes DIRECT_DATABASE_URL"):
        restored(made.name, "--identity", key, "--into")
    monkeypatch.setenv("DIRECT_DATABASE_URL", empty)

    restored(made.name, "--identity", key, "--into")

    assert tables(empty) > 0


def test_what_the_operator_lacks_is_said(
    installation: Installation, tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Failure, match="There is no backup in the bucket"):
        restored("--drill", "--identity", key)

    installation.filled()
    backup.make(installation.url, installation.store, installation.recipient)
    with pytest.raises(Failure, match="--identity FILE is missing"):
        restored("--drill")
    with pytest.raises(Failure, match="cannot be read"):
        restored("--drill", "--identity", tmp_path / "none")
    (tmp_path / "half").write_text(str(installation.identity)[:-3])
    with pytest.raises(Failure, match="does not hold one private key of age"):
        restored("--drill", "--identity", tmp_path / "half")
    with pytest.raises(Failure, match="The database does not answer"):
        restored("--into", "postgresql://a:b@127.0.0.1:1/c", "--identity", key)
    monkeypatch.delenv("BACKUP_S3_BUCKET")
    with pytest.raises(Failure, match=r"Not set: BACKUP_S3_BUCKET\."):
        restored("--drill", "--identity", key)
