"""Logs: one JSON object a line, of named fields only, so that no secret slips in."""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent

# gunicorn goes on to quote the request: its target may name a person.
_QUOTING = re.compile(
    r"""(Invalid request from ip=\S+: [^:'"]*|Error handling request).*""", re.DOTALL
)


class Json(logging.Formatter):
    """Writes time, level, service, the message, and what the caller put into ``extra["line"]``."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "service": self._service,
            "message": _QUOTING.sub(r"\1", record.getMessage()),
        }
        line |= getattr(record, "line", {})
        if record.exc_info and record.exc_info[1]:
            line |= fault(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def fault(ex: BaseException) -> dict[str, Any]:
    """Return what went wrong and where, without messages: those may quote what a person sent."""
    errors: list[str] = []
    cause: BaseException | None = ex
    while cause:
        state = getattr(cause, "sqlstate", None)
        errors.append(type(cause).__qualname__ + (f" {state}" if state else ""))
        cause = cause.__cause__ or cause.__context__
    frames = traceback.extract_tb(ex.__traceback__)
    where = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    return {"errors": errors, "where": where}


def settings(service: str, level: str = "INFO") -> dict[str, Any]:
    """Return gunicorn's ``logconfig_dict``: its words as JSON; requests are told by the app."""
    to_stdout = {"handlers": ["stdout"], "level": level, "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "shared.log.Json", "service": service}},
        "handlers": {
            "stdout": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "stream": "ext://sys.stdout",
            }
        },
        "root": {"handlers": ["stdout"], "level": level},
        "loggers": {
            "gunicorn.error": to_stdout,
            "gunicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
        },
    }


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path.name)
