"""Objects go and come in streams; what is wrong with the store is said."""

import os
from dataclasses import replace
from hashlib import sha256

import pytest

from handlers.jobs import backup
from handlers.jobs.failures import Failure
from handlers.jobs.store import Store
from tests import installations
from tests.installations import Installation


def test_a_large_object_goes_in_parts(installation: Installation) -> None:
    pieces = [os.urandom(1 << 20) for _ in range(20)]

    with installation.store.upload("large") as upload:
        for piece in pieces:
            upload.write(piece)

    stored = installation.store.open("large").read()
    parts = installations.client(installation.store.place).head_object(
        Bucket=installation.store.place.bucket, Key="large", PartNumber=1
    )
    assert stored == b"".join(pieces)
    assert upload.sha256 == sha256(stored).hexdigest()
    assert parts["PartsCount"] == 3


def test_what_is_wrong_with_the_store_is_said(installation: Installation) -> None:
    place = installation.store.place
    nowhere = Store(replace(place, bucket="no-such-bucket"))
    silent = Store(replace(place, endpoint="http://127.0.0.1:9"))

    with pytest.raises(Failure, match="has no bucket no-such-bucket: make it, or set BACKUP_S3_B"):
        backup.make(installation.url, nowhere, installation.recipient)
    with pytest.raises(Failure, match=r"The store http://127\.0\.0\.1:9 cannot be reached"):
        backup.make(installation.url, silent, installation.recipient)
    with pytest.raises(Failure, match="The store nonsense is none"):
        Store(replace(place, endpoint="nonsense"))
