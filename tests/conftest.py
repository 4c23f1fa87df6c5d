"""What every test may ask for: a database, a client of each service, and the whole stack."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from uuid import uuid4

import psycopg
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from handlers.account import routes as account_routes
from handlers.auth import routes as auth_routes
from handlers.keys import routes as keys_routes
from machines.postgres import Postgres
from machines.stack import Stack
from shared import access_tokens, browsers
from shared.access_tokens import ContextVerifier
from shared.db import Connection
from tests import databases
from tests.clients import JWT_SECRET, ORIGIN, Client
from tests.databases import OneTransaction

# What the tests of these files have in common takes long to make, or uses both cores.
TOGETHER = (
    ("tests/evil/",),
    ("tests/machines/backups/", "tests/jobs/"),
    ("tests/machines/fly/",),
    ("tests/machines/growing/",),
    ("tests/machines/images/",),
    ("tests/machines/test_bench",),
    ("tests/watching/",),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("keyarc")
    group.addoption(
        "--processes",
        type=int,
        default=1,
        metavar="N",
        help="how many processes each service of the running stack has (default: 1)",
    )
    group.addoption(
        "--pooled", action="store_true", help="PgBouncer before the database of the services"
    )
    group.addoption(
        "--of-stack", action="store_true", help="only the tests that ask the running stack"
    )


class Together(LoadScopeScheduling):
    """A file's tests, or those of several files, run in one test process; the most go first."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((str(each) for each in TOGETHER if file.startswith(each)), file)


# What starts processes and browsers goes first, so that no worker ends with a long file alone.
FIRST = ("evil", "web", "keyarc_client", "cli", "machines", "watching")
SLOW = tuple(f"tests/{part}/" for part in FIRST)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    config.option.loadscopereorder = False  # the order is that of `pytest_collection_modifyitems`
    return Together(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("of_stack"):
        asking = [item for item in items if "stack" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=[item for item in items if item not in asking])
        items[:] = asking
    items.sort(key=lambda item: not item.nodeid.startswith(SLOW))


@pytest.fixture(scope="session")
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The superuser's URL of DATABASE_URL's server, or of one of our own for each test process."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    with Postgres(tmp_path_factory.mktemp("postgres"), durable=False) as server:
        yield server.url


@pytest.fixture(scope="session")
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, database_server: str
) -> Iterator[str]:
    """The superuser's URL of a migrated database."""
    with ExitStack() as undo:
        url = undo.enter_context(databases.fresh(database_server, f"keyarc_{uuid4().hex}"))
        databases.migrate(url)
        if request.config.getoption("pooled"):
            url = undo.enter_context(databases.pooled(tmp_path_factory.mktemp("pooler"), url))
        yield url


@pytest.fixture
def conn(database: str) -> Iterator[Connection]:
    """The superuser's connection, in a transaction that is undone."""
    with psycopg.connect(database) as conn, conn.transaction(force_rollback=True):
        yield conn


@pytest.fixture
def auth(conn: Connection) -> Client:
    pool = OneTransaction(conn, "keyarc_auth")
    return Client(auth_routes.create_app(pool, (JWT_SECRET,), browsers.Origins(ORIGIN)))


@pytest.fixture
def account(conn: Connection) -> Client:
    pool = OneTransaction(conn, "keyarc_account")
    client = Client(account_routes.create_app(pool, verifier("account")))
    client.audience = "account"
    return client


@pytest.fixture
def keys(conn: Connection) -> Client:
    pool = OneTransaction(conn, "keyarc_keys")
    client = Client(keys_routes.create_app(pool, verifier("keys")))
    client.audience = "keys"
    return client


@pytest.fixture(scope="session")
def stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """All services as real processes behind the edge, with a database of their own."""
    with ExitStack() as undo:
        database = None
        if server := os.environ.get("DATABASE_URL"):
            name = f"keyarc_{uuid4().hex}"
            database = undo.enter_context(databases.fresh(server, name))
        folder = tmp_path_factory.mktemp("stack")
        form = {name: request.config.getoption(name) for name in ("processes", "pooled")}
        yield undo.enter_context(Stack(folder, database=database, durable=False, **form))


def verifier(audience: str) -> ContextVerifier:
    """Return what believes the contexts that the tests sign."""
    return ContextVerifier(access_tokens.context_public_key(JWT_SECRET), audience)
