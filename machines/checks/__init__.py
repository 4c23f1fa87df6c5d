"""``python3 machines check``: the rules that a deployment must keep, proved before there is one."""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

from machines import environment
from machines.checks import behaviour, images, told, tomls, workflows
from machines.checks.deployment import Deployment
from machines.checks.tomls import Rule

RULES: Mapping[str, Rule] = {
    "flyctl knows every key": tomls.unknown_keys,
    "a table is a table, an array an array": tomls.brackets,
    "durations carry their unit": tomls.durations,
    "one service, and nothing that keeps a machine awake": tomls.unwanted,
    "every machine sleeps and wakes": tomls.sleeping,
    "concurrency counts requests": tomls.concurrency,
    "a machine that fails starts again": tomls.restarts,
    "machine sizes are written out": tomls.machine_size,
    "new machines are healthy before old ones go": tomls.strategies,
    "one release command": tomls.one_release_command,
    "https where the public comes in, and nowhere else": tomls.https,
    "the signal to stop is the one that answers first": tomls.signals,
    "each app builds its own target": tomls.builds,
    "the jobs' image lies beside auth's": tomls.jobs_image,
    "all apps are in one region": tomls.regions,
    "nothing in [env] looks like a secret": told.no_secrets,
    "upstreams are apps of the set, by the name that wakes them": told.upstreams,
    "one public origin": told.origins,
    "account and keys believe the same signatures": told.public_keys,
    "metrics are on a port of their own": tomls.metrics,
    "timeouts outlast one another": behaviour.timeouts,
    "health checks are in order": behaviour.checks,
    "the path of a health check answers by itself": behaviour.check_paths,
    "the image's targets are the apps and the jobs": images.targets,
    "base images are pinned": images.pinned_bases,
    "commands are in exec form": images.exec_form,
    "nobody runs as root": images.user,
    "what is installed is locked": images.hashes,
    "bytecode is in the image": images.bytecode,
    "ports agree": images.ports,
    "gunicorn serves what the target is called": images.starts,
    "no image holds what opens a secret": images.contents,
    "an image holds what it imports": images.imports,
    "what an image holds deploys it": images.triggers,
    "actions are pinned": workflows.pinned_actions,
    "path filters select what the table says": workflows.path_filters,
    "each app is deployed by itself": workflows.deployed_apps,
}


def run(_options: argparse.Namespace) -> int:
    return tell(environment.ROOT)


def tell(root: Path) -> int:
    """Print every rule and what breaks it in the checkout *root*; 1 if anything does."""
    failed = False
    for rule, broken in look(root):
        failed = failed or bool(broken)
        print(f"{'FAIL' if broken else 'ok  '}  {rule}")
        for sentence in broken:
            print(f"        {sentence}")
    return int(failed)


def problems() -> list[str]:
    """What breaks a rule, a sentence each."""
    return [sentence for _, broken in look(environment.ROOT) for sentence in broken]


def look(root: Path) -> Iterator[tuple[str, list[str]]]:
    """Each rule with what breaks it in the checkout *root*."""
    deployment = Deployment(root)
    for rule, find in RULES.items():
        yield rule, list(find(deployment))
