"""Each rule for the toml files refuses what it is there for, and names the key."""

import pytest

from tests.machines.checks.breaking import Breaking

CHECK = "[[http_service.checks]]"


@pytest.mark.parametrize(
    ("rule", "app", "old", "new", "key"),
    [
        ("flyctl knows every key", "auth", "auto_start", "autostart", "autostart_machines"),
        ("flyctl knows every key", "keys", "kill_timeout", "kill_time", "kill_time"),
        ("flyctl knows every key", "frontend", "[build.args]", "[build.arg]", "build.arg"),
        ("flyctl knows every key", "auth", 'size = "', 'sizes = "', "vm[0].sizes"),
        ("flyctl knows every key", "auth", "grace_period", "grace", "checks[0].grace"),
        (
            "a table is a table, an array an array",
            *("gateway", CHECK, "[http_service.checks]", "[[http_service.checks]]"),
        ),
        ("a table is a table, an array an array", "keys", "[[vm]]", "[vm]", "[[vm]]"),
        ("a table is a table, an array an array", "keys", "[[restart]]", "[restart]", "restart"),
        (
            "a table is a table, an array an array",
            *("auth", "[http_service.concurrency]", "[[http_service.concurrency]]", "concurrency"),
        ),
        (
            "a table is a table, an array an array",
            *("auth", "internal_port = 8080", 'internal_port = "8080"', "internal_port"),
        ),
        (
            "a table is a table, an array an array",
            *("auth", 'auto_stop_machines = "stop"', "auto_stop_machines = true", "auto_stop"),
        ),
        (
            "a table is a table, an array an array",
            *("auth", "min_machines_running = 0", "min_machines_running = false", "min_machines"),
        ),
        ("durations carry their unit", "auth", 'interval = "15s"', "interval = 15", "interval"),
        ("durations carry their unit", "keys", 'timeout = "2s"', 'timeout = "2"', "timeout"),
        ("durations carry their unit", "keys", '"20s"', "20", "kill_timeout"),
    ],
)
def test_what_flyctl_would_misread_is_refused(
    breaking: Breaking, rule: str, app: str, old: str, new: str, key: str
) -> None:
    broken = breaking.by(rule, f"machines/{app}.toml", old, new)

    assert len(broken) == 1
    assert broken[0].startswith(f"machines/{app}.toml: ")
    assert key in broken[0]


@pytest.mark.parametrize(
    "table",
    [
        "[[services]]\ninternal_port = 9000\n",
        "[processes]\napp = 'gunicorn'\n",
        "[[mounts]]\nsource = 'data'\n",
        "[experimental]\nauto_rollback = true\n",
        "[checks.alive]\ntype = 'tcp'\n",
        "[[statics]]\nguest_path = '/app'\n",
    ],
)
def test_nothing_is_added_that_keeps_a_machine_awake_or_tied(
    breaking: Breaking, table: str
) -> None:
    rule = "one service, and nothing that keeps a machine awake"

    broken = breaking.by(rule, "machines/keys.toml", "[build]", f"{table}\n[build]")

    assert len(broken) == 1


def test_swap_is_refused(breaking: Breaking) -> None:
    rule = "one service, and nothing that keeps a machine awake"

    assert breaking.by(rule, "machines/auth.toml", "kill_timeout", "swap_size_mb = 1\nkill_timeout")


@pytest.mark.parametrize(
    ("rule", "app", "old", "new", "key"),
    [
        ("every machine sleeps and wakes", "auth", '"stop"', '"off"', "auto_stop_machines"),
        (
            "every machine sleeps and wakes",
            *("keys", "auto_start_machines = true", "auto_start_machines = false", "auto_start"),
        ),
        (
            "every machine sleeps and wakes",
            *("frontend", "min_machines_running = 0", "min_machines_running = 1", "min_machines"),
        ),
        ("concurrency counts requests", "auth", '"requests"', '"connections"', "concurrency.type"),
        ("concurrency counts requests", "auth", "hard_limit = 64", "hard_limit = 8", "soft_limit"),
        ("a machine that fails starts again", "auth", '"on-failure"', '"always"', "restart"),
        ("a machine that fails starts again", "keys", '[[restart]]\npolicy = "on-failure"', "", ""),
        ("machine sizes are written out", "auth", 'memory = "256mb"', "", "vm"),
        (
            "new machines are healthy before old ones go",
            *("auth", '"bluegreen"', '"rolling"', "deploy.strategy"),
        ),
        (
            "https where the public comes in, and nowhere else",
            *("gateway", "force_https = false", "force_https = true", "force_https"),
        ),
        (
            "https where the public comes in, and nowhere else",
            *("frontend", "force_https = true", "force_https = false", "force_https"),
        ),
        (
            "the signal to stop is the one that answers first",
            *("auth", '"SIGTERM"', '"SIGINT"', "kill_signal"),
        ),
        (
            "the signal to stop is the one that answers first",
            *("frontend", '"SIGQUIT"', '"SIGTERM"', "kill_signal"),
        ),
        ("each app builds its own target", "auth", '"Dockerfile"', '"machines/Dockerfile"', "file"),
        ("each app builds its own target", "auth", 'target = "auth"', 'target = "keys"', "target"),
        ("all apps are in one region", "auth", '"iad"', '"ord"', "primary_region"),
        ("metrics are on a port of their own", "keys", "port = 9091", "port = 8080", "metrics"),
        ("metrics are on a port of their own", "keys", '"/metrics"', '"/"', "metrics"),
        ("metrics are on a port of their own", "keys", '"9091"', '"9092"', "env.METRICS_PORT"),
    ],
)
def test_an_app_that_would_run_in_another_way_is_refused(
    breaking: Breaking, rule: str, app: str, old: str, new: str, key: str
) -> None:
    broken = breaking.by(rule, f"machines/{app}.toml", old, new)

    assert broken
    assert app in broken[0]
    assert key in broken[0]


@pytest.mark.parametrize(
    ("app", "old", "new"),
    [
        ("keys", "[deploy]", '[deploy]\nrelease_command = "python -m alembic upgrade head"'),
        ("auth", 'release_command = "python -m alembic upgrade head"', ""),
    ],
)
def test_the_database_is_migrated_by_auth_and_by_nobody_else(
    breaking: Breaking, app: str, old: str, new: str
) -> None:
    assert len(breaking.by("one release command", f"machines/{app}.toml", old, new)) == 1


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("machines/jobs.toml", '"jobs"', '"auth"'),
        ("machines/jobs.toml", "[build]", "[http_service]\ninternal_port = 8080\n\n[build]"),
        ("machines/auth.toml", '"keyarc-auth"', '"other-auth"'),
    ],
)
def test_the_jobs_have_an_image_and_no_app(
    breaking: Breaking, path: str, old: str, new: str
) -> None:
    assert breaking.by("the jobs' image lies beside auth's", path, old, new)
