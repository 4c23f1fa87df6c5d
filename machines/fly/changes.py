"""Which apps a deployment is about: those named, all, or those that changed since their last."""

import argparse
import re
import subprocess
from collections.abc import Mapping, Sequence

from machines import paths
from machines.apps import APPS, App
from machines.failures import Failure
from machines.fly.flyctl import ROOT
from machines.fly.remote import Release


def considered(options: argparse.Namespace) -> Sequence[App]:
    """Return the apps that may be meant, in the order of a deployment."""
    if options.apps and (options.all or options.changed is not None):
        raise Failure("Name apps, or say --all or --changed, but not both.")
    if options.apps:
        return [app for name, app in APPS.items() if name in options.apps]
    if options.changed:
        return [APPS[name] for name in paths.changed_apps(_files(options.changed))]
    return [*APPS.values()]


def meant(
    options: argparse.Namespace, serving: Mapping[str, Release | None], apps: Sequence[App]
) -> Sequence[App]:
    """Return those of *apps* that are to be deployed: unless named, those that changed."""
    if options.apps or options.changed or options.all:
        return apps
    return [app for app in apps if _changed(app, serving[app.name])]


def _changed(app: App, serving: Release | None) -> bool:
    """Whether *app* changed since the commit that serves; one that nobody knows counts as old."""
    if serving is None or serving.commit is None or not _known(serving.commit):
        return True
    return app.name in paths.changed_apps(_files(serving.commit))


def head() -> str:
    """Return the commit of the checkout."""
    return _git("rev-parse", "HEAD").strip()


def dirty() -> Sequence[str]:
    """Return the files that differ from it."""
    return [line[3:] for line in _git("status", "--porcelain").splitlines()]


def _known(commit: str) -> bool:
    return _run("cat-file", "-e", f"{commit}^{{commit}}").returncode == 0


def _files(since: str) -> Sequence[str]:
    """Return the files that differ between *since* and the checkout as it is now."""
    if not re.fullmatch(r"[\w./~^@-]+", since) or since.startswith("-") or not _known(since):
        raise Failure(f"There is no commit {since} here (a shallow clone has few).")
    return [
        *_git("diff", "--name-only", "--no-renames", since).splitlines(),
        *_git("ls-files", "--others", "--exclude-standard").splitlines(),
    ]


def _git(*arguments: str) -> str:
    done = _run(*arguments)
    if done.returncode:
        raise Failure(f"`git {arguments[0]}` fails here: {done.stderr.strip()}")
    return done.stdout


def _run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            ["git", "-c", "core.quotePath=false", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as ex:
        raise Failure("The program git is missing; it says what changed.") from ex
