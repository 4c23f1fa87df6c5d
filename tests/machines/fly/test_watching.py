"""``status`` and ``logs`` tell of the apps and wake none of them."""

import json
import signal
from typing import Any

import psutil
import pytest

from machines.commands import INTERRUPTED
from machines.fly import logs
from machines.fly.logs import Line
from tests.gateway.wire import eventually
from tests.machines.fly.operator import Operator

ASKING = {"list", "releases", "logs"}


def change(operator: Operator, app: str, **what: Any) -> None:
    """Change what this Fly holds of *app*."""
    file = operator.fly / "state.json"
    state = json.loads(file.read_text())
    state["apps"][app] |= what
    file.write_text(json.dumps(state))


def said_by(service: str, at: str, request: str) -> dict[str, str]:
    line = {
        "time": f"2026-11-22T19:00:{at}Z",
        "level": "INFO",
        "service": service,
        "message": "request",
        "request_id": request,
        "status": 200,
    }
    return {"instance": "4d89", "message": json.dumps(line)}


def test_what_sleeps_and_what_is_ill_is_told_without_waking(operator: Operator) -> None:
    [keys] = operator.apps["keyarc-keys"]["machines"]
    change(operator, "keyarc-keys", machines=[keys | {"state": "suspended"}])
    [auth] = operator.apps["keyarc-auth"]["machines"]
    check = {"name": "servicecheck-00-http-8080", "status": "critical"}
    change(operator, "keyarc-auth", machines=[auth | {"checks": [check]}])

    ended = operator.run("status", "--json")

    told = {app["app"]: app for app in json.loads(ended.stdout)["apps"]}
    assert told["keyarc-keys"]["state"] == "1 asleep"
    assert told["keyarc-keys"]["health"] == ""
    assert told["keyarc-auth"]["health"] == "1 failing"
    assert told["keyarc-frontend"]["state"] == "1 awake"
    assert ended.returncode == 1
    assert all(ASKING & set(words) for words in operator.calls())


def test_the_table_has_a_line_for_each_app(operator: Operator) -> None:
    lines = operator.done("status").splitlines()

    assert lines[0].split() == ["app", "state", "region", "release", "health", "deployed", "image"]
    assert [line.split()[0] for line in lines[1:]] == list(operator.apps)


def test_an_app_without_machines_is_told_and_is_a_failure(operator: Operator) -> None:
    change(operator, "keyarc-account", machines=[], releases=[])

    said = operator.failed("status")

    assert "keyarc-account   none" in said
    assert "never" in said


def test_a_machine_that_neither_runs_nor_sleeps_is_a_failure(operator: Operator) -> None:
    [keys] = operator.apps["keyarc-keys"]["machines"]
    change(operator, "keyarc-keys", machines=[keys | {"state": "failed", "checks": None}])

    said = operator.failed("status")

    assert "1 failed" in said


def test_lines_of_several_apps_are_in_the_order_of_time(operator: Operator) -> None:
    change(operator, "keyarc-gateway", logs=[said_by("gateway", "02.000", "aa")])
    change(operator, "keyarc-keys", logs=[said_by("keys", "01.000", "bb")])

    first, second = operator.done("logs", "gateway", "keys").splitlines()

    assert first == "2026-11-22 19:00:01.000 keys     INFO    request status=200 [bb]"
    assert second == "2026-11-22 19:00:02.000 gateway  INFO    request status=200 [aa]"


def test_one_request_is_followed_through_the_apps(operator: Operator) -> None:
    change(operator, "keyarc-gateway", logs=[said_by("gateway", "01.000", "aa")])
    change(
        operator,
        "keyarc-keys",
        logs=[said_by("keys", "02.000", "bb"), said_by("keys", "03.000", "aa")],
    )

    said = operator.done("logs", "--request", "aa")

    assert [line.split()[2] for line in said.splitlines()] == ["gateway", "keys"]


def test_following_ends_when_the_app_cannot_be_followed(operator: Operator) -> None:
    operator.expect("logs", "unreachable")

    assert "Fly cannot be reached" in operator.failed("logs", "--follow", "keys")


def test_who_stops_following_leaves_no_flyctl_behind(operator: Operator) -> None:
    change(operator, "keyarc-gateway", logs=[said_by("gateway", "01.000", "aa")])
    change(operator, "keyarc-keys", logs=[said_by("keys", "02.000", "bb")])
    operator.expect("logs", "silent", times=9)
    with operator.start("logs", "--follow", "gateway", "keys") as following:
        assert following.stdout is not None
        told = [following.stdout.readline() for _ in range(2)]
        programs = psutil.Process(following.pid).children(recursive=True)

        following.send_signal(signal.SIGINT)

        assert following.wait(30) == INTERRUPTED
    assert len(told) == len(programs) == 2
    assert not psutil.wait_procs(programs, timeout=30)[1]


def test_an_interrupted_question_is_not_waited_for(operator: Operator) -> None:
    operator.expect("machine list", "hang", times=9)
    with operator.start("status") as asking:
        assert eventually(lambda: len(operator.calls()) == len(operator.apps), seconds=30)

        asking.send_signal(signal.SIGINT)

        # The stand-in hangs for a minute.
        assert asking.wait(30) == INTERRUPTED


def test_that_there_is_no_such_line_is_told_beside_the_lines(operator: Operator) -> None:
    ended = operator.run("logs", "--request", "nobody")

    assert (ended.returncode, ended.stdout) == (0, "")
    assert "no such line" in ended.stderr


def test_a_dry_run_prints_how_each_app_is_followed_in_order(operator: Operator) -> None:
    said = operator.done("logs", "--follow", "keys", "auth", "--dry-run")

    assert said.splitlines() == [
        "flyctl logs --app keyarc-auth --json",
        "flyctl logs --app keyarc-keys --json",
    ]


@pytest.mark.parametrize("pieces", [1, 7, 1000])
def test_objects_of_many_lines_are_read_however_they_arrive(pieces: int) -> None:
    entries = [{"message": "{not json}", "level": "info"}, {"message": "€", "meta": {"a": []}}]
    text = "\n".join(json.dumps(entry, indent=4, ensure_ascii=False) for entry in entries)
    arriving = [text[at : at + pieces] for at in range(0, len(text), pieces)]

    assert [*logs.entries(arriving)] == entries


def test_words_of_others_are_printed_as_they_are() -> None:
    line = Line("2026-11-22T19:00:01Z", "keys", "info", "Machine started in 420ms", "4d89")

    assert str(line) == "2026-11-22 19:00:01Z keys     INFO    Machine started in 420ms"


@pytest.mark.parametrize("how", [(), ("--raw",)])
def test_a_stranger_cannot_speak_to_the_terminal(operator: Operator, how: tuple[str, ...]) -> None:
    """The web server tells which path was asked for, in the words of whoever asked."""
    hostile = {"message": "request", "path": "/\u009b2J\u202ea\nb\u001b]0;x\u0007é"}
    line = {"instance": "4d89", "message": json.dumps(hostile, ensure_ascii=False)}
    plain = {"instance": "4d89", "message": "\u001b[2Jstarted"}
    change(operator, "keyarc-frontend", logs=[line, plain])

    said = operator.done("logs", "frontend", *how)

    assert len(said.splitlines()) == 2
    assert "é" in said
    assert all(each.isprintable() or each == "\n" for each in said)
