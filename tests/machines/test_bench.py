"""Figures: how they are shown, when an aim counts as reached, and that the small ones are taken."""

import json
import os
from collections.abc import Callable, Iterator

import pytest

from machines import bench
from machines.bench import (
    cli,
    cold,
    enumeration,
    figures,
    gateway,
    load,
    login,
    repeat,
    sync,
    unlock,
    wake,
)
from machines.bench.figures import Figure
from machines.bench.servers import BARE, Server
from machines.failures import Failure

FIGURE = Figure("cold", "gateway", 222.0, "ms", "bare gunicorn", 111.0, most_ratio=2.2)
MISSED = Figure("cold", "auth", 80.0, "MB", "bare gunicorn", 20.0, most=60)
PLAIN = Figure("cold", "derive", 0.1234, "ms")


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two benches that measure nothing."""

    def of(*found: Figure) -> Callable[[], Iterator[Figure]]:
        return lambda: iter(found)

    monkeypatch.setattr(cold, "measure", of(FIGURE, PLAIN))
    monkeypatch.setattr(gateway, "measure", of(MISSED))


def test_every_name_has_a_module_that_measures() -> None:
    modules = (cold, gateway, cli, sync, login, wake, load, unlock, enumeration)

    assert [module.__name__.rpartition(".")[2] for module in modules] == list(bench.NAMES)
    assert all(callable(module.measure) for module in modules)


@pytest.mark.usefixtures("measured")
def test_a_figure_is_one_json_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.show(["cold"], as_json=True) == 0

    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first == {
        "bench": "cold",
        "subject": "gateway",
        "value": 222.0,
        "unit": "ms",
        "yardstick": "bare gunicorn",
        "yardstick_value": 111.0,
        "ratio": 2.0,
    }
    assert (second["value"], second["yardstick"], second["ratio"]) == (0.1234, None, None)


@pytest.mark.usefixtures("measured")
def test_the_table_says_which_aims_are_missed(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.show(["cold", "gateway"], as_json=False) == 0

    shown = capsys.readouterr().out
    assert "2.00 ×" in shown
    assert "≤ 2.2 × reached" in shown
    assert "≤ 60 MB MISSED" in shown
    assert all(line == line.rstrip() for line in shown.splitlines())


@pytest.mark.usefixtures("measured")
def test_only_a_strict_run_fails_where_an_aim_is_missed() -> None:
    assert bench.show(["gateway"], as_json=True) == 0
    assert bench.show(["gateway"], as_json=True, strict=True) == 1
    assert bench.show(["cold"], as_json=True, strict=True) == 0


def test_an_unknown_name_is_told_with_those_that_are_known() -> None:
    with pytest.raises(Failure, match="There is no bench warm; there are cold, gateway"):
        bench.show(["cold", "warm"], as_json=True)


@pytest.mark.parametrize(
    ("figure", "reached"),
    [
        (FIGURE, True),
        (MISSED, False),
        (PLAIN, None),
        (Figure("b", "s", 2.21, "ms", "y", 1.0, most_ratio=2.2), False),
        (Figure("b", "s", 60.0, "MB", "y", 1.0, most=60), True),
        (Figure("b", "s", 1.0, "ms", most_ratio=2.2), None),
    ],
)
def test_an_aim_is_the_most_that_is_allowed(figure: Figure, reached: bool | None) -> None:
    assert figure.reached is reached


@pytest.mark.parametrize(
    ("value", "text"), [(0.1234, "0.12"), (9.999, "10.00"), (12.34, "12.3"), (1234.5, "1,234")]
)
def test_numbers_are_shown_with_the_digits_that_mean_something(value: float, text: str) -> None:
    assert figures.shown(value) == text


def test_a_server_is_measured_from_its_start_and_ended_after() -> None:
    with Server(BARE) as server:
        first_ms = server.first_answer(200, "/")
        found = repeat.put(server.port, b"GET / HTTP/1.1\r\n\r\n", connections=2, seconds=0.2)
        weight = server.memory_mb()

        assert 10 < first_ms < 30_000
        assert found.per_second > 10
        assert 0 < found.p50_ms <= found.p99_ms
        assert weight is None or 5 < weight < 100
        with pytest.raises(Failure, match="404"):
            server.first_answer(404, "/")

    with pytest.raises(Failure, match="does not start"):
        server.first_answer(200, "/")


def test_a_load_that_is_refused_is_no_figure() -> None:
    env = dict.fromkeys(("PUBLIC_ORIGIN", "ACCOUNT_URL", "KEYS_URL"), "http://localhost")
    with Server(
        "handlers.gateway.app:from_env()", env | {"JWT_SECRET": os.urandom(32).hex()}
    ) as it:
        it.first_answer(200, "/api/health")

        with pytest.raises(Failure, match="401"):
            repeat.put(
                it.port,
                b"GET /api/keys/x HTTP/1.1\r\nHost: localhost\r\n\r\n",
                connections=1,
                seconds=1,
            )
