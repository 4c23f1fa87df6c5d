"""Makes the day's backup: dumped, sealed and stored in one stream, readable by nobody here."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyrage
from pyrage import x25519

from handlers.jobs import manifests, programs, run, store, streams
from handlers.jobs.failures import Failure
from handlers.jobs.manifests import Contents, Manifest
from handlers.jobs.retention import Keep
from handlers.jobs.store import Place, Store
from handlers.jobs.streams import Held, Readable, Writable
from shared.db import Connection

LOG = logging.getLogger("keyarc")

DUMP = (
    *("--format=custom", "--compress=gzip:1", "--no-password", "--lock-wait-timeout=60s"),
    # What belongs to the server it came from, and not to KeyArc.
    *("--no-owner", "--no-tablespaces", "--no-publications", "--no-subscriptions"),
    *("--no-security-labels", "--exclude-extension=*"),
)


@dataclass(frozen=True)
class Target:
    """Where backups go, for whom they are sealed (age's public key opens nothing), which stay."""

    place: Place
    recipient: str
    keep: Keep


def from_env() -> Target:
    """Read where backups go, for whom they are sealed, and which stay (``BACKUP_KEEP=7/4/12``)."""
    place = store.from_env("BACKUP_AGE_RECIPIENT")
    return Target(place, os.environ["BACKUP_AGE_RECIPIENT"], Keep.from_env())


def work(url: str) -> Mapping[str, Any]:
    """Make one backup, whichever days were missed: yesterday's state is gone."""
    target = from_env()
    at = Store(target.place)
    manifest = make(url, at, target.recipient)
    removed = thin_out(at, target.keep)
    return {
        "name": manifest.name,
        "size": manifest.size,
        "sha256": manifest.sha256,
        "migration": manifest.contents.migration,
        "rows": sum(manifest.contents.rows.values()),
        "removed": removed,
    }


def make(url: str, at: Store, recipient: str) -> Manifest:
    """Store a backup of the whole database and, when that stands, its manifest."""
    sealed_for = _recipient(recipient)
    with run.connection(url) as conn, _snapshot(conn) as snapshot:
        contents = Contents.of(conn)
        name = manifests.named(contents)
        command = [programs.path("pg_dump"), *DUMP, f"--snapshot={snapshot}"]
        with (
            at.upload(name + manifests.ARCHIVE) as upload,
            streams.output(command, programs.environment(url), "pg_dump") as dump,
        ):
            _seal(dump, upload, sealed_for)
    manifest = Manifest(name, upload.size, upload.sha256, recipient, contents)
    if at.size(manifest.archive) != manifest.size:
        raise Failure(f"The store has kept another size of {manifest.archive} than it was sent.")
    at.write_json(name + manifests.MANIFEST, manifest.media())
    return manifest


def thin_out(at: Store, keep: Keep) -> list[str]:
    """Remove the backups that are not kept; return their names.

    Where the server's key may not delete, which is safer, the store must see to it by itself.
    """
    removed = superfluous(at, keep)
    try:
        for name in removed:
            at.remove(name + manifests.ARCHIVE)
            at.remove(name + manifests.MANIFEST)
    except Failure as ex:
        LOG.warning("old backups stay: %s", ex)
        return []
    return removed


def superfluous(at: Store, keep: Keep) -> list[str]:
    """Return the names of the backups that *keep* does not hold."""
    names = manifests.names(at)
    kept = keep.kept(map(manifests.made_at, names))
    return [name for name in names if manifests.made_at(name) not in kept]


@contextmanager
def _snapshot(conn: Connection) -> Iterator[str]:
    """Hold one instant of the database: what is counted is what is dumped."""
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        conn.execute("SET LOCAL statement_timeout = 0")
        conn.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        row = conn.execute("SELECT pg_export_snapshot()").fetchone()
        yield str(row[0]) if row else ""


def _seal(source: Readable, target: Writable, recipient: x25519.Recipient) -> None:
    reader, writer = Held(source=source), Held(target=target)
    try:
        pyrage.encrypt_io(reader, writer, [recipient])
    except (pyrage.EncryptError, OSError):
        if ex := reader.ex or writer.ex:
            raise ex from None
        raise


def _recipient(text: str) -> x25519.Recipient:
    try:
        return x25519.Recipient.from_str(text)
    except pyrage.RecipientError as ex:
        raise Failure(
            "BACKUP_AGE_RECIPIENT is no public key of age: `python3 machines backup key` makes one."
        ) from ex
