"""Somebody who has second factors."""

import pytest

from shared.db import Connection
from tests import second_factors
from tests.clients import Client
from tests.second_factors import Guarded


@pytest.fixture
def unguarded(auth: Client, account: Client) -> Guarded:
    """Someone who is logged in, and has no second factor yet."""
    return second_factors.unguarded(auth, account)


@pytest.fixture
def guarded(unguarded: Guarded, conn: Connection) -> Guarded:
    """Someone with an authenticator app; the code of this moment is used."""
    unguarded.add_totp(second_factors.now(conn))
    return unguarded


@pytest.fixture
def holder(unguarded: Guarded) -> Guarded:
    """Someone with a passkey."""
    unguarded.add_passkey()
    return unguarded
