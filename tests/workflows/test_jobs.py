"""The clock's jobs exist, and run as often as the README promises."""

import re
import shlex

import pytest

from handlers.jobs.run import JOBS
from machines.commands import parser
from tests.workflows import files

DAILY = "17 3 * * *"
WEEKLY = "43 5 * * 0"
SCHEDULES = {
    "purge": DAILY,
    "remind": DAILY,
    "mail": DAILY,
    "backup": DAILY,
    "drill": WEEKLY,
    "page": DAILY,
}
ON_FLY = ("purge", "remind", "mail", "backup")


def command(name: str) -> list[str]:
    """The words of the last step, which does the work."""
    words = shlex.split(files.jobs("jobs")[name]["steps"][-1]["run"])
    assert words[:2] == ["python3", "machines"]
    return words[2:]


def test_every_schedule_has_jobs_and_every_job_a_schedule() -> None:
    crons = [entry["cron"] for entry in files.triggers("jobs")["schedule"]]

    named = {
        name: re.findall(r"github\.event\.schedule == '([^']+)'", job["if"])
        for name, job in files.jobs("jobs").items()
    }

    assert crons == [DAILY, WEEKLY]
    assert named == {name: [cron] for name, cron in SCHEDULES.items()}


def test_each_can_be_asked_for_by_hand() -> None:
    inputs = files.triggers("jobs")["workflow_dispatch"]["inputs"]

    assert inputs["job"]["options"] == list(SCHEDULES)
    for name, job in files.jobs("jobs").items():
        assert job["if"].endswith(f" || inputs.job == '{name}'")


@pytest.mark.parametrize("name", ON_FLY)
def test_what_runs_on_fly_is_a_job_that_exists(name: str) -> None:
    options = parser().parse_args(command(name))

    assert (options.command, options.action, options.name) == ("jobs", "run", name)
    assert name in JOBS


def test_every_job_of_the_clock_runs_on_fly() -> None:
    assert {name for name in SCHEDULES if command(name)[0] == "jobs"} == set(JOBS)


def test_the_newest_backup_is_restored_with_a_key_that_is_in_no_file() -> None:
    assert command("drill") == [
        "restore",
        "--drill",
        "--identity",
        "<(printenv",
        "BACKUP_AGE_IDENTITY)",
    ]

    options = parser().parse_args(["restore", "--drill", "--identity", "/dev/fd/63"])

    assert options.drill
    assert options.name == "latest"


def test_the_page_is_compared_with_this_repository() -> None:
    assert parser().parse_args(command("page")).compare == "$ORIGIN"


def test_a_job_that_runs_on_fly_has_the_token_of_auth_and_nothing_of_the_backups() -> None:
    """Their secrets are the app's own; the key that opens them is nowhere near."""
    for name in ON_FLY:
        secrets = re.findall(r"secrets\.(\w+)", str(files.jobs("jobs")[name]))
        assert secrets == ["FLY_API_TOKEN_AUTH"]


def test_two_of_a_kind_never_run_at_once() -> None:
    concurrency = files.read("jobs")["concurrency"]

    assert concurrency["cancel-in-progress"] is False
    assert "github.event.schedule" in concurrency["group"]
