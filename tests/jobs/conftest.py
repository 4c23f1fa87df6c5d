"""An installation for each test of a job."""

from collections.abc import Iterator

import pytest
from pyrage import x25519

from tests import installations
from tests.installations import Installation


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The endpoint of a server that speaks S3."""
    with installations.s3() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def template(database_server: str) -> Iterator[str]:
    """A migrated database to be copied."""
    with installations.template(database_server) as url:
        yield url


@pytest.fixture
def installation(template: str, s3: str) -> Iterator[Installation]:
    """A migrated database of its own, an empty bucket, and a key."""
    with installations.copied(template) as url:
        yield Installation(url, installations.bucket(s3), x25519.Identity.generate())
