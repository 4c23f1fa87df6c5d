"""What the tests of restoring do again and again."""

import argparse

import psycopg

from handlers.jobs.manifests import Manifest
from machines.fly import backup_arguments, restore
from tests import installations
from tests.installations import Installation

TABLES = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"


def restored(*arguments: object) -> int:
    """Run ``python3 machines restore``."""
    parser = argparse.ArgumentParser()
    backup_arguments.restore(parser)
    return restore.run(parser.parse_args([str(each) for each in arguments]))


def tables(url: str) -> int:
    with psycopg.connect(url) as conn:
        (number,) = conn.execute(TABLES).fetchone() or (0,)
        return int(number)


def change_archive(installation: Installation, manifest: Manifest, content: bytes) -> None:
    """Put other bytes where a backup is."""
    place = installation.store.place
    installations.client(place).put_object(Bucket=place.bucket, Key=manifest.archive, Body=content)
