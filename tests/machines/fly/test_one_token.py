"""What the workflows run reaches one app: the token that they give can do nothing to another."""

import re
import shlex
from collections.abc import Sequence

import pytest

from machines.apps import APPS
from machines.stack import Stack
from tests.machines.fly.operator import Operator
from tests.workflows import files

APP = re.compile(r"keyarc-[a-z]+|machines/([a-z]+)\.toml")
JOBS = "machines/jobs.toml"  # the name of an image in the registry of auth


def words_of(workflow: str, job: str) -> list[str]:
    """What the last step says after ``python3 machines``."""
    return shlex.split(files.jobs(workflow)[job]["steps"][-1]["run"])[2:]


def named(calls: Sequence[Sequence[str]]) -> set[str]:
    """Every app that is named in what was said to flyctl."""
    found = (match for call in calls for word in call for match in APP.finditer(word))
    return {match[1] or match[0].removeprefix("keyarc-") for match in found if match[0] != JOBS}


@pytest.mark.parametrize("name", APPS)
def test_a_deployment_asks_for_nothing_of_another_app(
    operator: Operator, stack: Stack, name: str
) -> None:
    operator.change("README.md")

    operator.done(*words_of("deploy", name), "--probe", stack.url)

    assert named(operator.calls()) == {name}
    others = [call for call in operator.calls() if not named([call]) and JOBS not in call]
    assert others == [["version"]]  # of the program itself


@pytest.mark.parametrize("name", ["purge", "backup"])
def test_a_job_asks_for_nothing_of_another_app_than_auth(operator: Operator, name: str) -> None:
    operator.done(*words_of("jobs", name))

    assert named(operator.calls()) == {"auth"}
