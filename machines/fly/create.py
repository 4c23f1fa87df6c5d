"""``python3 machines create``: names, apps, addresses, the database, secrets. Can be run again."""

import argparse
import secrets
from collections.abc import Collection, Mapping, Sequence

from machines.apps import APPS, App
from machines.failures import Failure
from machines.fly import images, names, preflight, remote, table
from machines.fly.flyctl import Flyctl
from machines.fly.owner import Owner
from shared.access_tokens import context_public_key

PRIVATE = {"private_v6": ("allocate-v6", "--private")}
PUBLIC = {"shared_v4": ("allocate-v4", "--shared"), "v6": ("allocate-v6",)}
SECRET_BYTES = 48


def run(options: argparse.Namespace) -> int:
    """Make what is missing; what stands stays as it is."""
    wanted = names.Installation(options.prefix, options.origin, options.region)
    wanted.check()
    Creation(Flyctl(dry=options.dry_run), wanted).run(options.org)
    return 0


class Creation:
    """One run; in a dry one the toml files do not yet say what is *wanted*."""

    def __init__(self, fly: Flyctl, wanted: names.Installation) -> None:
        self._fly = fly
        self._wanted = wanted

    def run(self, org: str | None) -> None:
        self._told(self._wanted.write(dry=self._fly.dry))
        self._make_apps(org)
        there = remote.each(
            self._fly,
            [*APPS.values()],
            lambda app: remote.addresses(self._fly, self._wanted.name_of(app)),
        )
        for app, kinds in zip(APPS.values(), there, strict=True):
            self._give_addresses(app, kinds)
        self._certify()
        self._give_secrets()
        self._say_what_is_next()

    def _make_apps(self, org: str | None) -> None:
        there = remote.names(self._fly)
        for name in map(self._wanted.name_of, APPS.values()):
            if name in there:
                print(f"{name} stands.")
                continue
            self._fly.tell(f"Making {name} …")
            self._fly.change("apps", "create", name, *(("--org", org) if org else ()))

    def _give_addresses(self, app: App, there: Collection[str]) -> None:
        """Give the page's app addresses for the world, and the others one inside Fly."""
        name = self._wanted.name_of(app)
        kinds = PUBLIC if images.public(app) else PRIVATE
        if not images.public(app) and {"v4", "v6", "shared_v4"} & set(there):
            raise Failure(
                f"{name} has an address for the world, and must have none: see `fly ips list "
                f"--app {name}`, give them up with `fly ips release ADDRESS --app {name}`."
            )
        for kind, how in kinds.items():
            if kind not in there and not (kind == "shared_v4" and "v4" in there):
                self._fly.tell(f"Giving {name} an address ({kind}) …")
                self._fly.change("ips", *how, "--app", name)

    def _certify(self) -> None:
        name, host = self._wanted.name_of(APPS["frontend"]), self._wanted.host
        if self._wanted.certified and host not in remote.certificates(self._fly, name):
            self._fly.tell(f"Asking for a certificate for {host} …")
            self._fly.change("certs", "add", host, "--app", name)

    def _give_secrets(self) -> None:
        """Make those that an app lacks; the values are known to nobody but Fly afterwards."""
        found = remote.each(self._fly, [*APPS.values()], self._lacking)
        lacking = dict(zip(APPS, found, strict=True))
        made: dict[str, dict[str, str]] = {name: {} for name in APPS}
        owner = None
        if any({"DATABASE_URL", table.OWNER} & set(each) for each in lacking.values()):
            owner = self._ready_owner()
        if any("JWT_SECRET" in each for each in lacking.values()):
            secret = secrets.token_urlsafe(SECRET_BYTES)
            # First the files: if this run ends here, the next one makes another secret.
            key = "that of the new secret" if self._fly.dry else context_public_key(secret)
            self._told(names.write_public_keys(key, dry=self._fly.dry))
            for app in table.holders("JWT_SECRET"):
                made[app.name]["JWT_SECRET"] = secret
        elif not (self._fly.dry or preflight.signed()):
            raise Failure(
                "JWT_SECRET stands on Fly, but CONTEXT_PUBLIC_KEYS is not in account.toml and "
                "keys.toml: take these files from where they were committed, or make a new "
                "secret with `python3 machines secrets set JWT_SECRET`."
            )
        for name, app in APPS.items():
            if table.OWNER in lacking[name]:
                made[name][table.OWNER] = owner.direct if owner else ""
            if "DATABASE_URL" in lacking[name]:
                made[name]["DATABASE_URL"] = self._let_in(owner, app)
            self._stage(app, made[name])

    def _lacking(self, app: App) -> Sequence[str]:
        wanted = table.required(app)
        there = remote.secrets(self._fly, self._wanted.name_of(app)) if wanted else {}
        return [name for name in wanted if name not in there]

    def _ready_owner(self) -> Owner | None:
        if self._fly.dry:
            self._fly.tell(
                f"Asking for {table.OWNER}, migrating that database, a password for each role"
            )
            return None
        owner = Owner.ask()
        owner.migrate()
        return owner

    def _let_in(self, owner: Owner | None, app: App) -> str:
        if owner is None:
            return ""
        password, url = owner.new_url(app)
        owner.let_in(app, password)
        return url

    def _stage(self, app: App, made: Mapping[str, str]) -> None:
        """Leave secrets with Fly for the next deployment."""
        if made:
            name = self._wanted.name_of(app)
            self._fly.tell(f"Setting {', '.join(made)} of {name} …")
            self._fly.change("secrets", "import", "--stage", "--app", name, secrets=made)

    def _told(self, written: Sequence[str]) -> None:
        for line in written:
            self._fly.tell(line)

    def _say_what_is_next(self) -> None:
        if self._fly.dry:
            return
        frontend = self._wanted.name_of(APPS["frontend"])
        there = remote.addresses(self._fly, frontend)
        four = there.get("shared_v4") or there.get("v4")
        print(
            "\nIt stands. What is next:\n"
            "1. Commit machines/*.toml: names and public keys of this installation are in them.\n"
            f"2. Let {self._wanted.host} lead to it: A {four}, AAAA {there.get('v6')}.\n"
            "3. `python3 machines deploy` (while DNS lags, with --no-probe)"
        )
