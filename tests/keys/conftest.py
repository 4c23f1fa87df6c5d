"""A vault with an owner, and someone who is none of its members."""

import pytest

from shared.db import Connection
from tests import vaults
from tests.vaults import Person, Vault


@pytest.fixture
def vault(conn: Connection) -> Vault:
    return vaults.begin(conn)


@pytest.fixture
def stranger(conn: Connection) -> Person:
    return vaults.person(conn)
