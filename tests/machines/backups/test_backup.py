"""``python3 machines backup``: by hand, the list, and the key pair."""

import argparse
import json
import os
import re
from pathlib import Path

import pytest
from psycopg import conninfo

from handlers.jobs import manifests
from machines.failures import Failure
from machines.fly import age_keys, backup, backup_arguments
from tests.databases import HEAD
from tests.installations import Installation
from tests.leaks import leaked

VARIABLES = re.compile("(DIRECT_)?DATABASE_URL|(AWS|BACKUP)_[A-Z0-9_]+")


def run(*arguments: object) -> int:
    """Run ``python3 machines backup``."""
    parser = argparse.ArgumentParser()
    backup_arguments.backup(parser)
    return backup.run(parser.parse_args([str(each) for each in arguments]))


def test_by_hand_a_backup_is_made_whatever_was_made_today(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    store = installation.store
    run()
    (first,) = manifests.names(store)
    store.write_json("keyarc-20200101T000000Z.json", store.read_json(first + manifests.MANIFEST))
    store.remove(first + manifests.MANIFEST)

    code = run("--keep", "1/0/0")

    out = capsys.readouterr().out
    assert code == 0
    assert len(manifests.names(store)) == 1
    assert "Removed: keyarc-20200101T000000Z" in out
    assert installation.recipient in out
    assert not leaked(str(conninfo.conninfo_to_dict(installation.url)["password"]), out.encode())


def test_the_backups_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    run("ls")
    nothing = capsys.readouterr().out
    run()
    capsys.readouterr()

    run("ls")
    line = capsys.readouterr().out
    run("ls", "--json")
    (manifest,) = json.loads(capsys.readouterr().out)

    assert nothing.startswith("There is no backup in the bucket")
    assert line.startswith(f"{manifest['name']}  {manifest['size']:,} bytes, migration {HEAD}, ")
    assert set(manifest) == {"name", "size", "sha256", "recipient", "contents"}


def test_a_dry_run_says_what_it_would_do_and_does_nothing(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run("--dry-run", "--keep", "2/1/0")

    out = capsys.readouterr().out
    assert code == 0
    assert "pg_dump --format=custom" in out
    assert "keep 2/1/0" in out
    assert str(conninfo.conninfo_to_dict(installation.url)["password"]) not in out
    assert installation.store.names() == []


@pytest.mark.parametrize("words", [(), ("ls",), ("key", "file")])
def test_a_dry_run_needs_no_variable_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...]
) -> None:
    for name in [name for name in os.environ if VARIABLES.match(name)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    code = run(*words, "--dry-run")

    assert code == 0
    assert not [*tmp_path.iterdir()]


def test_another_spelling_of_what_to_keep_is_refused() -> None:
    with pytest.raises(Failure, match="BACKUP_KEEP: often is not days/weeks/months"):
        run("--keep", "often")


def test_a_key_pair_is_made_for_its_owner_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "key"

    run("key", file)

    out = capsys.readouterr().out
    identity = age_keys.read(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert out.startswith(f"BACKUP_AGE_RECIPIENT={identity.to_public()}\n")
    assert "Keep it off the server" in out
    assert str(identity) not in out
    with pytest.raises(Failure, match="File exists"):
        run("key", file)


def test_a_key_pair_can_go_to_the_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("key", "-")

    file = tmp_path / "key"
    file.write_text(capsys.readouterr().out)
    assert str(age_keys.read(file).to_public()) in file.read_text()


def test_what_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BACKUP_S3_ENDPOINT", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(Failure, match=r"Not set: BACKUP_S3_ENDPOINT, AWS_SECRET_ACCESS_KEY\."):
        run()

    monkeypatch.delenv("BACKUP_AGE_RECIPIENT")
    with pytest.raises(Failure, match=r"AWS_SECRET_ACCESS_KEY, BACKUP_AGE_RECIPIENT\."):
        run()

    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("BACKUP_AGE_RECIPIENT", "age1")
    monkeypatch.setenv("BACKUP_S3_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of nobody")
    with pytest.raises(Failure, match="Neither DIRECT_DATABASE_URL nor DATABASE_URL is set"):
        run()
