"""Every push and every pull request is tested, as a developer tests, on each Python."""

import tomllib

from machines import nginx
from machines.environment import ROOT
from tests.workflows import files


def test_every_push_is_tested_once() -> None:
    """For main and for tags by the workflows that they start, which wait for it."""
    assert files.triggers("test") == {
        "push": {"branches-ignore": ["main"]},
        "pull_request": None,
        "workflow_call": None,
    }
    for name in ("deploy", "release"):
        assert files.jobs(name)["test"]["uses"] == "./.github/workflows/test.yml"


def test_each_supported_python_is_tested() -> None:
    pythons = files.jobs("test")["test"]["strategy"]["matrix"]["python"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert pythons == ["3.11", "3.13", "3.14"]
    assert project["requires-python"] == f">={pythons[0]}"


def test_it_runs_what_a_developer_runs() -> None:
    *_, last = files.jobs("test")["test"]["steps"]

    assert last == {"name": "python3 machines test", "run": ".ci/run"}
    assert 'machines" test' in (ROOT / ".ci" / "run").read_text()


def test_the_servers_of_the_tests_are_there_for_a_user_who_may_not_install_them() -> None:
    steps = files.jobs("test")["test"]["steps"]

    (script,) = (step["run"] for step in steps if "apt-get" in step.get("run", ""))

    assert {*nginx.PACKAGES, "pgbouncer"} <= set(script.split())


def test_a_newer_push_ends_the_tests_of_an_older_one() -> None:
    assert files.read("test")["concurrency"]["cancel-in-progress"] is True


def test_it_has_no_secret_and_no_right_but_to_read() -> None:
    assert "secrets." not in files.path("test").read_text()
    assert files.jobs("test")["test"]["permissions"] == {"contents": "read"}
