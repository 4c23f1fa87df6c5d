"""Two people who have nothing to do with each other, one with a password; and two at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

import psycopg
import pytest
from falcon.testing import Result

from handlers.account import routes as account_routes
from handlers.keys import routes as keys_routes
from shared.db import Connection
from shared.keyarc.commits import Role
from tests import rosters, second_factors, vaults, waiting
from tests.clients import Client
from tests.conftest import verifier
from tests.databases import AsRole
from tests.rosters import Invited, Link
from tests.second_factors import Guarded
from tests.vaults import Person, Vault

TABLES = "users, vaults, audit_log, audit_heads, limits"
VAULT: LiteralString = "SELECT FROM vaults WHERE vault_id = %s FOR UPDATE"
Ask = Callable[[], Result]


@dataclass
class Services:
    """Two services over one database in which what is done stays done."""

    database: str
    conn: Connection
    account: Client
    keys: Client

    def at_once(
        self, held: UUID, first: Ask, second: Ask, *, hold: LiteralString = VAULT
    ) -> tuple[Result, Result]:
        """Ask while somebody holds a vault, or what *hold* finds, in turn; give both answers."""
        answers: list[Future[Result]] = []
        with ThreadPoolExecutor(2) as threads:
            with psycopg.connect(self.database) as holder:
                holder.execute(hold, (held,))
                for count, ask in enumerate((first, second), start=1):
                    answers.append(threads.submit(ask))
                    waiting.until_locked_out(self.database, count)
            return answers[0].result(), answers[1].result()


@pytest.fixture
def services(database: str) -> Iterator[Services]:
    pools = {name: AsRole(database, f"keyarc_{name}") for name in ("account", "keys")}
    account = Client(account_routes.create_app(pools["account"], verifier("account")))
    keys = Client(keys_routes.create_app(pools["keys"], verifier("keys")))
    account.audience, keys.audience = "account", "keys"
    with psycopg.connect(database, autocommit=True) as conn:
        yield Services(database, conn, account, keys)
        for pool in pools.values():
            pool.close()
        conn.execute(f"TRUNCATE {TABLES} CASCADE")


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
