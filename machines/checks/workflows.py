"""Rules for what GitHub runs: whose code, and for which app."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from machines.apps import APPS
from machines.checks.deployment import SERVICES, Deployment
from machines.failures import Failure
from machines.paths import changed_apps, matches

DEPLOY = ".github/workflows/deploy.yml"
USES = re.compile(r"^\s*(?:-\s+)?uses:\s*(\S+)")
PINNED = re.compile(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40}|\./\S+|docker://\S+@sha256:[0-9a-f]{64}")
EVERY = tuple(APPS)
WITH_DATABASE = ("auth", "account", "keys")

# The table of the deployment, by example: a change, and which apps it deploys.
TABLE: Mapping[str, tuple[str, ...]] = {
    "web/src/main.ts": ("frontend",),
    **{f"handlers/{name}/app.py": (name,) for name in SERVICES},
    "migrations/versions/0001_accounts.py": ("auth",),
    "shared/db.py": WITH_DATABASE,
    "shared/log.py": SERVICES,
    "shared/keyarc/commits/log.py": ("account", "keys"),
    "shared/keyarc/seal.py": (),
    "shared/keyarc/cli/main.py": (),
    "machines/Dockerfile": EVERY,
    "machines/gunicorn.conf.py": EVERY,
    "machines/requirements-keys.txt": EVERY,
    DEPLOY: EVERY,
    "README.md": (),
    "tests/test_architecture.py": (),
}


def pinned_actions(deployment: Deployment) -> Iterator[str]:
    """By its commit: a tag can be moved to somebody else's code."""
    for path, text in deployment.workflows.items():
        for number, line in enumerate(text.splitlines(), 1):
            found = USES.match(line)
            if found and not PINNED.fullmatch(found[1].strip("'\"")):
                yield f"{path}:{number}: {found[1]} is not pinned by a commit"


def path_filters(deployment: Deployment) -> Iterator[str]:
    """A change deploys the apps that the table names, and the workflow is begun by it."""
    workflow = _deploy(deployment)
    filtered = _pushed(workflow).get("paths")
    for path, expected in TABLE.items():
        found = changed_apps([path])
        if set(found) != set(expected):
            yield f"machines/apps.py: {path} deploys {found}, and should deploy {expected}"
        if filtered is not None and expected and not matches(filtered, path):
            yield f"{DEPLOY}: paths: {path} does not begin it, and should deploy {expected}"


def deployed_apps(deployment: Deployment) -> Iterator[str]:
    """One job for each app: when it changed, with its own token, and no other app's."""
    jobs = _deploy(deployment).get("jobs", {})
    for name in APPS:
        job = jobs.get(name)
        if not isinstance(job, dict):
            yield f"{DEPLOY}: jobs: none is called {name}"
            continue
        if f"'\"{name}\"'" not in str(job.get("if")):
            yield f"{DEPLOY}: jobs.{name}.if: does not ask whether {name} changed"
        told = str(job.get("steps"))
        tokens = set(re.findall(r"secrets\.(\w+)", told))
        if tokens != {f"FLY_API_TOKEN_{name.upper()}"}:
            yield f"{DEPLOY}: jobs.{name}: is told {sorted(tokens)}, and not its own token alone"
        if f"machines deploy {name}" not in told:
            yield f"{DEPLOY}: jobs.{name}: does not run `python3 machines deploy {name}`"
        if "test" not in job.get("needs", []):
            yield f"{DEPLOY}: jobs.{name}.needs: does not wait for the tests"


def _deploy(deployment: Deployment) -> Mapping[str, Any]:
    try:
        found = yaml.safe_load(deployment.text(DEPLOY))
    except yaml.YAMLError as ex:
        raise Failure(f"{DEPLOY} is no YAML: {' '.join(str(ex).split())}.") from ex
    return found if isinstance(found, dict) else {}


def _pushed(workflow: Mapping[str, Any]) -> Mapping[str, Any]:
    """What stands under ``on.push``; YAML reads the word ``on`` as true."""
    on = workflow.get("on", dict(workflow).get(True, {}))  # type: ignore[call-overload]
    pushed = on.get("push") if isinstance(on, dict) else None
    return pushed if isinstance(pushed, dict) else {}
