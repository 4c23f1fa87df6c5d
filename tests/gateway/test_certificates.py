"""The date of a certificate is told, also of one that nobody should trust."""

import datetime as dt
from pathlib import Path

import pytest

from handlers.gateway import certificates
from tests.watching.certificate import shown


@pytest.mark.parametrize("days", [-3, 80])
def test_a_certificate_tells_until_when_it_is_good(tmp_path: Path, days: int) -> None:
    until = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(days=days)

    with shown(tmp_path, until) as origin:
        [reading] = certificates.readings([origin])

    assert reading.value == until.timestamp()
    assert reading.labels == {"origin": origin}


def test_what_has_no_certificate_or_does_not_answer_tells_nothing() -> None:
    origins = ["http://localhost", "https://127.0.0.1:9", "https://nowhere.invalid"]

    assert list(certificates.readings(origins)) == []
