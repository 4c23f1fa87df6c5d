"""The format of logs."""

import json
import logging
import logging.config

import psycopg
import pytest

from shared import log
from shared.db import Connection


def test_gunicorn_writes_json_and_leaves_requests_to_the_app(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = ("", "gunicorn.error", "gunicorn.access", "keyarc")
    loggers = [logging.getLogger(name) for name in names]
    before = [(one.handlers[:], one.level, one.propagate) for one in loggers]
    try:
        logging.config.dictConfig(log.settings("keys", "INFO"))
        logging.getLogger("gunicorn.error").info("Booting worker with pid: %s", 7)
        logging.getLogger("gunicorn.access").info("GET /?secret")
        logging.getLogger("keyarc").debug("unheard")
    finally:
        for one, (handlers, level, propagate) in zip(loggers, before, strict=True):
            one.handlers[:], one.propagate = handlers, propagate
            one.setLevel(level)

    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert line["message"] == "Booting worker with pid: 7"
    assert (line["service"], line["level"]) == ("keys", "INFO")


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            "Invalid request from ip=::1: Invalid HTTP request line: 'GET /?email=\xe9@example'",
            "Invalid request from ip=::1: Invalid HTTP request line",
        ),
        ("Error handling request /?email=a@example.com", "Error handling request"),
    ],
)
def test_a_request_that_gunicorn_cannot_read_is_not_quoted(message: str, told: str) -> None:
    record = logging.LogRecord("gunicorn.error", logging.WARNING, "", 0, message, (), None)

    assert json.loads(log.Json("edge").format(record))["message"] == told


def test_an_error_of_the_database_is_told_by_its_code_and_not_by_its_words(
    conn: Connection,
) -> None:
    with pytest.raises(psycopg.Error) as caught, conn.transaction():
        conn.execute("SELECT 'a secret'::integer")

    told = log.fault(caught.value)

    assert told["errors"] == ["InvalidTextRepresentation 22P02"]
    assert "secret" in str(caught.value)
    assert "secret" not in json.dumps(told["errors"])
