"""An installation that jobs and backups work on: a database of its own, and a bucket."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3
import psycopg
import pytest
from moto.server import ThreadedMotoServer
from psycopg import conninfo, sql
from pyrage import x25519

from handlers.jobs.store import Place, Store
from handlers.keys import routes
from shared import access_tokens
from tests import databases, vaults
from tests.clients import JWT_SECRET, Client
from tests.databases import OneTransaction
from tests.vaults import Vault


@dataclass(frozen=True)
class Installation:
    """What the operator has: the owner's URL, a bucket, and both halves of an age key."""

    url: str
    store: Store
    identity: x25519.Identity

    @property
    def recipient(self) -> str:
        return str(self.identity.to_public())

    @property
    def environment(self) -> dict[str, str]:
        """What jobs are told."""
        return {
            "DATABASE_URL": self.url,
            "BACKUP_S3_ENDPOINT": self.store.place.endpoint,
            "BACKUP_S3_BUCKET": self.store.place.bucket,
            "AWS_ACCESS_KEY_ID": self.store.place.key_id,
            "AWS_SECRET_ACCESS_KEY": self.store.place.secret_key,
            "BACKUP_AGE_RECIPIENT": self.recipient,
        }

    def filled(self, secrets: int = 3, inside: int = 1 << 15) -> Vault:
        """Store a vault that its owner has really signed; return it."""
        with psycopg.connect(self.url) as conn:
            vault = vaults.begin(conn)
            verifier = access_tokens.ContextVerifier(
                access_tokens.context_public_key(JWT_SECRET), "keys"
            )
            keys = Client(routes.create_app(OneTransaction(conn, "keyarc_keys"), verifier))
            keys.audience = "keys"
            contents = vault.fill(keys, secrets, inside=inside)
            vault.change(keys, contents[0].secret_id)
            vault.send(keys, [vault.delete(contents[1].secret_id)])
        return vault


@contextmanager
def user(installation: Installation) -> Iterator[tuple[str, sql.Identifier]]:
    """Yield the URL for someone new, who may nothing yet, and their name to grant rights to."""
    name, password = f"user_{uuid4().hex}", uuid4().hex
    role = sql.Identifier(name)
    with psycopg.connect(installation.url, autocommit=True) as conn:
        conn.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password))
        )
        yield conninfo.make_conninfo(installation.url, user=name, password=password), role
        conn.execute(sql.SQL("DROP OWNED BY {}").format(role))
        conn.execute(sql.SQL("DROP ROLE {}").format(role))


def bucket(endpoint: str) -> Store:
    """Return a new, empty one."""
    place = Place(endpoint, f"backups-{uuid4().hex}", "an id", "a secret key of nobody")
    client(place).create_bucket(Bucket=place.bucket)
    return Store(place)


def client(place: Place) -> Any:
    """Return what speaks S3, to look or meddle behind the store's back."""
    return boto3.client(
        "s3",
        endpoint_url=place.endpoint,
        aws_access_key_id=place.key_id,
        aws_secret_access_key=place.secret_key,
        region_name="us-east-1",
    )


@contextmanager
def copied(template_url: str) -> Iterator[str]:
    """Yield the URL of a database like the template; drop it afterwards."""
    name = f"copy_{uuid4().hex}"
    like = conninfo.conninfo_to_dict(template_url)["dbname"]
    server = conninfo.make_conninfo(template_url, dbname="postgres")
    with psycopg.connect(server, autocommit=True) as conn:
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        conn.execute(copy.format(sql.Identifier(name), sql.Identifier(str(like))))
        yield conninfo.make_conninfo(template_url, dbname=name)
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The endpoint of a server that speaks S3."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def template(database_server: str) -> Iterator[str]:
    """A migrated database to be copied."""
    with databases.fresh(database_server, f"template_{uuid4().hex}") as url:
        databases.migrate(url)
        yield url


@pytest.fixture
def installation(template: str, s3: str) -> Iterator[Installation]:
    """A migrated database of its own, an empty bucket, and a key."""
    with copied(template) as url:
        yield Installation(url, bucket(s3), x25519.Identity.generate())
