"""A service is well before it has loaded, waits with the rest, and never pretends."""

import gc
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from shared import waking
from tests.databases import ROOT

CONFIG = ROOT / "machines" / "gunicorn.conf.py"
PATIENCE_S = 60


def app(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("201 Created", [])
    return [b"loaded"]


def ask(service: waking.Service, method: str, path: str) -> tuple[str, bytes]:
    told: list[str] = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path}
    body = service(environ, lambda status, _headers: told.append(status))
    return told[0], b"".join(body)


def served(target: str, folder: Path, env: Mapping[str, str]) -> tuple[int, str]:
    """Serve *target* until it ends by itself; return how it ended and what it said."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        bind = f"--bind=fd://{listening.fileno()}"
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", f"--config={CONFIG}", bind, target],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), **env},
            pass_fds=[listening.fileno()],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            said, _ = process.communicate(timeout=PATIENCE_S)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    return process.returncode, said


def test_health_answers_while_the_rest_loads_and_what_needs_it_waits() -> None:
    load, waiting = threading.Event(), threading.Event()
    answers: list[tuple[str, bytes]] = []

    def slowly() -> waking.Wsgi:
        waiting.set()
        assert load.wait(PATIENCE_S)
        return app

    service = waking.Service("/x/health", slowly)
    service.begin()
    assert waiting.wait(PATIENCE_S)

    early = ask(service, "GET", "/x/health")
    other = threading.Thread(target=lambda: answers.append(ask(service, "GET", "/x/things")))
    other.start()
    assert (early, answers) == (("200 OK", b'{"status": "ok"}'), [])
    load.set()
    other.join(PATIENCE_S)

    assert answers == [("201 Created", b"loaded")]
    assert ask(service, "GET", "/x/health") == ("201 Created", b"loaded")
    assert gc.isenabled()


def test_only_the_question_for_health_is_answered_early() -> None:
    service = waking.Service("/x/health", lambda: app)
    answers: list[tuple[str, bytes]] = []
    asked = [("POST", "/x/health"), ("GET", "/x/health/"), ("GET", "/x/ready"), ("HEAD", "/")]
    threads = [
        threading.Thread(target=lambda one=one: answers.append(ask(service, *one))) for one in asked
    ]
    for thread in threads:
        thread.start()
    assert answers == []

    service.begin()
    for thread in threads:
        thread.join(PATIENCE_S)

    assert answers == [("201 Created", b"loaded")] * len(asked)


def test_a_service_that_cannot_load_ends_with_all_of_gunicorn(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(
        textwrap.dedent(
            """
            from shared import waking

            def load():
                raise ValueError("a value that nobody may read")

            service = waking.Service("/health", load)
            """
        )
    )

    code, said = served("broken:service", tmp_path, {})

    assert code == waking.BOOT_FAILED
    assert '"message": "not loaded"' in said
    assert '"errors": ["ValueError"]' in said
    assert "broken.py:5 load" in said
    assert "a value that nobody may read" not in said


@pytest.mark.parametrize("service", ["account", "auth", "gateway", "keys"])
def test_a_missing_setting_ends_the_boot_before_the_port_is_served(
    tmp_path: Path, service: str
) -> None:
    first = {"gateway": "ACCOUNT_URL"}.get(service, "DATABASE_URL")

    code, said = served(f"handlers.{service}.app:from_env()", tmp_path, {})

    assert code != 0
    assert f"{first} is not set." in said
    assert "Booting worker" not in said


def test_a_metrics_port_that_is_taken_ends_the_boot(tmp_path: Path) -> None:
    url = "http://127.0.0.1:9"
    env = {"ACCOUNT_URL": url, "KEYS_URL": url, "PUBLIC_ORIGIN": url, "JWT_SECRET": "x" * 32}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        code, said = served(
            "handlers.gateway.app:from_env()",
            tmp_path,
            env | {"METRICS_PORT": port, "BIND_HOST": "127.0.0.1"},
        )
        wrong, why = served(
            "handlers.gateway.app:from_env()", tmp_path, env | {"METRICS_PORT": "none"}
        )

    assert code == waking.BOOT_FAILED
    assert "shared/metrics.py" in said
    assert wrong != 0
    assert "METRICS_PORT: " in why


def test_what_is_answered_early_is_not_cached() -> None:
    told: list[list[tuple[str, str]]] = []
    service = waking.Service("/x/health", lambda: app)

    service(
        {"REQUEST_METHOD": "GET", "PATH_INFO": "/x/health"},
        lambda _status, headers: told.append(headers),
    )

    assert ("Cache-Control", "no-store") in told[0]
