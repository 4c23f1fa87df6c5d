"""A push to main deploys, after the tests and in order, the apps that it changed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from machines.apps import APPS
from machines.environment import ROOT
from tests import repositories
from tests.workflows import files

EVERY = list(APPS)


class Checkout:
    """A repository with the trigger table and files to change, as a runner has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder.with_name("bin")
        self.bin.mkdir()
        for name in ("__init__.py", "apps.py", "paths.py"):
            (folder / "machines").mkdir(exist_ok=True)
            shutil.copy(ROOT / "machines" / name, folder / "machines" / name)
        repositories.begin(folder)
        self.first = self.commit("README.md")

    def commit(self, *changed: str) -> str:
        for path in changed:
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("a") as content:
                content.write("changed\n")
        return repositories.commit(self.folder, "Change something")

    def filtered(self, *, deployed: str, event: str = "push") -> str:
        """What the workflow's own script finds, if *deployed* went out last."""
        gh = self.bin / "gh"
        gh.write_text(f'#!/bin/sh\ntest "$1 $2" = "run list" && echo "{deployed}"\n')
        gh.chmod(0o755)
        output = self.folder.with_name("output")
        script = next(step["run"] for _job, step in files.steps("deploy") if "id" in step)
        subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=self.folder,
            env={
                "PATH": f"{self.bin}:{os.environ['PATH']}",
                "GITHUB_EVENT_NAME": event,
                "GITHUB_OUTPUT": str(output),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            capture_output=True,
            check=True,
        )
        return output.read_text()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    folder = tmp_path / "checkout"
    folder.mkdir()
    return Checkout(folder)


def runs(apps: str) -> list[str]:
    """The jobs whose condition a list of apps fulfils."""
    return [name for name in APPS if condition(name) in apps]


def condition(name: str) -> str:
    """What the list of apps must contain for the job of *name* to run."""
    told: str = files.jobs("deploy")[name]["if"]
    found = told.split("contains(needs.changed.outputs.apps, '")[1]
    return found.removesuffix("')")


@pytest.mark.parametrize(
    ("changed", "apps"),
    [
        (["README.md", "tests/test_leaks.py"], []),
        (["web/src/main.ts"], ["frontend"]),
        (["handlers/keys/app.py"], ["keys"]),
        (["shared/db.py"], ["auth", "account", "keys"]),
        (["shared/keyarc/cli/run.py"], []),
        (["shared/keyarc/commits/log.py"], ["account", "keys"]),
        (["migrations/versions/0002_sessions.py", "handlers/gateway/app.py"], ["auth", "gateway"]),
        (["machines/Dockerfile"], EVERY),
        ([".github/workflows/deploy.yml"], EVERY),
    ],
)
def test_a_push_deploys_what_it_changed(
    checkout: Checkout, changed: list[str], apps: list[str]
) -> None:
    checkout.commit(*changed)

    found = checkout.filtered(deployed=checkout.first)

    assert runs(found) == apps


def test_what_was_not_deployed_is_due_with_the_next_push(checkout: Checkout) -> None:
    checkout.commit("handlers/auth/app.py")
    checkout.commit("web/src/main.ts")

    assert runs(checkout.filtered(deployed=checkout.first)) == ["auth", "frontend"]


def test_a_file_that_is_moved_away_deploys_what_it_was_part_of(checkout: Checkout) -> None:
    before = checkout.commit("handlers/auth/words.py")
    repositories.git(checkout.folder, "mv", "handlers/auth/words.py", "words.py")
    checkout.commit()

    assert runs(checkout.filtered(deployed=before)) == ["auth"]


@pytest.mark.parametrize("deployed", ["", "f" * 40])
def test_everything_is_deployed_where_the_last_deployment_is_not_known(
    checkout: Checkout, deployed: str
) -> None:
    assert runs(checkout.filtered(deployed=deployed)) == EVERY


def test_everything_is_deployed_by_hand(checkout: Checkout) -> None:
    assert runs(checkout.filtered(deployed=checkout.first, event="workflow_dispatch")) == EVERY


def test_nothing_has_changed_since_now(checkout: Checkout) -> None:
    assert checkout.filtered(deployed=checkout.first) == "apps=[]\n"


def test_only_main_is_deployed() -> None:
    assert files.triggers("deploy") == {"push": {"branches": ["main"]}, "workflow_dispatch": None}
    assert files.jobs("deploy")["changed"]["if"] == "github.ref == 'refs/heads/main'"


def test_a_deployment_is_never_cut_off_by_the_next() -> None:
    assert files.read("deploy")["concurrency"]["cancel-in-progress"] is False


@pytest.mark.parametrize("name", EVERY)
def test_an_app_is_deployed_with_its_own_token_and_no_other(name: str) -> None:
    job = files.jobs("deploy")[name]

    *_, step = job["steps"]

    assert step == {
        "run": f"python3 machines deploy {name}",
        "env": {"FLY_API_TOKEN": f"${{{{ secrets.FLY_API_TOKEN_{name.upper()} }}}}"},
    }
    assert str(job).count("secrets.") == 1
    assert job["environment"] == "production"


@pytest.mark.parametrize("name", EVERY)
def test_an_app_waits_for_the_tests_and_for_all_that_it_builds_on(name: str) -> None:
    """And stays as it is where one of them failed or was cut off."""
    before = {"auth": [], "account": ["auth"], "keys": ["auth"]}
    job = files.jobs("deploy")[name]

    assert condition(name) == f'"{name}"'
    assert files.needs(job) == ["test", "changed", *before.get(name, EVERY[: EVERY.index(name)])]
    assert job["if"].split(" && ")[:-1] == [
        "!cancelled()",
        "needs.test.result == 'success'",
        "!contains(needs.*.result, 'failure')",
        "!contains(needs.*.result, 'cancelled')",
    ]


def test_the_jobs_of_the_apps_differ_in_nothing_else() -> None:
    """Five times the same, spelled out: a matrix has no order and shares its secrets."""
    jobs = files.jobs("deploy")

    same = {str(jobs[name]["steps"][:-1]) + str(jobs[name]["permissions"]) for name in APPS}

    assert len(same) == 1
