"""A backup is whole, readable by the key's owner only, and there once a day."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo, sql

from handlers.jobs import backup, manifests, run
from handlers.jobs.failures import Failure
from handlers.jobs.manifests import Manifest
from handlers.jobs.retention import Keep
from handlers.jobs.store import Store
from tests import installations
from tests.databases import HEAD, ROOT
from tests.installations import Installation
from tests.leaks import leaked


def started(installation: Installation, folder: Path) -> "subprocess.Popen[bytes]":
    """Begin the job in a machine of its own, whose only folders to write to are *folder*."""
    places = dict.fromkeys(("HOME", "TMPDIR", "TMP", "TEMP"), str(folder))
    return subprocess.Popen(
        [sys.executable, "-m", "handlers.jobs", "backup"],
        cwd=folder,
        env={**installation.environment, **places, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def made(installation: Installation) -> Manifest:
    return backup.make(installation.url, installation.store, installation.recipient)


def emails(installation: Installation) -> list[str]:
    with psycopg.connect(installation.url) as conn:
        return [email for (email,) in conn.execute("SELECT email FROM users")]


def test_a_manifest_says_what_is_in_the_backup(installation: Installation) -> None:
    installation.filled(secrets=5)

    manifest = made(installation)

    stored = installation.store.open(manifest.archive).read()
    assert Manifest.read(installation.store, manifest.name) == manifest
    assert (manifest.size, manifest.sha256) == (len(stored), sha256(stored).hexdigest())
    assert manifest.contents.migration == HEAD
    assert manifest.contents.rows["secrets"] == 5
    assert manifest.contents.rows["secret_versions"] == 7
    assert set(manifest.contents.roles) >= {"keyarc_auth", "keyarc_jobs", "keyarc_keys"}


def test_nobody_without_the_key_finds_anything_in_what_is_stored_or_left(
    installation: Installation, tmp_path: Path
) -> None:
    installation.filled()
    (email,) = emails(installation)

    with started(installation, tmp_path) as process:
        out, err = process.communicate()

    store = installation.store
    places = [store.open(name).read() for name in store.names()] + [out, err]
    hidden = [email, str(conninfo.conninfo_to_dict(installation.url)["password"])]
    hidden += [store.place.secret_key, str(installation.identity)]
    assert process.returncode == 0
    assert len(places) == 4
    assert [text for text in hidden for place in places if leaked(text, place)] == []
    assert list(tmp_path.rglob("*")) == []


def test_two_machines_at_once_make_one_backup(installation: Installation, tmp_path: Path) -> None:
    with started(installation, tmp_path) as one, started(installation, tmp_path) as other:
        told = one.communicate()[0] + other.communicate()[0]

    assert (one.returncode, other.returncode) == (0, 0)
    assert len(manifests.names(installation.store)) == 1
    assert told.count(b"job done") == told.count(b"job was done before") == 1


def test_a_backup_makes_up_for_missed_days_once(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in installation.environment.items():
        monkeypatch.setenv(name, text)
    with psycopg.connect(installation.url) as conn:
        conn.execute(
            """INSERT INTO job_runs (job, day, started_at, finished_at, result)
               SELECT 'backup', (now() AT TIME ZONE 'UTC')::date - 5, now(), now(), '{}'"""
        )

    run.run("backup", installation.url)

    with psycopg.connect(installation.url) as conn:
        row = conn.execute("SELECT count(*), count(DISTINCT result) FROM job_runs").fetchone()
    assert row == (6, 2)
    assert len(manifests.names(installation.store)) == 1


def test_a_dump_that_fails_leaves_nothing_behind(installation: Installation) -> None:
    """Whoever may not read one table gets no backup without it."""
    with (
        reader(installation) as url,
        pytest.raises(Failure, match=r"pg_dump failed: .* permission denied for schema elsewhere"),
    ):
        backup.make(url, installation.store, installation.recipient)

    place = installation.store.place
    unfinished = installations.client(place).list_multipart_uploads(Bucket=place.bucket)
    assert installation.store.names() == []
    assert "Uploads" not in unfinished


@contextmanager
def reader(installation: Installation) -> Iterator[str]:
    """Yield the URL of someone who may read every table but one."""
    with (
        installations.user(installation) as (url, role),
        psycopg.connect(installation.url, autocommit=True) as conn,
    ):
        for kind in ("TABLES", "SEQUENCES"):
            grant = f"GRANT SELECT ON ALL {kind} IN SCHEMA public TO {{}}"
            conn.execute(sql.SQL(grant).format(role))
        conn.execute("CREATE SCHEMA elsewhere CREATE TABLE hidden (it text)")
        yield url


def test_a_machine_that_is_stopped_takes_back_what_it_has_begun(
    installation: Installation, tmp_path: Path
) -> None:
    place = installation.store.place
    s3 = installations.client(place)
    with psycopg.connect(installation.url) as conn:
        conn.execute("CREATE SCHEMA elsewhere CREATE TABLE held (it text)")
        conn.commit()
        conn.execute("LOCK TABLE elsewhere.held")  # pg_dump waits for it
        with started(installation, tmp_path) as process:
            while "Uploads" not in s3.list_multipart_uploads(Bucket=place.bucket):
                time.sleep(0.05)
            process.terminate()
            process.communicate()

        runs = conn.execute("SELECT count(*) FROM job_runs").fetchone()

    assert process.returncode == 128 + signal.SIGTERM
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=place.bucket)
    assert installation.store.names() == []
    assert runs == (0,)


def test_only_a_public_key_of_age_is_a_recipient(installation: Installation) -> None:
    with pytest.raises(Failure, match="BACKUP_AGE_RECIPIENT is no public key of age") as caught:
        backup.make(installation.url, installation.store, str(installation.identity))

    assert str(installation.identity) not in str(caught.value)


def test_a_database_of_somebody_else_is_not_backed_up(installation: Installation) -> None:
    other = conninfo.make_conninfo(installation.url, dbname="postgres")

    with pytest.raises(Failure, match="it has no table alembic_version"):
        backup.make(other, installation.store, installation.recipient)


def test_old_backups_go_as_agreed(installation: Installation) -> None:
    store = installation.store
    names = [f"keyarc-202611{day:02}T030000Z" for day in range(1, 21)]
    for name in names:
        store.write_json(name + manifests.ARCHIVE, {})
        store.write_json(name + manifests.MANIFEST, {})
    store.write_json("somebody-elses.json", {})

    removed = backup.thin_out(store, Keep(3, 0, 0))

    assert removed == names[:-3]
    assert manifests.names(store) == names[-3:]
    assert "somebody-elses.json" in store.names()
    assert len(store.names()) == 7


def test_a_key_that_may_not_delete_makes_backups_all_the_same(installation: Installation) -> None:
    class WriteOnly(Store):
        """A store whose key may not delete."""

        def remove(self, name: str) -> None:
            raise Failure(f"The store refuses to delete {name}.")

    store = WriteOnly(installation.store.place)
    for day in (1, 2):
        store.write_json(f"keyarc-2026110{day}T030000Z.json", {})

    assert backup.thin_out(store, Keep(1, 0, 0)) == []
    assert len(manifests.names(store)) == 2


def test_backups_at_once_by_hand_do_not_disturb_each_other(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in installation.environment.items():
        monkeypatch.setenv(name, text)

    with ThreadPoolExecutor(2) as executor:
        asked = [executor.submit(run.run, "backup", installation.url, again=True) for _ in range(2)]
        results = [each.result() for each in asked]

    assert {result["name"] for result in results} <= set(manifests.names(installation.store))
