"""Three processes of each service behind one address, and PgBouncer before their database."""

from collections.abc import Iterator

import psycopg
import pytest

from machines import debian
from machines.stack import Stack
from shared.db import Connection
from tests import vaults
from tests.vaults import Person, Vault


@pytest.fixture(scope="package")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    if debian.missing("pgbouncer"):
        pytest.skip("there is no pgbouncer on this machine")
    folder = tmp_path_factory.mktemp("grown")
    with Stack(folder, durable=False, processes=3, pooled=True) as stack:
        yield stack


@pytest.fixture
def owner(grown: Stack) -> Iterator[Connection]:
    """The owner's own connection to the database, past the pooler."""
    with psycopg.connect(grown.database_url, autocommit=True) as conn:
        yield conn


@pytest.fixture
def person(owner: Connection) -> Person:
    """Someone who is signed in."""
    return vaults.person(owner)


@pytest.fixture
def vault(owner: Connection) -> Vault:
    """A vault of someone who is signed in."""
    return vaults.begin(owner)
