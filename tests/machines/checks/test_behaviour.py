"""Each rule between files refuses what it is there for."""

import pytest

from tests.machines.checks.breaking import Breaking


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("machines/keys.toml", 'kill_timeout = "20s"', 'kill_timeout = "10s"'),
        ("machines/frontend.toml", 'kill_timeout = "20s"', 'kill_timeout = "15s"'),
        ("machines/gunicorn.conf.py", "graceful_timeout = 15", "graceful_timeout = 20"),
        ("machines/gunicorn.conf.py", "keepalive = 10", "keepalive = 2"),
        ("machines/gunicorn.conf.py", "\ntimeout = ", "\ntimeout = 20 + "),
        ("machines/nginx.conf", "proxy_read_timeout 30s", "proxy_read_timeout 20s"),
        ("machines/nginx.conf", "worker_shutdown_timeout 15s", "worker_shutdown_timeout 25s"),
        ("handlers/gateway/upstream.py", "PATIENCE_SECONDS = 25.0", "PATIENCE_SECONDS = 60.0"),
    ],
)
def test_who_waits_for_somebody_waits_longer_than_that_one_may_take(
    breaking: Breaking, path: str, old: str, new: str
) -> None:
    assert breaking.by("timeouts outlast one another", path, old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('timeout = "2s"\ngrace', 'timeout = "15s"\ngrace'),
        ('grace_period = "2s"', 'grace_period = "30s"'),
        ('grace_period = "2s"', "grace_period = 2"),
        ('method = "GET"', 'method = "POST"'),
        ("[[http_service.checks]]", "[[http_service.machine_checks]]"),
    ],
)
def test_a_health_check_is_short_and_simple(breaking: Breaking, old: str, new: str) -> None:
    assert breaking.by("health checks are in order", "machines/keys.toml", old, new)


@pytest.mark.parametrize(
    ("app", "old", "new"),
    [
        ("keys", '"/api/keys/health"', '"/health"'),
        ("keys", '"/api/keys/health"', '"/api/keys/ready"'),
        ("gateway", '"/api/health"', '"/api/keys/vaults"'),
        ("frontend", '"/health"', '"/healthy"'),
    ],
)
def test_the_path_of_a_health_check_is_open_and_needs_nothing(
    breaking: Breaking, app: str, old: str, new: str
) -> None:
    rule = "the path of a health check answers by itself"

    broken = breaking.by(rule, f"machines/{app}.toml", old, new)

    assert len(broken) == 1
    assert f"machines/{app}.toml: http_service.checks.path" in broken[0]
