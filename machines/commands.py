"""What ``python3 machines`` understands; standard library only, until the environment stands."""

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from machines import arguments, environment
from machines.failures import Failure
from machines.fly import arguments as fly
from machines.fly import backup_arguments
from machines.releases import arguments as releases

INTERRUPTED = 130
NOBODY_READS = 141


@dataclass(frozen=True)
class Command:
    """One command: ``run(options)`` of *module*, which is imported when the environment stands."""

    module: str
    help: str
    description: str
    arguments: Callable[[argparse.ArgumentParser], None] = lambda _parser: None


def main(words: Sequence[str]) -> int:
    """Run one command inside the environment, making that first; the exit code."""
    options = parser().parse_args(words)
    # A shell starts what it puts in the background with Ctrl-C ignored, and so would its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        python = environment.python()
        if Path(sys.prefix).resolve() != environment.VENV.resolve():
            sys.stdout.flush()
            os.execv(python, [str(python), str(environment.ROOT / "machines"), *words])  # noqa: S606 # the same command again, in its environment
        code: int = importlib.import_module(COMMANDS[options.command].module).run(options)
        sys.stdout.flush()
    except Failure as ex:
        sys.stderr.write(f"{ex}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; the same command goes on from here.\n")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read has gone, as `head` does; Python would complain again while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    return code


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 machines",
        description="Run, test, measure and operate KeyArc. What a command needs it installs "
        "itself, into .venv and web/node_modules.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        command.arguments(
            commands.add_parser(name, help=command.help, description=command.description)
        )
    return parser


COMMANDS = {
    "up": Command(
        "machines.up",
        "start the whole of KeyArc and print its address",
        "Start the database, the four services and the page behind one port of this machine. "
        "Ctrl-C stops all of it; the data stays.",
        arguments.up,
    ),
    "test": Command(
        "machines.suite",
        "check and test everything; the last line counts",
        "Lint, types, import rules, the tests of the servers, the library, the command line and "
        "the page, and the journeys in a browser.",
        arguments.test,
    ),
    "bench": Command(
        "machines.bench",
        "measure, each figure beside its yardstick",
        "Print figures, each beside a yardstick measured in the same run.",
        arguments.bench,
    ),
    "openapi": Command(
        "machines.openapi",
        "write the OpenAPI documents anew",
        "Write handlers/*/openapi.json from the routes and schemas of the services.",
    ),
    "image": Command(
        "machines.image",
        "make an image's files without Docker, and weigh them",
        "Carry out the steps of a target of machines/Dockerfile in a folder; say what it holds "
        "and weighs.",
        arguments.image,
    ),
    "lock": Command(
        "machines.lock",
        "write the locks of all packages anew",
        "Resolve the groups of pyproject.toml into machines/requirements*.txt.",
        arguments.lock,
    ),
    "check": Command(
        "machines.checks",
        "prove the rules for Fly: toml files, Dockerfile, workflows",
        "Look at everything that a deployment reads; one line for each rule, 1 if one is broken.",
    ),
    "create": Command(
        "machines.fly.create",
        "make the five apps on Fly, their addresses, database roles and secrets",
        "Make what an installation lacks; what stands stays, so it can be run again. The "
        "database's owner is read from DIRECT_DATABASE_URL, or asked for; DATABASE_URL, if set, is "
        "the same owner's way through a pooler.",
        fly.create,
    ),
    "secrets": Command(
        "machines.fly.secrets",
        "hold the secrets on Fly against the table, set or rotate them",
        "Without an action: check. Values are read from the standard input or a terminal, and go "
        "to flyctl by its standard input; none is printed or stands in a command line.",
        fly.secrets,
    ),
    "deploy": Command(
        "machines.fly.deploy",
        "deploy what changed, ask it from outside, take it back if it fails",
        "In the order auth, account, keys, gateway, frontend; it stops at the first app that does "
        "not answer well, after the one that served before serves again. Exit codes: 0 all is "
        "deployed, 1 something is not, 2 usage.",
        fly.deploy,
    ),
    "status": Command(
        "machines.fly.status",
        "what runs and what sleeps, with releases and health; wakes nobody",
        "Ask Fly's API, not the machines. 1 if an app is not deployed or not healthy.",
        fly.status,
    ),
    "logs": Command(
        "machines.fly.logs",
        "the lines of all apps in the order of time",
        "Print what Fly still holds (some hours), or with --follow what comes.",
        fly.logs,
    ),
    "jobs": Command(
        "machines.fly.jobs",
        "run a job now: a machine that lives as long as it takes",
        "A one-off machine of the app auth, with the image of the jobs that was built with it.",
        fly.jobs,
    ),
    "backup": Command(
        "machines.fly.backup",
        "back the database up, sealed, to S3-compatible storage",
        "Dump the database of DIRECT_DATABASE_URL (else DATABASE_URL), seal it for the age key "
        "BACKUP_AGE_RECIPIENT and store it at BACKUP_S3_ENDPOINT in BACKUP_S3_BUCKET, as "
        "AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY: in one stream, nothing of it on a disk.",
        backup_arguments.backup,
    ),
    "restore": Command(
        "machines.fly.restore",
        "bring a backup back, or try out that it can be",
        "Fetch a backup (BACKUP_S3_ENDPOINT, BACKUP_S3_BUCKET, AWS_ACCESS_KEY_ID, "
        "AWS_SECRET_ACCESS_KEY), open it and restore it, all or nothing. Then count every table "
        "and follow the signed history of every vault.",
        backup_arguments.restore,
    ),
    "cost": Command(
        "machines.fly.cost",
        "what the apps cost a month at Fly",
        "From the toml files and the share of the time in which the apps are awake.",
        backup_arguments.cost,
    ),
    "release": Command(
        "machines.releases.release",
        "make a version: its number, its section of CHANGELOG.md, a commit and a tag",
        "Write the section of VERSION from the commits since the last tag, commit it and tag "
        "that. Nothing is pushed.",
        releases.release,
    ),
    "page-manifest": Command(
        "machines.releases.page_manifest",
        "name every file of the built page, or compare a server's page with it",
        "Print the hashes of the page's files, as a release publishes them; with --compare ask "
        "a server for each and say which differ.",
        releases.page_manifest,
    ),
}
