"""Two people who have nothing to do with each other, and one with a password."""

import pytest

from shared.db import Connection
from tests import second_factors, vaults
from tests.clients import Client
from tests.second_factors import Guarded
from tests.vaults import Person


@pytest.fixture
def someone(conn: Connection) -> Person:
    return vaults.person(conn)


@pytest.fixture
def another(conn: Connection) -> Person:
    return vaults.person(conn)


@pytest.fixture
def person(auth: Client, account: Client) -> Guarded:
    """Someone who is logged in by a password, and has no second factor yet."""
    return second_factors.unguarded(auth, account)
