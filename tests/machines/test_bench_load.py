"""The load of ``bench load``: devices that really read, commit, lose races and count them."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from machines.bench import load
from machines.bench.devices import COMMIT, READ, Answer, Device, Place, Tally, signed_up
from machines.stack import Stack


async def used(stack: Stack) -> list[Tally]:
    """What two devices of one person met in their only vault within a second."""
    host = urlsplit(stack.url).netloc
    port = {name: urlsplit(url).port or 0 for name, url in stack.service_urls.items()}
    gateway = Place(port["gateway"], host)
    person = await signed_up(Place(port["auth"], host), gateway, 1)
    devices = [Device(person, gateway, seed) for seed in range(2)]
    until = time.perf_counter() + 1
    await asyncio.gather(*(device.work(until) for device in devices))
    [vault_id] = person.vaults
    history = await gateway.ask("GET", f"/api/keys/vaults/{vault_id}/commits", token=person.token)
    kept = len(history.json["items"]) - 2  # all but the genesis and the first secrets
    tallies = [device.tally for device in devices]
    sent = sum(len(tally.ms[COMMIT]) - tally.conflicts for tally in tallies)
    assert kept == sent > 0
    return tallies


def test_devices_read_and_commit_and_every_commit_that_was_taken_is_there(stack: Stack) -> None:
    with ThreadPoolExecutor(1) as alone:  # a browser may have a loop in this thread
        tallies = alone.submit(asyncio.run, used(stack)).result()

    assert all(tally.ms[READ] for tally in tallies)
    assert sum(tally.errors for tally in tallies) == 0


@pytest.mark.parametrize(
    ("kind", "status", "conflicts", "errors"),
    [
        (READ, 200, 0, 0),
        (READ, 409, 0, 1),
        (READ, 503, 0, 1),
        (COMMIT, 201, 0, 0),
        (COMMIT, 409, 1, 0),
        (COMMIT, 0, 0, 1),
    ],
)
def test_a_commit_that_came_second_is_a_conflict_and_no_error(
    kind: str, status: int, conflicts: int, errors: int
) -> None:
    tally = Tally()

    tally.add(kind, Answer(status, b"", 1.5))

    assert (tally.conflicts, tally.errors, tally.ms[kind]) == (conflicts, errors, [1.5])


def test_each_number_of_processes_is_held_against_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "PROCESSES", (1, 2))
    for name in ("WARM_SECONDS", "SECONDS", "BARE_SECONDS"):
        monkeypatch.setattr(load, name, 0.5)

    figures = {figure.subject: figure for figure in load.measure()}

    assert figures["1 process, requests"].yardstick == "bare gunicorn"
    assert figures["2 processes, requests"].yardstick == "1 process"
    assert figures["2 processes, requests"].value > 0
    assert figures["2 processes, errors"].reached
    assert figures["1 process, processor time of a request, PostgreSQL"].value > 0
