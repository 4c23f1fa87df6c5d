"""``python3 machines restore``: a backup into a database, or into one that is gone afterwards."""

import argparse
import os
import secrets
import tempfile
import time
from pathlib import Path

import psycopg
from psycopg import conninfo

from handlers.jobs import failures as jobs
from handlers.jobs import manifests, programs, store
from handlers.jobs import run as frame
from handlers.jobs.manifests import Contents, Manifest
from handlers.jobs.store import Store
from machines.failures import Failure
from machines.fly import age_keys, histories, restore_sql
from machines.fly.archive import Backup
from machines.fly.backup import bucket, database, size
from machines.fly.table import OWNER
from machines.postgres import Postgres

LATEST = "latest"
MIGRATIONS = Path(__file__).parents[2] / "migrations" / "versions"


def run(options: argparse.Namespace) -> int:
    """Restore, all or nothing, and say what was checked."""
    url = options.into or os.environ.get(OWNER, "")
    try:
        if options.dry_run:
            _tell(options, url)
            return 0
        if not options.identity:
            raise Failure("--identity FILE is missing: the private key that opens backups.")
        identity = age_keys.read(options.identity)
        if not (options.drill or url):
            raise Failure(f"--into without a URL takes {OWNER}, which is not set.")
        at = Store(store.from_env())
        manifest = _chosen(at, options.name)
        print(f"{manifest.name}: {size(manifest)}")
        sealed = Backup(at, manifest, identity)
        if options.drill:
            _drill(sealed)
        else:
            _into(sealed, url, force=options.force)
    except jobs.Failure as ex:
        raise Failure(str(ex)) from ex
    return 0


def _chosen(at: Store, name: str) -> Manifest:
    names = manifests.names(at)
    if not names:
        raise Failure(f"There is no backup in the bucket {at.place.bucket} at {at.place.endpoint}.")
    if name == LATEST:
        return Manifest.read(at, names[-1])
    if name not in names:
        raise Failure(f"There is no backup {name}: `python3 machines backup ls` lists them.")
    return Manifest.read(at, name)


def _tell(options: argparse.Namespace, url: str) -> None:
    name = "the newest backup" if options.name == LATEST else options.name
    print(f"Would fetch {name} from {bucket()}.")
    if options.drill:
        print("Would restore it into a new PostgreSQL in a temporary folder, check it, remove it.")
        return
    held = "after removing what it holds" if options.force else "if that is empty"
    print(f"Would restore it in one transaction into {database(url)}, {held}.")


def _drill(sealed: Backup) -> None:
    """Show that the backup is good, and how long a restore takes."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, Postgres(Path(folder), durable=False) as server:
        url = _owned(server.url)
        started = time.monotonic()
        sealed.restore(url, force=False)
        restored = time.monotonic()
        _check(sealed.manifest, url)
    print(
        f"The drill took {time.monotonic() - began:.1f} s: a database {started - began:.1f} s, "
        f"the restore {restored - started:.1f} s. Nothing of it is left."
    )


def _owned(server: str) -> str:
    """Make a database; return its owner's URL.

    A backup is SQL, and may be by somebody else: a superuser's SQL starts programs, reads files.
    """
    owner, password = "owner_of_the_drill", secrets.token_hex()
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(restore_sql.owner(owner, password))
        conn.execute(restore_sql.database(owner))
    return conninfo.make_conninfo(server, user=owner, password=password, dbname=owner)


def _into(sealed: Backup, url: str, *, force: bool) -> None:
    with frame.connection(url) as conn:
        held = conn.execute(restore_sql.OBJECTS).fetchall()
    if held and not force:
        raise Failure(
            f"The database {programs.described(url)} is not empty ({held[0][0]} and "
            f"{len(held) - 1} more): with --force all of that is removed."
        )
    began = time.monotonic()
    sealed.restore(url, force=force)
    print(f"Restored into {programs.described(url)} in {time.monotonic() - began:.1f} s.")
    _check(sealed.manifest, url)
    roles = ", ".join(sealed.manifest.contents.roles)
    print(f"Roles that had to be made have no password yet and cannot log in ({roles}).")


def _check(manifest: Manifest, url: str) -> None:
    """Look at what was restored, and say what was found; raise Failure at the first flaw."""
    print(f"ok  the key opens it, its sha256 is {manifest.sha256} as its manifest says")
    with frame.connection(url) as conn:
        contents = Contents.of(conn)
        if (contents.migration, contents.rows) != (
            manifest.contents.migration,
            manifest.contents.rows,
        ):
            raise Failure("The database does not hold what the manifest says.")
        rows = contents.rows
        print(f"ok  {sum(rows.values()):,} rows in {len(rows)} tables, as its manifest counts them")
        newest = max(file.name[:4] for file in MIGRATIONS.glob("[0-9]*.py"))
        behind = "" if contents.migration == newest else f"; this checkout goes on to {newest}"
        print(f"ok  migration {contents.migration}{behind}")
        found = histories.check(conn)
    print(
        f"ok  {found.vaults:,} vaults: {found.commits:,} commits signed and without a gap, "
        f"{found.secrets:,} secrets as the heads were signed for"
    )
