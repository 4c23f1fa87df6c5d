"""``python3 machines deploy``: app by app, each asked from outside, each taken back if it fails."""

import argparse
from collections.abc import Mapping, Sequence

from machines.apps import APPS, App
from machines.failures import Failure
from machines.fly import changes, images, names, preflight, probes, remote
from machines.fly.flyctl import Flyctl
from machines.fly.remote import Release

FORWARD = "The database was not taken back: migrations only go forward, and suit the older code."


def run(options: argparse.Namespace) -> int:
    """Deploy what changed, or with ``--rollback`` what served before."""
    fly = Flyctl(dry=options.dry_run)
    if options.rollback:
        return _roll_back(fly, options)
    apps = changes.considered(options)
    serving = remote.serving(fly, apps)
    apps = changes.meant(options, serving, apps)
    if not apps:
        print("Nothing changed since what is deployed.")
        return 0
    preflight.check(fly, apps, options)
    return Deployment(fly, apps, serving, options).run()


class Deployment:
    """One run over *apps*: it stops at the first that fails."""

    def __init__(
        self,
        fly: Flyctl,
        apps: Sequence[App],
        serving: Mapping[str, Release | None],
        options: argparse.Namespace,
    ) -> None:
        self._fly = fly
        self._apps = apps
        self._serving = serving
        self._options = options
        self._label = images.label(None if changes.dirty() else changes.head())
        self._unasked: list[App] = []
        self._done: list[App] = []

    def run(self) -> int:
        """Return the exit code; what is deployed and what is not is told."""
        failed = None
        for app in self._apps:
            if failed := self._deploy(app):
                break
        self._tell(failed)
        return 1 if failed else 0

    def _deploy(self, app: App) -> App | None:
        """Deploy *app* and ask it, and those whose way led through it; which one failed."""
        self._fly.tell(f"Deploying {app.fly_name} …")
        asked = app
        try:
            if app.name == "auth":
                images.push_jobs(self._fly, self._label)
            first = self._serving[app.name] is None
            images.deploy(self._fly, app, self._label, first=first)
            self._done.append(app)
            self._unasked.append(app)
            for asked in probes.reachable(self._unasked, self._missing()):
                ask(self._fly, asked, self._options)
                self._unasked.remove(asked)
        except Failure as ex:
            print(f"{asked.fly_name} failed: {ex}", flush=True)
            try:
                self._take_back(asked)
            except Failure as why:
                print(
                    f"It could not be taken back: {why} "
                    "See `python3 machines status`, then `python3 machines deploy --rollback "
                    f"{asked.name}`."
                )
            return asked
        return None

    def _missing(self) -> set[str]:
        """Return the apps that nobody can reach yet: the first deployment comes to them later."""
        new = {app.name for app in self._apps if self._serving[app.name] is None}
        return new - {app.name for app in self._done}

    def _take_back(self, app: App) -> None:
        """Let serve again what served before *app* was deployed."""
        serving = self._serving[app.name]
        if app in self._done:
            self._done.remove(app)
        if serving is None:
            print(f"There is nothing older of {app.fly_name} to go back to.")
        elif _serves_still(self._fly, app, serving):
            print(f"Its machines of before still serve ({_named(serving)}).")
        else:
            self._fly.tell(f"Back to {_named(serving)} …")
            images.deploy_again(self._fly, app, serving.image)
            print(f"{app.fly_name} serves {_named(serving)} again. {FORWARD}")

    def _tell(self, failed: App | None) -> None:
        if self._fly.dry:
            return
        done = [app.fly_name for app in self._done]
        rest = [app.fly_name for app in self._apps if app not in self._done and app != failed]
        print(f"Deployed: {', '.join(done) or 'nothing'}.")
        if failed:
            print(f"Not deployed: {', '.join([f'{failed.fly_name} (failed)', *rest])}.")


def ask(fly: Flyctl, app: App, options: argparse.Namespace) -> None:
    """Ask *app* from outside, unless told not to; raise Failure when it does not answer well."""
    origin = options.probe or names.origin()
    if options.no_probe:
        return
    if fly.dry:
        fly.tell(f"asks {', '.join(origin + path for path in probes.PATHS[app.name])}")
        return
    took = probes.probe(origin, app, options.patience)
    print(f"{app.fly_name} answers from outside ({took:.1f} s).", flush=True)


def _roll_back(fly: Flyctl, options: argparse.Namespace) -> int:
    """Let the image before the present one serve, the page first and auth last."""
    apps = [app for name, app in APPS.items() if not options.apps or name in options.apps]
    back: list[str] = []
    for app in reversed(apps):
        older = images.before(remote.releases(fly, app.fly_name))
        if older is None and not fly.dry:
            if options.apps:
                raise Failure(f"There is nothing older of {app.fly_name} to go back to.")
            continue
        fly.tell(f"{app.fly_name}: back to {_named(older)} …")
        image = older.image if older else f"registry.fly.io/{app.fly_name}:sha-BEFORE"
        images.deploy_again(fly, app, image)
        ask(fly, app, options)
        back.append(app.fly_name)
    if fly.dry:
        return 0
    if not back:
        raise Failure("There is nothing older of any app to go back to.")
    print(f"Back: {', '.join(back)}. {FORWARD}")
    return 0


def _serves_still(fly: Flyctl, app: App, serving: Release) -> bool:
    """Whether every machine of *app* is one of before: bluegreen had not begun to change over."""
    deployed = [each for each in remote.machines(fly, app.fly_name) if each.release]
    return bool(deployed) and all(each.release == str(serving.version) for each in deployed)


def _named(release: Release | None) -> str:
    return f"v{release.version}, {release.image}" if release else "what served before"
