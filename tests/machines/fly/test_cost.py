"""``python3 machines cost`` reckons as the decisions about Fly do."""

import argparse
import json
from pathlib import Path

import pytest

from machines.apps import APPS
from machines.failures import Failure
from machines.fly import backup_arguments, cost
from machines.fly.cost import Machine

SERVICE: dict[str, object] = {"auto_stop_machines": "stop", "min_machines_running": 0}
TOML = {
    "app": "keyarc-auth",
    "vm": [{"size": "shared-cpu-1x", "memory": "256mb"}],
    "http_service": SERVICE,
}


def run(*arguments: object) -> int:
    """Run ``python3 machines cost``."""
    parser = argparse.ArgumentParser()
    backup_arguments.cost(parser)
    return cost.run(parser.parse_args([str(each) for each in arguments]))


def told(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, float]:
    """Return what JSON says: each app by its short name, the database, the total."""
    assert run("--json", *arguments) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == {"apps", "database_usd", "total_usd"}
    assert all(set(app) == {"app", "usd"} for app in answer["apps"])
    usd = {app["app"]: app["usd"] for app in answer["apps"]}
    apps = {name: usd[app.fly_name] for name, app in APPS.items()}
    return apps | {"database": answer["database_usd"], "total": answer["total_usd"]}


def log(folder: Path, *lines: str) -> Path:
    file = folder / "access.log"
    file.write_text("".join(f"{line}\n" for line in lines))
    return file


def line(clock: str, path: str, day: int = 1) -> str:
    return json.dumps({"time": f"2026-11-{day:02}T{clock}+00:00", "path": path, "status": 200})


@pytest.mark.parametrize(
    ("duty", "usd"), [("100%", 10.10), ("20%", 2.11), ("5%", 0.61), ("0.01", 0.21), ("0", 0.11)]
)
def test_five_apps_cost_what_the_decisions_say(
    capsys: pytest.CaptureFixture[str], duty: str, usd: float
) -> None:
    found = told(capsys, "--duty", duty, "--database", "none")

    assert len(found) == 7
    assert found["total"] == pytest.approx(usd, abs=0.005)


def test_one_app_may_be_awake_for_longer(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "--duty", "1%", "--duty", "auth=100%", "--rootfs", 0)

    assert found["auth"] == 2.02
    assert found["keys"] == 0.0202
    assert found["database"] == pytest.approx(720 * 0.25 * 0.106 + 0.5 * 0.35)


def test_one_app_stays_what_it_was_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    one_first = told(capsys, "--duty", "auth=100%", "--duty", "1%")

    assert one_first == told(capsys, "--duty", "1%", "--duty", "auth=100%")
    assert one_first["auth"] == 2.02


@pytest.mark.parametrize("size", ["-1", "nan", "inf"])
def test_what_is_no_size_is_refused(size: str) -> None:
    with pytest.raises(Failure, match="--rootfs is a size in GB"):
        run(f"--rootfs={size}")


@pytest.mark.parametrize(("database", "usd"), [("mpg", 40.8), ("single", 2.17), ("none", 0)])
def test_a_database_costs_what_its_kind_costs(
    capsys: pytest.CaptureFixture[str], database: str, usd: float
) -> None:
    assert told(capsys, "--database", database)["database"] == usd


def test_neon_sleeps_with_the_services_that_ask_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "--duty", "1%")["database"] < 0.5
    assert told(capsys, "--duty", "0%", "--duty", "frontend=100%")["database"] < 0.2


@pytest.mark.parametrize("duty", ["", "5", "-1", "101%", "nan", "inf", "much", "auth=", "5 % x"])
def test_what_is_no_share_of_the_time_is_refused(duty: str) -> None:
    with pytest.raises(Failure, match="is no share of the time: 5% or"):
        run(f"--duty={duty}")


def test_an_unknown_app_is_refused() -> None:
    with pytest.raises(Failure, match="there is no app mail; there are auth, account, keys"):
        run("--duty", "mail=5%")


def test_a_lonely_visit_holds_what_it_touches_for_six_minutes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = log(tmp_path, line("12:00:00", "/api/keys/vaults"))

    found = told(capsys, "--access-log", file, "--rootfs", 0, "--database", "none")

    visit = 2.02 * 6 / (24 * 60)
    awake = {app for app, usd in found.items() if usd == pytest.approx(visit, abs=0.0001)}
    assert awake == {"frontend", "gateway", "keys"}
    assert found["auth"] == found["account"] == 0


def test_visits_that_overlap_count_once_and_days_without_any_count(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = log(
        tmp_path,
        line("12:04:00", "/assets/a.js"),
        line("12:00:00", "/"),
        line("12:30:00", "/", day=4),
        "not JSON",
        "[]",
        line("13:00:00", "/health"),
    )

    found = told(capsys, "--access-log", file, "--rootfs", 0)

    assert found["frontend"] == pytest.approx(2.02 * 16 / (4 * 24 * 60), abs=0.0001)


@pytest.mark.parametrize(
    ("path", "apps"),
    [
        ("/", {"frontend"}),
        ("/assets/index.js", {"frontend"}),
        ("/auth/sessions", {"frontend", "auth", "database"}),
        ("/auth/health", {"frontend", "auth"}),
        ("/api/account/profile", {"frontend", "gateway", "account", "database"}),
        ("/api/warm", {"frontend", "gateway", "account", "keys", "database"}),
        ("/api/health", {"frontend", "gateway"}),
    ],
)
def test_a_path_wakes_whom_it_goes_through(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, path: str, apps: set[str]
) -> None:
    found = told(capsys, "--access-log", log(tmp_path, line("00:00:00", path)), "--rootfs", 0)

    storage = 0.5 * 0.35
    awake = {app for app, usd in found.items() if usd > 0}
    assert awake - {"total", "database"} == apps - {"database"}
    assert (found["database"] > storage) == ("database" in apps)


def test_a_log_that_says_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="has no line with a time and a path"):
        run("--access-log", log(tmp_path, "GET / 200"))
    with pytest.raises(Failure, match="cannot be read: No such file"):
        run("--access-log", tmp_path / "none")


def test_people_read_a_table_beside_what_always_on_would_cost(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("--duty", "5%") == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split()[:3] == [APPS["auth"].fly_name, "shared-cpu-1x", "256"]
    assert lines[1].split()[3:] == ["MB", "5.00%", "0.12"]
    assert lines[6].split() == ["all", "apps", "0.61"]
    assert lines[9].split()[-1] == "38.00"
    assert "$0.02 a GB" in lines[10]


def test_a_time_that_no_calendar_has_is_passed_over(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    strange = json.dumps({"time": "0001-01-01T00:00:00+14:00", "path": "/"})
    whole = told(capsys, "--access-log", log(tmp_path, line("00:00:00", "/")))

    assert told(capsys, "--access-log", log(tmp_path, strange, line("00:00:00", "/"))) == whole


def test_a_machine_that_may_not_sleep_is_paid_for_always() -> None:
    kept: list[dict[str, object]] = [{"auto_stop_machines": "off"}, {"min_machines_running": 1}]

    for change in kept:
        machine = Machine.of(TOML | {"http_service": SERVICE | change})
        assert machine.usd(0.05, 0.15) == 2.02


def test_memory_is_read_in_every_spelling() -> None:
    for memory in ("512mb", "512", 512, "0.5gb"):
        vm = [{"size": "shared-cpu-1x", "memory": memory}]
        assert Machine.of(TOML | {"vm": vm}).usd(1, 0) == 3.32


def test_a_machine_of_unknown_price_is_named() -> None:
    machine = Machine.of(TOML | {"vm": [{"size": "performance-1x", "memory": "2gb"}]})

    with pytest.raises(Failure, match="the price of performance-1x 2048 MB is not known"):
        machine.usd(1, 0)
