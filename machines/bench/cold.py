"""How long a sleeping machine keeps its first visitor waiting, and what it weighs awake.

From the start of the process, with its bytecode in place as in the image. Every round starts each
subject once, so that a busy machine is busy for all of them; the figures are medians.
"""

import hashlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from machines.bench.figures import Figure
from machines.bench.servers import BARE, Server
from machines.sockets import free_port
from machines.stack import SERVICES, Stack
from shared import access_tokens
from shared.access_tokens import Access

ROUNDS = 7
PYTHON, GUNICORN = "python -c pass", "bare gunicorn"
# The port is open and says so long before everything is loaded, so both are held: the first answer
# of any kind, and the first that needs all that the service is for.
RATIOS = {"gateway": 1.8, "auth": 2.5, "account": 2.5, "keys": 2.5}
REAL_RATIOS = {"gateway": 2.5, "auth": 3.5, "account": 3.8, "keys": 3.8}
MOST_MB = 60

HEALTH, REAL, MEMORY = "first 200", "first real answer", "memory"
REAL_SUBJECTS = {
    "auth": "first answer out of the database",
    "gateway": "first request handed on",
    "account": "first answer out of the database",
    "keys": "first answer out of the database",
}


@dataclass(frozen=True)
class Question:
    """A request whose answer needs all that the service is for."""

    status: int
    target: str
    headers: Mapping[str, str]
    method: str = "GET"
    body: bytes | None = field(default=None, repr=False)


def measure() -> Iterator[Figure]:
    """Yield the figures of every service."""
    taken: dict[tuple[str, str], list[float]] = defaultdict(list)
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(BARE) as behind,
        Stack(Path(folder) / "data", durable=False) as stack,
    ):
        environments = {name: stack.environment(name) | _counting() for name in RATIOS}
        environments["gateway"] |= {"KEYS_URL": behind.url}
        secret = environments["gateway"]["JWT_SECRET"]
        for number in range(ROUNDS + 1):
            # The first round only leaves the bytecode behind.
            for subject, what, value in _round(environments, secret):
                if number:
                    taken[subject, what].append(value)
    yield from _figures({key: statistics.median(values) for key, values in taken.items()})


def _counting() -> dict[str, str]:
    """Return what makes a service tell its metrics, as on Fly."""
    return {"METRICS_PORT": str(free_port()), "BIND_HOST": "127.0.0.1"}


def _round(
    environments: Mapping[str, Mapping[str, str]], secret: str
) -> Iterator[tuple[str, str, float]]:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    yield PYTHON, HEALTH, (time.perf_counter() - started) * 1000
    with Server(BARE) as server:
        yield GUNICORN, HEALTH, server.first_answer(200, "/")
        yield from _memory(GUNICORN, server)
    for name, env in environments.items():
        with Server(SERVICES[name].app, env) as server:
            yield name, HEALTH, server.first_answer(200, SERVICES[name].health)
        question = _question(name, secret, env)
        with Server(SERVICES[name].app, env) as server:
            took_ms = server.first_answer(
                question.status,
                question.target,
                question.headers,
                method=question.method,
                body=question.body,
            )
            yield name, REAL, took_ms
            yield from _memory(name, server)


def _memory(name: str, server: Server) -> Iterator[tuple[str, str, float]]:
    if (weight := server.memory_mb()) is not None:
        yield name, MEMORY, weight


def _question(name: str, secret: str, env: Mapping[str, str]) -> Question:
    host = env.get("PUBLIC_ORIGIN", "http://localhost").split(",")[0].removeprefix("http://")
    if name == "auth":
        headers = {"Host": host, "Content-Type": "application/json"}
        body = b'{"email": "someone@example.com"}'
        return Question(200, "/auth/prelogin", headers, "POST", body)
    nobody = Access(uuid4(), uuid4())
    if name == "gateway":
        token = access_tokens.sign_access((secret,), nobody.user_id, nobody.session_id)
        return Question(200, "/api/keys/x", {"Host": host, "Authorization": f"Bearer {token}"})
    # Only the database can know that this session is none.
    target = {"account": "/api/account/profile", "keys": f"/api/keys/vaults/{uuid4()}/secrets"}
    context: dict[str, Any] = {
        "audience": name,
        "method": "GET",
        "target": target[name],
        "body_hash": hashlib.sha256().digest(),
        "address": "127.0.0.1",
        "request_id": str(uuid4()),
    }
    signed = access_tokens.sign_context((secret,), nobody, **context)
    return Question(401, target[name], {"X-KeyArc-Context": signed})


def _figures(medians: Mapping[tuple[str, str], float]) -> Iterator[Figure]:
    python, gunicorn = medians[PYTHON, HEALTH], medians[GUNICORN, HEALTH]
    yield Figure("cold", f"{GUNICORN}, {HEALTH}", gunicorn, "ms", PYTHON, python)
    for name, most in RATIOS.items():
        value = medians[name, HEALTH]
        yield Figure("cold", f"{name}, {HEALTH}", value, "ms", GUNICORN, gunicorn, most_ratio=most)
    for name, subject in REAL_SUBJECTS.items():
        value, most = medians[name, REAL], REAL_RATIOS[name]
        about = f"{name}, {subject}"
        yield Figure("cold", about, value, "ms", GUNICORN, gunicorn, most_ratio=most)
    bare = medians.get((GUNICORN, MEMORY))
    for name in RATIOS:
        if (weight := medians.get((name, MEMORY))) is not None:
            yield Figure("cold", f"{name}, {MEMORY}", weight, "MB", GUNICORN, bare, most=MOST_MB)
