"""The least that gunicorn can serve: what every service is held against."""

from typing import Any

BODY = b'{"status": "ok"}'
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]


def app(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer every request alike."""
    start_response("200 OK", HEADERS)
    return [BODY]
