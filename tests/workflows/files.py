"""The workflows, read as GitHub reads them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from machines.environment import ROOT

FOLDER = ROOT / ".github" / "workflows"
PATHS = sorted(FOLDER.glob("*.yml"))
NAMES = [path.stem for path in PATHS]

Workflow = dict[Any, Any]
Job = dict[str, Any]
Step = dict[str, Any]


def read(name: str) -> Workflow:
    workflow: Workflow = yaml.safe_load(path(name).read_text())
    return workflow


def path(name: str) -> Path:
    return FOLDER / f"{name}.yml"


def triggers(name: str) -> Workflow:
    """What stands under ``on``, a word that YAML takes for true."""
    found: Workflow = read(name)[True]
    return found


def jobs(name: str) -> dict[str, Job]:
    found: dict[str, Job] = read(name)["jobs"]
    return found


def steps(name: str) -> Iterator[tuple[str, Step]]:
    """Every step of a workflow with the name of its job."""
    for job, content in jobs(name).items():
        yield from ((job, step) for step in content.get("steps", []))


def commands(job: Job) -> str:
    """All that a job runs in its shell."""
    return "\n".join(step["run"] for step in job["steps"] if "run" in step)


def needs(job: Job) -> list[str]:
    found = job.get("needs", [])
    return [found] if isinstance(found, str) else found
