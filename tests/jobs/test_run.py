"""Jobs run once a day, once at a time, make up for missed days, and say how it went."""

import datetime as dt
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql

from handlers.jobs import purge, run
from handlers.jobs.failures import Failure
from tests import installations
from tests.databases import ROOT
from tests.installations import Installation

DAYS = "SELECT day FROM job_runs WHERE job = 'purge' ORDER BY day"


def job(
    installation: Installation, *arguments: str, **changed: str
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m handlers.jobs`` as a one-off machine does."""
    return subprocess.run(
        [sys.executable, "-m", "handlers.jobs", *arguments],
        cwd=ROOT,
        env={name: text for name, text in (installation.environment | changed).items() if text},
        capture_output=True,
        text=True,
        check=False,
    )


def days(installation: Installation) -> list[dt.date]:
    with psycopg.connect(installation.url) as conn:
        return [day for (day,) in conn.execute(DAYS)]


def done(installation: Installation, *, ago: int) -> None:
    """Let the last success be so many days ago."""
    with psycopg.connect(installation.url) as conn:
        conn.execute(
            """INSERT INTO job_runs (job, day, started_at, finished_at, result)
               SELECT 'purge', (now() AT TIME ZONE 'UTC')::date - %s, now(), now(), '{}'""",
            (ago,),
        )


def today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def test_a_job_is_done_once_a_day(installation: Installation) -> None:
    first = run.run("purge", installation.url)

    second = run.run("purge", installation.url)

    assert first == dict.fromkeys(purge.REMOVALS, 0)
    assert second == {}
    assert days(installation) == [today()]


def test_asked_again_a_job_does_it_again(installation: Installation) -> None:
    run.run("purge", installation.url)

    again = run.run("purge", installation.url, again=True)

    assert again == dict.fromkeys(purge.REMOVALS, 0)
    assert days(installation) == [today()]


def test_missed_days_are_made_up_for(installation: Installation) -> None:
    done(installation, ago=3)

    run.run("purge", installation.url)

    assert days(installation) == [today() - dt.timedelta(ago) for ago in (3, 2, 1, 0)]


def test_a_job_that_rested_for_long_makes_up_for_a_month_at_most(
    installation: Installation,
) -> None:
    done(installation, ago=400)

    run.run("purge", installation.url)

    assert days(installation)[1:] == [today() - dt.timedelta(ago) for ago in range(30, -1, -1)]


def test_of_two_at_once_one_does_the_work(installation: Installation) -> None:
    with ThreadPoolExecutor(4) as executor:
        asked = [executor.submit(run.run, "purge", installation.url) for _ in range(4)]
        results = [each.result() for each in asked]

    assert sorted(map(bool, results)) == [False, False, False, True]


def test_whoever_comes_second_waits_for_the_first(installation: Installation) -> None:
    with psycopg.connect(installation.url) as first, ThreadPoolExecutor(1) as executor:
        first.execute("SELECT pg_advisory_xact_lock(hashtext('keyarc/jobs/purge'))")
        second = executor.submit(run.run, "purge", installation.url)
        with psycopg.connect(installation.url, autocommit=True) as watching:
            waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            while not watching.execute(waits).fetchone() and not second.done():
                time.sleep(0.01)
        waited = not second.done()
        first.execute(
            """INSERT INTO job_runs (job, day, started_at, finished_at, result)
               SELECT 'purge', (now() AT TIME ZONE 'UTC')::date, now(), now(), '{}'"""
        )
        first.commit()

        result = second.result()

    assert waited
    assert result == {}


def test_what_failed_counts_as_not_done(installation: Installation) -> None:
    failed = job(installation, "backup", BACKUP_S3_BUCKET="")

    mended = job(installation, "backup")

    (line,) = map(json.loads, failed.stdout.splitlines())
    assert (failed.returncode, mended.returncode) == (1, 0)
    assert line["message"] == "job failed: Not set: BACKUP_S3_BUCKET."
    assert (line["level"], line["service"], line["job"]) == ("ERROR", "jobs", "backup")


def test_a_job_says_in_one_line_what_it_has_done(installation: Installation) -> None:
    ran = job(installation, "purge")

    (line,) = map(json.loads, ran.stdout.splitlines())
    assert (ran.returncode, ran.stderr) == (0, "")
    assert line["message"] == "job done"
    assert line["days"] == [today().isoformat()]
    assert (line["sessions"], line["refresh_tokens"]) == (0, 0)


def test_an_unknown_job_is_refused(installation: Installation) -> None:
    ran = job(installation, "mine")

    assert ran.returncode == 2
    assert "invalid choice: 'mine'" in ran.stderr


def test_the_jobs_can_be_listed(installation: Installation) -> None:
    listed = job(installation, "ls", DATABASE_URL="")

    assert [line.split()[0] for line in listed.stdout.splitlines()] == list(run.JOBS)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "Neither DIRECT_DATABASE_URL nor DATABASE_URL is set."),
        ("postgresql://a:hidden-word@127.0.0.1:1/keyarc", "The database does not answer: "),
        ("postgresql://a:hidden-word/%zz@host", "The database's URL is none: "),
    ],
)
def test_a_database_that_cannot_be_reached_is_told_without_its_password(
    installation: Installation, url: str, told: str
) -> None:
    ran = job(installation, "purge", DATABASE_URL=url)

    assert ran.returncode == 1
    assert told in json.loads(ran.stdout)["message"]
    assert "hidden-word" not in ran.stdout + ran.stderr


def test_jobs_go_past_a_pooler_where_there_is_a_way(installation: Installation) -> None:
    ran = job(
        installation,
        "purge",
        DATABASE_URL="postgresql://a:b@127.0.0.1:1/pooled",
        DIRECT_DATABASE_URL=installation.url,
    )

    assert ran.returncode == 0


def test_a_user_who_may_not_act_for_jobs_is_told_how(installation: Installation) -> None:
    with (
        installations.user(installation) as (url, _),
        pytest.raises(Failure, match="GRANT keyarc_jobs TO that user"),
    ):
        run.run("purge", url)


def test_an_owner_who_is_no_superuser_may_act_for_jobs(installation: Installation) -> None:
    with installations.user(installation) as (url, role):
        with psycopg.connect(installation.url) as conn:
            conn.execute(sql.SQL("GRANT keyarc_jobs TO {}").format(role))

        result = run.run("purge", url)

    assert result == dict.fromkeys(purge.REMOVALS, 0)
