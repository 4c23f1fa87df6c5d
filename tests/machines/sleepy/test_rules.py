"""What the tomls of the apps mean for a machine."""

from typing import Any

import pytest

from machines.apps import APPS
from machines.sleepy.rules import Rules


def settings(**changed: Any) -> dict[str, Any]:
    service = {"auto_stop_machines": "stop", "concurrency": {"hard_limit": 7}}
    told = {"app": "keyarc-x", "kill_timeout": "20s", "restart": [{"policy": "on-failure"}]}
    return told | {"http_service": service | changed}


@pytest.mark.parametrize("name", APPS)
def test_every_app_falls_asleep_and_returns_after_a_crash(name: str) -> None:
    rules = Rules.of(APPS[name].settings)

    assert rules.app == APPS[name].fly_name
    assert rules.falls_asleep
    assert rules.restarts
    assert rules.kill_timeout_s == 20
    assert rules.by == APPS[name].settings["http_service"]["auto_stop_machines"]


def test_a_machine_without_auto_stop_stays_awake() -> None:
    assert not Rules.of(settings(auto_stop_machines="off")).falls_asleep
    assert not Rules.of(settings(auto_stop_machines=False)).falls_asleep


def test_what_the_command_says_wins_over_the_toml() -> None:
    assert Rules.of(settings(), "suspend").by == "suspend"
    assert Rules.of(settings(auto_stop_machines="suspend"), "stop").by == "stop"
    assert Rules.of(settings()).most_requests == 7
