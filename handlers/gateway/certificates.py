"""Until when the certificate of each public address is good, as anybody would see it.

A handshake and no request: Fly's proxy answers it by itself, and no machine wakes.
"""

import socket
import ssl
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from shared.metrics import Reading

NAME = "keyarc_certificate_expiry_timestamp_seconds"
MEANING = "Until when the certificate is good, in seconds since 1970."
PATIENCE_SECONDS = 5


def readings(origins: Iterable[str]) -> Iterator[Reading]:
    """Yield one for each origin with a certificate; none of those that do not answer."""
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme != "https" or not parts.hostname:
            continue
        try:
            good_until = _good_until(parts.hostname, parts.port or 443)
        except (OSError, ValueError):
            continue
        yield Reading(NAME, MEANING, good_until, {"origin": origin})


def _good_until(host: str, port: int) -> float:
    from cryptography import x509  # noqa: PLC0415 - once in hours

    context = ssl.create_default_context()
    # Its date is asked for, also when it is past. Nothing is told to who is at the other end.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((host, port), PATIENCE_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as line,
    ):
        raw = line.getpeercert(binary_form=True) or b""
    return x509.load_der_x509_certificate(raw).not_valid_after_utc.timestamp()
