"""Builds the images, deploys them, and deploys older ones again."""

import time
from collections.abc import Sequence

from machines.apps import APPS, App
from machines.fly import remote
from machines.fly.flyctl import Flyctl
from machines.fly.remote import Release

DOCKERFILE = "machines/Dockerfile"
JOBS = "machines/jobs.toml"
# New machines are healthy before the old ones go.
HOW = ("--strategy", "bluegreen", "--ha=false", "--yes")


def deploy(fly: Flyctl, app: App, label: str, *, first: bool) -> None:
    """Build the image of *app* on Fly's builders and let it serve."""
    private = ("--flycast", "--no-public-ips") if first and not public(app) else ()
    fly.follow(
        *("deploy", ".", "--app", app.fly_name, "--config", f"machines/{app.toml.name}"),
        *("--dockerfile", DOCKERFILE, "--build-target", app.name, "--image-label", label),
        *("--remote-only", *HOW, "--signal", app.settings["kill_signal"], *private),
    )


def deploy_again(fly: Flyctl, app: App, image: str) -> None:
    """Let *image* serve with today's settings and secrets; the database stays as it is."""
    fly.follow(
        *("deploy", "--app", app.fly_name, "--config", f"machines/{app.toml.name}"),
        *("--image", image, *HOW, "--signal", app.settings["kill_signal"]),
        # An older image does not know newer migrations, and a newer database suits older code.
        "--skip-release-command",
    )


def restart(fly: Flyctl, apps: Sequence[App]) -> None:
    """Let what serves serve again, so that it has today's settings and secrets."""
    for app in apps:
        serving = remote.current(remote.releases(fly, app.fly_name))
        if serving or fly.dry:
            image = serving.image if serving else f"registry.fly.io/{app.fly_name}:sha-COMMIT"
            fly.tell(f"Restarting {app.fly_name} …")
            deploy_again(fly, app, image)


def push_jobs(fly: Flyctl, label: str) -> None:
    """Build the image of the jobs and leave it in the registry of auth."""
    fly.follow(
        *("deploy", ".", "--app", APPS["auth"].fly_name, "--config", JOBS),
        *("--dockerfile", DOCKERFILE, "--build-target", "jobs", "--image-label", f"jobs-{label}"),
        *("--remote-only", "--build-only", "--push"),
    )


def jobs_image(serving: Release | None) -> str:
    """Return the image of the jobs that was pushed with a release of auth."""
    tag = serving.image.rpartition(":")[2] if serving else "sha-COMMIT"
    return f"registry.fly.io/{APPS['auth'].fly_name}:jobs-{tag}"


def label(commit: str | None) -> str:
    """Return what the images of *commit* are called; None is a tree with changes of its own."""
    return f"sha-{commit}" if commit else time.strftime("dirty-%Y%m%d-%H%M%S", time.gmtime())


def before(listed: Sequence[Release]) -> Release | None:
    """Return what served before that which serves: the last other image before its first time."""
    serving = remote.current(listed)
    if serving is None:
        return None
    served = [release for release in listed if release.complete]
    first = min(release.version for release in served if release.image == serving.image)
    return next((release for release in served if release.version < first), None)


def public(app: App) -> bool:
    """Whether it has an address for the world."""
    return app.name == "frontend"
