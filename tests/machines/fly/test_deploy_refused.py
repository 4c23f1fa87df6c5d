"""``deploy`` does nothing by half words, and says where it stands whatever fails."""

import json

import pytest

from tests.machines.fly.operator import Operator


@pytest.mark.parametrize("which", [("--all",), ("--changed", "HEAD")])
def test_names_and_a_set_of_apps_contradict_each_other(
    clone: Operator, which: tuple[str, ...]
) -> None:
    said = clone.failed("deploy", "keys", *which, "--dry-run")

    assert said == "Name apps, or say --all or --changed, but not both.\n"


@pytest.mark.parametrize("address", ["keys.example.com", "ftp://keys.example.com", "https://a/b"])
def test_what_cannot_be_asked_is_known_before_anything_is_deployed(
    clone: Operator, address: str
) -> None:
    ended = clone.run("deploy", "--all", "--probe", address)

    assert ended.returncode == 2
    assert f"{address} is no address like https://keyarc.io" in ended.stderr
    assert clone.records() == []


def test_where_it_stands_is_told_even_if_nothing_can_be_taken_back(
    operator: Operator, outside: str
) -> None:
    operator.change("shared/db.py")
    rules = [
        {"match": "deploy .*account.toml", "outcome": "unhealthy"},
        {"match": "machine list .*account", "outcome": "unreachable"},
    ]
    (operator.fly / "scenario.json").write_text(json.dumps(rules))

    said = operator.failed("deploy", "--probe", outside)

    assert "It could not be taken back: Fly cannot be reached" in said
    assert "`python3 machines deploy --rollback account`" in said
    assert "Deployed: keyarc-auth.\nNot deployed: keyarc-account (failed), keyarc-keys.\n" in said


def test_going_back_to_nothing_is_a_failure(operator: Operator) -> None:
    said = operator.failed("deploy", "--rollback")

    assert said == "There is nothing older of any app to go back to.\n"


def test_a_dry_run_back_says_of_nothing_that_it_was_done(clone: Operator) -> None:
    said = clone.done("deploy", "--rollback", "--dry-run")

    assert all(line.startswith(("flyctl ", "# ")) for line in said.splitlines())
