"""A machine is stopped or suspended whenever nobody asks; a request may come at that moment."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from machines.stack import Stack
from tests.gateway.wire import Recorded, Recorder, answering, eventually
from tests.machines.behaviour.alone import Alone, Later
from tests.machines.behaviour.conftest import NewService


def test_a_stop_during_a_request_answers_it_and_ends_well(
    stack: Stack, service: NewService
) -> None:
    auth = service("auth")
    auth.prelogin()
    with held_up(stack, auth) as (waiting, let_go):
        ending = Later(auth.stop)
        assert eventually(lambda: "Handling signal: term" in auth.log.read_text())
        answered_too_early = waiting.over
        let_go()

        assert (answered_too_early, waiting.result().status) == (False, 200)
        assert ending.result() == 0


@pytest.mark.parametrize("name", ["gateway", "edge"])
def test_a_stop_waits_for_the_service_behind(service: NewService, name: str) -> None:
    awake = threading.Event()

    def slowly(_asked: Recorded) -> bytes:
        awake.wait(10)
        return answering(b'{"status": "ready"}')

    behind = Recorder(answer=slowly)
    urls = dict.fromkeys(("ACCOUNT_URL", "KEYS_URL", "AUTH_URL", "GATEWAY_URL"), behind.url)
    handing_on = service(name, **urls)
    waiting = Later(handing_on.ask, "/api/ready")
    assert eventually(lambda: len(behind.requests) > 0, 20)

    ending = Later(handing_on.stop)
    assert eventually(lambda: "Handling signal: term" in handing_on.log.read_text())
    awake.set()

    assert waiting.result().status == 200
    assert ending.result() == 0
    behind.close()


@pytest.mark.parametrize(("arguments", "killed"), [((), False), (("--timeout=1",), True)])
def test_a_suspend_of_any_length_costs_no_worker(
    service: NewService, arguments: tuple[str, ...], killed: bool
) -> None:
    """With a timeout gunicorn takes the silence for a hang, as the second case shows."""
    auth = service("auth", *arguments)
    auth.prelogin()

    auth.freeze(1.5, master_first_s=1.5)

    assert auth.prelogin().status == 200
    if killed:
        assert eventually(lambda: "WORKER TIMEOUT" in auth.log.read_text())
    else:
        assert auth.log.read_text().count("Booting worker") == 1


def test_a_request_that_a_suspend_catches_is_answered_after_it(
    stack: Stack, service: NewService
) -> None:
    auth = service("auth")
    auth.prelogin()
    with held_up(stack, auth) as (waiting, let_go):
        auth.freeze(1)
        let_go()

    assert waiting.result().status == 200


@contextmanager
def held_up(stack: Stack, auth: Alone) -> Iterator[tuple[Later, Callable[[], None]]]:
    """Yield a request that waits for a lock in the database, and what lets it go on."""
    with psycopg.connect(stack.database_url) as other:
        other.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        waiting = Later(auth.prelogin)
        assert eventually(lambda: waits_for_a_lock(stack))
        yield waiting, other.rollback


def waits_for_a_lock(stack: Stack) -> bool:
    with psycopg.connect(stack.database_url) as conn:
        found = conn.execute("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return found.fetchone() is not None
