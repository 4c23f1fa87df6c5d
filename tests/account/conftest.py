"""Two people who have nothing to do with each other, and one with a password."""

import pytest

from shared.db import Connection
from shared.keyarc.commits import Role
from tests import rosters, second_factors, vaults
from tests.clients import Client
from tests.rosters import Invited, Link
from tests.second_factors import Guarded
from tests.vaults import Person, Vault


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


@pytest.fixture
def vault(conn: Connection) -> Vault:
    return vaults.begin(conn)


@pytest.fixture
def invited(conn: Connection, account: Client, vault: Vault, someone: Person) -> Invited:
    """An invitation by an admin."""
    rosters.change(account, vault, rosters.add(someone, Role.ADMIN))
    link = Link()
    rosters.change(account, vault, link.op, author=someone)
    return Invited(conn, account, vault, someone, link)
