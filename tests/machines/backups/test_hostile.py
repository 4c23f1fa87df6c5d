"""Anybody who may write to the bucket can seal a backup: it may not harm who tries it out."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import psycopg
import pyrage
import pytest

from handlers.jobs import backup, manifests
from handlers.jobs.manifests import Manifest
from machines.failures import Failure
from tests.installations import Installation
from tests.machines.backups.restoring import change_archive, restored

ROOM = "A" * 300


@pytest.fixture
def roomy(installation: Installation) -> Manifest:
    """A backup with a place in its table of contents for other statements."""
    installation.filled()
    with psycopg.connect(installation.url) as conn:
        conn.execute(f"COMMENT ON TABLE users IS '{ROOM}'")
    return backup.make(installation.url, installation.store, installation.recipient)


def plant(installation: Installation, made: Manifest, statements: str) -> None:
    """Put a backup with *statements*, and a manifest that suits it, in the place of another."""
    sealed = installation.store.open(made.archive).read()
    content = pyrage.decrypt(sealed, [installation.identity])
    place = f"COMMENT ON TABLE public.users IS '{ROOM}';".encode()
    changed = content.replace(place, statements.encode().ljust(len(place)))
    assert changed != content
    sealed = pyrage.encrypt(changed, [installation.identity.to_public()])
    change_archive(installation, made, sealed)
    forged = replace(made, size=len(sealed), sha256=sha256(sealed).hexdigest())
    installation.store.write_json(made.name + manifests.MANIFEST, forged.media())


@pytest.mark.parametrize(
    ("statements", "why"),
    [
        (
            "CREATE TEMP TABLE said (it text); COPY said FROM PROGRAM 'id';",
            "permission denied to COPY to or from an external program",
        ),
        (
            "CREATE TEMP TABLE said (it text); COPY said FROM '/etc/hostname';",
            "permission denied to COPY from a file",
        ),
        ("ALTER ROLE CURRENT_USER SUPERUSER;", "permission denied to alter role"),
        ("\n\\! id\n", "backslash commands are restricted"),
    ],
    ids=["program", "file", "superuser", "shell"],
)
def test_a_drill_lets_a_backup_do_nothing_outside_its_database(
    installation: Installation, roomy: Manifest, key: Path, statements: str, why: str
) -> None:
    plant(installation, roomy, statements)

    with pytest.raises(Failure, match=f"Nothing was restored: .*{why}"):
        restored("--drill", "--identity", key)


@pytest.mark.parametrize("forged", [{"name": "\x1b[2J"}, {"size": "x"}, {"sha256": "\x1b[2J"}])
def test_a_manifest_says_nothing_else_than_a_manifest_can(
    installation: Installation, roomy: Manifest, key: Path, forged: dict[str, str]
) -> None:
    installation.store.write_json(roomy.name + manifests.MANIFEST, roomy.media() | forged)

    with pytest.raises(Failure, match=f"{roomy.name}.json is not the manifest of a backup"):
        restored("--drill", "--identity", key)
