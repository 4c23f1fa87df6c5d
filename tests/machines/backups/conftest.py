"""An installation, and an operator who has its variables and its key."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from handlers.jobs import backup
from handlers.jobs.manifests import Manifest
from tests import databases
from tests.installations import Installation, installation, s3, template

__all__ = ["installation", "s3", "template"]


@pytest.fixture(autouse=True)
def environment(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator's variables."""
    for name, text in installation.environment.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setenv("BACKUP_KEEP", "")


@pytest.fixture
def key(installation: Installation, tmp_path: Path) -> Path:
    """The file with the private key."""
    file = tmp_path / "key"
    file.write_text(f"# a comment\n{installation.identity}\n")
    return file


@pytest.fixture
def made(installation: Installation) -> Manifest:
    """A backup of a vault."""
    installation.filled()
    return backup.make(installation.url, installation.store, installation.recipient)


@pytest.fixture
def empty(database_server: str) -> Iterator[str]:
    """The URL of an empty database."""
    with databases.fresh(database_server, f"keyarc_{uuid4().hex}") as url:
        yield url
