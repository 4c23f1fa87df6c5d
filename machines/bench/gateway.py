"""What the gateway costs: the same load through it to a stub, and to the stub alone.

Load, gateway and stub share this machine's cores, so the rates are lower bounds.
"""

import secrets
from collections.abc import Iterator
from uuid import uuid4

from machines.bench import repeat
from machines.bench.figures import Figure
from machines.bench.servers import BARE, Server
from shared import access_tokens

CONNECTIONS = 8
SECONDS = 5.0
WARM_SECONDS = 1.0
ALONE = "stub alone"


def measure() -> Iterator[Figure]:
    """Yield rate and delays, for one caller at a time and for several."""
    secret = secrets.token_urlsafe(48)
    with Server(BARE) as stub:
        env = {
            "JWT_SECRET": secret,
            "PUBLIC_ORIGIN": "http://localhost",
            "ACCOUNT_URL": stub.url,
            "KEYS_URL": stub.url,
        }
        with Server("handlers.gateway.app:from_env()", env) as gateway:
            token = access_tokens.sign_access((secret,), uuid4(), uuid4())
            for connections in (1, CONNECTIONS):
                alone = _load(stub, "/", token, connections)
                through = _load(gateway, "/api/keys/x", token, connections)
                who = "one caller" if connections == 1 else f"{connections} callers"
                yield from _figures(who, through, alone)


def _load(server: Server, target: str, token: str, connections: int) -> repeat.Load:
    request = (
        f"GET {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
    ).encode()
    repeat.put(server.port, request, connections=connections, seconds=WARM_SECONDS)
    return repeat.put(server.port, request, connections=connections, seconds=SECONDS)


def _figures(who: str, through: repeat.Load, alone: repeat.Load) -> Iterator[Figure]:
    for subject, unit, value, yardstick in (
        ("requests", "/s", through.per_second, alone.per_second),
        ("median", "ms", through.p50_ms, alone.p50_ms),
        ("99th percentile", "ms", through.p99_ms, alone.p99_ms),
    ):
        yield Figure("gateway", f"{who}, {subject}", value, unit, ALONE, yardstick)
