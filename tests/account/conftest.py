"""Two people who have nothing to do with each other."""

import pytest

from shared.db import Connection
from tests import vaults
from tests.vaults import Person


@pytest.fixture
def someone(conn: Connection) -> Person:
    return vaults.person(conn)


@pytest.fixture
def another(conn: Connection) -> Person:
    return vaults.person(conn)
