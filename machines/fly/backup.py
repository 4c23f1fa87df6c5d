"""``python3 machines backup``: what the job does every day, by hand; what there is; a key pair."""

import argparse
import json
import os
import time

from handlers.jobs import backup, manifests, programs, store
from handlers.jobs import failures as jobs
from handlers.jobs import run as frame
from handlers.jobs.manifests import Manifest
from handlers.jobs.retention import Keep
from handlers.jobs.store import Store
from machines.failures import Failure
from machines.fly import age_keys


def run(options: argparse.Namespace) -> int:
    """Make a backup, list what there is, or make a key pair."""
    try:
        if options.action is None:
            _make(options)
        elif options.dry_run:
            print(
                f"Would list what is in {bucket()}."
                if options.action == "ls"
                else f"Would write a new private key to {options.file}, and print its public one."
            )
        elif options.action == "ls":
            _list(options)
        else:
            age_keys.make(options.file)
    except jobs.Failure as ex:
        raise Failure(str(ex)) from ex
    return 0


def size(manifest: Manifest) -> str:
    """Say how large a backup is, and what it holds."""
    rows = manifest.contents.rows
    return (
        f"{manifest.size:,} bytes, migration {manifest.contents.migration}, "
        f"{sum(rows.values()):,} rows in {len(rows)} tables"
    )


def bucket() -> str:
    """Say where backups are; a dry run needs no variable, and names those that are not set."""
    return f"the bucket {_set('BACKUP_S3_BUCKET')} at {_set('BACKUP_S3_ENDPOINT')}"


def database(url: str | None) -> str:
    """Say which database *url* means, or where its address would be read."""
    return programs.described(url) if url else "the database of $DIRECT_DATABASE_URL"


def _set(name: str) -> str:
    return os.environ.get(name) or f"${name}"


def _make(options: argparse.Namespace) -> None:
    if options.keep:
        os.environ["BACKUP_KEEP"] = options.keep
    if options.dry_run:
        url = os.environ.get("DIRECT_DATABASE_URL") or os.environ.get("DATABASE_URL")
        print(f"Would dump {database(url)}: pg_dump {' '.join(backup.DUMP)}")
        print(f"Would seal it for {_set('BACKUP_AGE_RECIPIENT')} and stream it to {bucket()},")
        kept = f"{Keep.from_env()} days/weeks/months"
        print(f"beside it a manifest; then keep {kept} and remove others.")
        return
    target, url = backup.from_env(), frame.from_env()
    began = time.monotonic()
    made = frame.run("backup", url, again=True)
    manifest = Manifest.read(Store(target.place), made["name"])
    print(f"{manifest.name}: {size(manifest)}; {time.monotonic() - began:.1f} s")
    print(f"In {bucket()}, sealed for {target.recipient}, sha256 {manifest.sha256}")
    for name in made["removed"]:
        print(f"Removed: {name}")


def _list(options: argparse.Namespace) -> None:
    at = Store(store.from_env())
    found = [Manifest.read(at, name) for name in manifests.names(at)]
    if options.json:
        print(json.dumps([manifest.media() for manifest in found]))
        return
    for manifest in found:
        print(f"{manifest.name}  {size(manifest)}")
    if not found:
        print(f"There is no backup in the bucket {at.place.bucket} at {at.place.endpoint}.")
