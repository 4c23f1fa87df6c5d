"""Asleep until asked, and asleep again: how a machine wakes, rests, crashes and ends."""

import http.client
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from machines.sleepy.rules import By
from tests.gateway.wire import eventually
from tests.machines.sleepy.conftest import NewMachine

SOON_S = 0.3
WAYS: tuple[By, By] = ("stop", "suspend")
ASLEEP = {"stop": "stopped", "suspend": "suspended"}


def test_a_request_starts_it_and_is_held_until_it_listens(machine: NewMachine) -> None:
    sleeping = machine()
    (sleeping.folder / "delay").write_text("0.5")
    before = sleeping.state

    answer = sleeping.ask()

    assert (before, answer.status, sleeping.state) == ("stopped", 200, "started")
    assert sleeping.said[0] == "keyarc-echo starts"
    assert sleeping.said[1].startswith("keyarc-echo is awake after ")


def test_several_requests_at_once_wake_it_once(machine: NewMachine) -> None:
    sleeping = machine()
    (sleeping.folder / "delay").write_text("0.5")

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(sleeping.ask, ["/"] * 8))

    assert {answer.status for answer in answers} == {200}
    assert len({answer.told["pid"] for answer in answers}) == 1
    assert sleeping.lines("starts") == ["started"]


@pytest.mark.parametrize("by", WAYS)
def test_it_falls_asleep_when_nobody_asks_and_wakes_again(machine: NewMachine, by: By) -> None:
    sleeping = machine(idle_s=SOON_S, by=by)
    first = sleeping.ask().told["pid"]

    assert eventually(lambda: sleeping.state == ASLEEP[by])
    assert eventually(
        lambda: sleeping.said[-1] == f"keyarc-echo is {ASLEEP[by]}: nobody asked for 0.3 s"
    )
    second = sleeping.ask().told["pid"]

    assert (second == first) == (by == "suspend")


def test_a_request_under_way_keeps_it_awake(machine: NewMachine) -> None:
    sleeping = machine(idle_s=SOON_S)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(sleeping.ask, "/wait")
        assert eventually(lambda: sleeping.lines("asked") == ["/wait"])
        time.sleep(3 * SOON_S)
        sleeping.sleep()
        while_waiting = sleeping.state
        (sleeping.folder / "go").touch()

        assert (while_waiting, waiting.result().status) == ("started", 200)
    assert eventually(lambda: sleeping.state == "stopped")


def test_an_open_connection_without_a_request_does_not_keep_it_awake(machine: NewMachine) -> None:
    sleeping = machine(idle_s=SOON_S)
    connection = http.client.HTTPConnection("127.0.0.1", sleeping.port, timeout=30)
    for _ in range(2):
        connection.request("GET", "/")
        assert connection.getresponse().read()

        assert eventually(lambda: sleeping.state == "stopped")
    connection.close()


def test_what_asks_the_machine_itself_neither_wakes_it_nor_keeps_it_awake(
    machine: NewMachine,
) -> None:
    sleeping = machine(idle_s=SOON_S)
    port = int(sleeping.machine_url.rsplit(":", 1)[1])
    with pytest.raises(ConnectionRefusedError):
        sleeping.ask(port=port)
    sleeping.ask()

    def check_until_refused() -> None:
        while True:
            sleeping.ask("/health", port=port)
            time.sleep(SOON_S / 6)

    with ThreadPoolExecutor(1) as threads:
        checks = threads.submit(check_until_refused)
        assert isinstance(checks.exception(30), OSError)
    assert eventually(lambda: sleeping.state == "stopped")


def test_one_that_must_not_sleep_stays(machine: NewMachine) -> None:
    awake = machine(idle_s=0.05, falls_asleep=False)
    awake.ask()

    time.sleep(0.4)

    assert awake.state == "started"


def test_one_that_does_not_stop_is_killed_after_its_timeout(machine: NewMachine) -> None:
    stubborn = machine(kill_timeout_s=0.5)
    (stubborn.folder / "stubborn").touch()
    pid = stubborn.ask().told["pid"]

    began = time.monotonic()
    stubborn.sleep()

    assert 0.5 <= time.monotonic() - began < 15
    assert stubborn.state == "stopped"
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_one_that_died_while_it_was_suspended_starts_anew(machine: NewMachine) -> None:
    sleeping = machine(by="suspend")
    first = sleeping.ask().told["pid"]
    sleeping.sleep()
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: sleeping.state == "stopped")

    answer = sleeping.ask()

    assert answer.status == 200
    assert answer.told["pid"] != first
    assert "keyarc-echo cannot be resumed" in sleeping.said


def test_one_that_crashes_is_started_again_without_being_asked(machine: NewMachine) -> None:
    crashing = machine()
    pid = crashing.ask().told["pid"]

    status = crashing.ask("/exit/7").status

    assert status == 502
    assert eventually(lambda: len(crashing.lines("starts")) == 2)
    assert "keyarc-echo crashed with 7" in crashing.said
    assert crashing.ask().told["pid"] != pid


@pytest.mark.parametrize(("path", "restarts"), [("/exit/0", True), ("/exit/7", False)])
def test_one_that_ends_well_or_must_not_restart_waits_for_the_next_request(
    machine: NewMachine, path: str, restarts: bool
) -> None:
    ending = machine(restarts=restarts)
    ending.ask(path)
    assert eventually(lambda: ending.state == "stopped")
    time.sleep(0.3)

    starts = len(ending.lines("starts"))

    assert starts == 1
    assert ending.ask().status == 200


def test_one_that_crashed_falls_asleep_like_any_other(machine: NewMachine) -> None:
    crashing = machine(idle_s=1.0)
    crashing.ask("/exit/7")
    assert eventually(lambda: len(crashing.lines("starts")) == 2)

    assert eventually(lambda: crashing.state == "stopped")
    time.sleep(0.4)

    assert crashing.state == "stopped"


def test_one_that_does_not_come_up_is_503_after_the_proxys_patience(machine: NewMachine) -> None:
    slow = machine(patience_s=0.5)
    (slow.folder / "delay").write_text("30")

    began = time.monotonic()
    status = slow.ask().status

    assert status == 503
    assert 0.5 <= time.monotonic() - began < 10
    assert "keyarc-echo does not come up within 0.5 s" in slow.said


def test_one_that_cannot_start_is_given_up_until_somebody_asks_again(machine: NewMachine) -> None:
    broken = machine()
    (broken.folder / "broken").touch()
    first = broken.ask().status
    (broken.folder / "broken").unlink()

    second = broken.ask().status

    assert (first, second) == (503, 200)
    assert sum("crashed with 1" in line for line in broken.said) >= 10


def test_requests_over_the_hard_limit_wait_for_a_seat(machine: NewMachine) -> None:
    narrow = machine(most_requests=1)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(narrow.ask, "/wait")
        assert eventually(lambda: narrow.lines("asked") == ["/wait"])
        second = threads.submit(narrow.ask, "/second")
        time.sleep(0.3)
        asked = narrow.lines("asked")
        (narrow.folder / "go").touch()

        assert asked == ["/wait"]
        assert [first.result().status, second.result().status] == [200, 200]


@pytest.mark.parametrize("by", WAYS)
def test_closing_leaves_no_process_behind(machine: NewMachine, by: By) -> None:
    for asleep in (False, True):
        ending = machine(by=by)
        pid = ending.ask().told["pid"]
        if asleep:
            ending.sleep()

        ending.close()

        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_closing_starts_nothing_for_a_request_that_is_held(machine: NewMachine) -> None:
    slow = machine()
    (slow.folder / "delay").write_text("20")
    with ThreadPoolExecutor(1) as threads:
        held = threads.submit(slow.ask)
        assert eventually(lambda: slow.lines("starts") == ["started"])
        pid = slow.pid

        slow.close()

        assert held.exception(30) or held.result().status == 503
    assert slow.lines("starts") == ["started"]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
