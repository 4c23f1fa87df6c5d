"""A backup comes back whole, or not at all; and a drill finds out without touching anything."""

import argparse
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import psycopg
import pyrage
import pytest
from psycopg import conninfo, sql
from pyrage import x25519

from handlers.jobs import backup, manifests
from handlers.jobs.manifests import Manifest
from machines.failures import Failure
from machines.fly import backup_arguments, restore
from machines.postgres import Postgres
from machines.stack import Stack
from shared.keyarc.changes import Write
from shared.keyarc.client import Client
from shared.keyarc.device import Device
from shared.keyarc.items import Details, Field, Overview
from tests import databases, installations
from tests.installations import Installation

PASSWORD = "correct horse battery staple"
NONCE, CHUNK = 16, 65_536 + 16  # of age's format
TABLES = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"


@pytest.fixture(autouse=True)
def environment(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator's variables."""
    for name, text in installation.environment.items():
        monkeypatch.setenv(name, text)


@pytest.fixture
def key(installation: Installation, tmp_path: Path) -> Path:
    """The file with the private key."""
    file = tmp_path / "key"
    file.write_text(f"# a comment\n{installation.identity}\n")
    return file


@pytest.fixture
def made(installation: Installation) -> Manifest:
    """A backup of a vault."""
    installation.filled()
    return backup.make(installation.url, installation.store, installation.recipient)


@pytest.fixture
def empty(database_server: str) -> Iterator[str]:
    """The URL of an empty database."""
    with databases.fresh(database_server, f"keyarc_{uuid4().hex}") as url:
        yield url


def restored(*arguments: object) -> int:
    """Run ``python3 machines restore``."""
    parser = argparse.ArgumentParser()
    backup_arguments.restore(parser)
    return restore.run(parser.parse_args([str(each) for each in arguments]))


def tables(url: str) -> int:
    with psycopg.connect(url) as conn:
        (number,) = conn.execute(TABLES).fetchone() or (0,)
        return int(number)


def change_archive(installation: Installation, manifest: Manifest, content: bytes) -> None:
    """Put other bytes where a backup is."""
    place = installation.store.place
    installations.client(place).put_object(Bucket=place.bucket, Key=manifest.archive, Body=content)


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
    assert lines[0].startswith(f"{made.name}: {made.size:,} bytes, migration 0003")
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


def test_a_wrong_key_opens_nothing_and_says_whose_it_was(
    made: Manifest, tmp_path: Path, empty: str
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text(str(x25519.Identity.generate()))

    with pytest.raises(Failure, match=f"does not open .*: it was sealed for {made.recipient}"):
        restored("--into", empty, "--identity", wrong)

    assert tables(empty) == 0


@pytest.mark.parametrize("share", [0, 0.001, 0.01, 0.5, 0.99, 1])
def test_a_backup_with_one_other_bit_restores_nothing(
    installation: Installation, made: Manifest, key: Path, empty: str, share: float
) -> None:
    content = bytearray(installation.store.open(made.archive).read())
    content[int(share * (len(content) - 1))] ^= 1
    change_archive(installation, made, bytes(content))

    with pytest.raises(Failure, match="was cut off or changed: it does not decrypt"):
        restored("--into", empty, "--identity", key)

    assert tables(empty) == 0


@pytest.mark.parametrize("honest_size", [True, False])
@pytest.mark.parametrize("left", ["nothing", "the header", "whole chunks", "all but a byte"])
def test_a_backup_that_was_cut_off_restores_nothing(
    installation: Installation,
    made: Manifest,
    key: Path,
    empty: str,
    left: str,
    honest_size: bool,
) -> None:
    content = installation.store.open(made.archive).read()
    header = content.index(b"\n", content.index(b"\n--- ") + 1) + 1
    lengths = {"nothing": 0, "the header": header, "all but a byte": len(content) - 1}
    lengths["whole chunks"] = header + NONCE + 2 * CHUNK
    change_archive(installation, made, content[: lengths[left]])
    if not honest_size:
        forged = replace(made, size=lengths[left])
        installation.store.write_json(made.name + manifests.MANIFEST, forged.media())

    with pytest.raises(Failure, match="was cut off or changed"):
        restored("--into", empty, "--identity", key)

    assert lengths[left] < len(content)
    assert tables(empty) == 0


def test_another_backup_in_its_place_is_noticed(
    installation: Installation, made: Manifest, key: Path, empty: str
) -> None:
    """Anybody who knows the public key can seal something for it."""
    forged = replace(made, sha256="0" * 64)
    installation.store.write_json(made.name + manifests.MANIFEST, forged.media())

    with pytest.raises(Failure, match="is not the backup that its manifest describes"):
        restored("--into", empty, "--identity", key)

    assert tables(empty) == 0


def test_what_is_sealed_well_and_is_no_dump_restores_nothing(
    installation: Installation, made: Manifest, key: Path, empty: str
) -> None:
    rubbish = pyrage.encrypt(b"rubbish" * 100_000, [installation.identity.to_public()])
    change_archive(installation, made, rubbish)
    forged = replace(made, size=len(rubbish), sha256=sha256(rubbish).hexdigest())
    installation.store.write_json(made.name + manifests.MANIFEST, forged.media())

    with pytest.raises(Failure, match="Nothing was restored: pg_restore: error: "):
        restored("--into", empty, "--identity", key)

    assert tables(empty) == 0


def test_a_user_who_may_not_make_tables_restores_nothing(
    installation: Installation, made: Manifest, key: Path, empty: str
) -> None:
    with (
        installations.user(replace(installation, url=empty)) as (url, _),
        pytest.raises(Failure, match=r"Nothing was restored: .*permission denied"),
    ):
        restored("--into", url, "--identity", key)

    assert made
    assert tables(empty) == 0


def test_a_backup_without_some_rows_is_not_restored(
    installation: Installation, made: Manifest, key: Path, empty: str
) -> None:
    rows = made.contents.rows | {"users": 7}
    forged = replace(made, contents=replace(made.contents, rows=rows))
    installation.store.write_json(made.name + manifests.MANIFEST, forged.media())

    with pytest.raises(Failure, match="users has not the 7 rows that the manifest says"):
        restored("--into", empty, "--identity", key)

    assert tables(empty) == 0


def test_a_manifest_cannot_make_just_any_role(
    installation: Installation, made: Manifest, key: Path, empty: str
) -> None:
    contents = replace(made.contents, roles={"somebody": []})
    forged = replace(made, contents=contents)
    installation.store.write_json(made.name + manifests.MANIFEST, forged.media())

    with pytest.raises(Failure, match="a role that is none of KeyArc's: somebody"):
        restored("--into", empty, "--identity", key)


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


def test_the_services_may_afterwards_what_they_might_before(
    installation: Installation, made: Manifest, key: Path, empty: str
) -> None:
    restored("--into", empty, "--identity", key)

    assert made
    assert rights(empty) == rights(installation.url)


def rights(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as conn:
        return conn.execute(
            """SELECT relname, relacl::text
                 FROM pg_class
                WHERE relnamespace = 'public'::regnamespace
                UNION ALL
               SELECT relname || '.' || attname, attacl::text
                 FROM pg_attribute
                 JOIN pg_class ON pg_class.oid = attrelid
                WHERE relnamespace = 'public'::regnamespace
                UNION ALL
               SELECT nspname, (SELECT array_agg(each::text ORDER BY each::text)::text
                                  FROM unnest(nspacl) AS each)
                 FROM pg_namespace
                WHERE nspname = 'public'
                ORDER BY 1, 2"""
        ).fetchall()


def test_an_owner_who_is_no_superuser_can_restore(
    made: Manifest, key: Path, tmp_path: Path
) -> None:
    """As at hosts of PostgreSQL, where nobody is superuser but the host."""
    with Postgres(tmp_path / "postgres", durable=False) as server, owner(server.url) as url:
        code = restored("--into", url, "--identity", key)

    assert code == 0
    assert made


@contextmanager
def owner(server: str) -> Iterator[str]:
    """Yield the URL of somebody who owns a database and may make roles, and nothing more."""
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute("CREATE ROLE an_owner LOGIN CREATEROLE PASSWORD 'of a test'")
        conn.execute(sql.SQL("CREATE DATABASE theirs OWNER an_owner"))
    yield conninfo.make_conninfo(server, user="an_owner", password="of a test", dbname="theirs")


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

    restored("--drill", "--identity", key, "--dry-run")
    newest = capsys.readouterr().out
    restored(older, "--into", empty, "--identity", key)
    named = capsys.readouterr().out

    assert newest.startswith(made.name)
    assert named.startswith(older)
    with pytest.raises(Failure, match="There is no backup keyarc-2: "):
        restored("keyarc-2", "--drill", "--identity", key)


def test_a_dry_run_says_what_it_would_do_and_does_nothing(
    made: Manifest, empty: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = restored("--into", empty, "--dry-run", "--force")

    out = capsys.readouterr().out
    assert code == 0
    assert made.name in out
    assert "after removing what it holds" in out
    assert str(conninfo.conninfo_to_dict(empty)["password"]) not in out
    assert tables(empty) == 0


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
