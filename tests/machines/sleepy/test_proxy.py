"""What the proxy hands on, what it sets itself, and what it answers in the machine's place."""

import http.client
import re
import socket
import time
from contextlib import closing

import pytest

from tests.gateway.wire import eventually, replies
from tests.machines.sleepy.conftest import NewMachine
from tests.machines.sleepy.lone import Lone

SET = {
    "Fly-Client-IP": r"127\.0\.0\.1",
    "Fly-Forwarded-Port": r"{port}",
    "Fly-Region": r"iad",
    "Fly-Request-Id": r"[0-9A-F]{{26}}-iad",
    "Via": r"1\.1 fly\.io",
    "X-Forwarded-For": r"127\.0\.0\.1, 127\.0\.0\.1",
    "X-Forwarded-Port": r"{port}",
    "X-Forwarded-Proto": r"http",
    "X-Forwarded-Ssl": r"off",
    "X-Request-Start": r"t=\d{{16}}",
}


@pytest.fixture
def awake(machine: NewMachine) -> Lone:
    made = machine()
    made.ask()
    return made


def headers_of(reply_told: list[list[str]], name: str) -> list[str]:
    return [value for key, value in reply_told if key.lower() == name.lower()]


@pytest.mark.parametrize("name", SET)
def test_the_headers_of_flys_proxy_are_set(awake: Lone, name: str) -> None:
    [value] = headers_of(awake.ask().told["headers"], name)

    assert re.fullmatch(SET[name].format(port=awake.port), value)


@pytest.mark.parametrize(
    "name", ["Fly-Client-IP", "fly-client-ip", "Fly-Region", "FLY-FORWARDED-PORT"]
)
def test_a_client_cannot_set_what_is_flys(awake: Lone, name: str) -> None:
    [value] = headers_of(awake.ask(headers={name: "6.6.6.6"}).told["headers"], name)

    assert value != "6.6.6.6"


def test_no_other_header_of_flys_passes_either_way(awake: Lone) -> None:
    answer = awake.ask(headers={"Fly-Replay-Src": "instance=x", "Fly-Anything": "x"})

    told = [name for name, _ in answer.told["headers"]]
    assert "Fly-Replay-Src" not in told
    assert "Fly-Anything" not in told
    assert "Fly-Replay" not in answer.headers


def test_addresses_that_a_client_claims_stand_left_of_the_real_one(awake: Lone) -> None:
    told = awake.ask(headers={"X-Forwarded-For": "6.6.6.6", "Via": "1.1 mine"}).told["headers"]

    assert headers_of(told, "X-Forwarded-For") == ["6.6.6.6, 127.0.0.1, 127.0.0.1"]
    assert headers_of(told, "Via") == ["1.1 mine, 1.1 fly.io"]


def test_what_belongs_to_one_connection_stays_there(awake: Lone) -> None:
    sent = {
        "Connection": "keep-alive, X-Mine",
        "X-Mine": "for the proxy alone",
        "Keep-Alive": "timeout=5",
        "TE": "trailers",
        "Upgrade": "websocket",
        "X-Kept": "yes",
    }

    answer = awake.ask(headers=sent)

    told = answer.told["headers"]
    assert headers_of(told, "Connection") == ["close"]
    assert headers_of(told, "X-Kept") == ["yes"]
    for name in ("X-Mine", "Keep-Alive", "TE", "Upgrade"):
        assert headers_of(told, name) == []
    assert answer.headers["X-Kept"] == "yes"
    assert "X-Secret" not in answer.headers


def test_method_target_and_body_arrive_as_they_were_sent(awake: Lone) -> None:
    body = bytes(range(256)) * 1024

    told = awake.ask("/a/b%2Fc?d=e&f", method="POST", body=body).told

    assert (told["method"], told["target"]) == ("POST", "/a/b%2Fc?d=e&f")
    assert told["body"].encode("latin-1") == body


def test_a_body_streams_to_the_machine_while_it_is_sent(awake: Lone) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", awake.port), timeout=30) as sock:
        sock.sendall(head + b"5\r\nfirst\r\n")
        assert eventually(lambda: awake.lines("heard") == ["first"])

        sock.sendall(b"6\r\nsecond\r\n0\r\n\r\n")
        sock.shutdown(socket.SHUT_WR)

        assert b'"body": "firstsecond"' in b"".join(iter(lambda: sock.recv(65_536), b""))


def test_an_answer_streams_to_the_client_while_it_comes(awake: Lone) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", awake.port, timeout=30)
    with closing(connection):
        connection.request("GET", "/parts")
        response = connection.getresponse()
        first = response.read1(5)
        (awake.folder / "go").touch()

        assert (first, response.read()) == (b"first", b"second")


def test_one_connection_carries_many_requests(awake: Lone) -> None:
    raw = b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection(("127.0.0.1", awake.port), timeout=30) as sock:
        sock.sendall(raw + b"GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        got = b"".join(iter(lambda: sock.recv(65_536), b""))

    assert got.count(b"HTTP/1.1 200 OK") == 3
    assert awake.lines("asked")[1:] == ["/1", "/2", "/3"]


def test_a_client_that_asks_first_is_told_to_go_on(awake: Lone) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", awake.port), timeout=30) as sock:
        sock.sendall(head)
        assert sock.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"

        sock.sendall(b"body")
        sock.shutdown(socket.SHUT_WR)

        assert b'"body": "body"' in b"".join(iter(lambda: sock.recv(65_536), b""))


@pytest.mark.parametrize(
    "headers",
    [
        b"Host: x\r\n folded\r\n",
        b"Host : x\r\n",
        b"Host: x\nX: y\r\n",
        b"Content-Length: 1\r\nContent-Length: 2\r\n",
        b"Content-Length: +1\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"X: " + b"x" * 70_000 + b"\r\n",
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_and_wakes_nobody(
    machine: NewMachine, headers: bytes
) -> None:
    sleeping = machine()
    with socket.create_connection(("127.0.0.1", sleeping.port), timeout=30) as sock:
        sock.sendall(b"POST / HTTP/1.1\r\n%b\r\n0\r\n\r\n" % headers)

        assert [reply.status for reply in replies(sock.recv(65_536))] == [400]
    assert sleeping.state == "stopped"


def test_a_chunk_that_is_none_ends_the_request_on_both_sides(awake: Lone) -> None:
    raw = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    with socket.create_connection(("127.0.0.1", awake.port), timeout=30) as sock:
        sock.sendall(raw)

        assert [reply.status for reply in replies(sock.recv(65_536))] == [502]


def test_a_machine_that_dies_over_a_request_is_502_and_the_request_is_not_sent_twice(
    awake: Lone,
) -> None:
    status = awake.ask("/exit/7", method="POST", body=b"once").status

    assert status == 502
    time.sleep(0.3)
    assert awake.lines("asked").count("/exit/7") == 1


def test_half_an_answer_is_not_taken_for_a_whole_one(awake: Lone) -> None:
    with pytest.raises(http.client.IncompleteRead):
        awake.ask("/half")


def test_a_client_that_leaves_does_not_keep_the_machine_awake(machine: NewMachine) -> None:
    sleeping = machine(idle_s=0.3)
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf"
    with socket.create_connection(("127.0.0.1", sleeping.port), timeout=30) as sock:
        sock.sendall(head)
        assert eventually(lambda: sleeping.lines("asked") == ["/"])

    assert eventually(lambda: sleeping.state == "stopped")


def test_a_machine_that_hangs_sleeps_when_nobody_waits_for_it_any_more(machine: NewMachine) -> None:
    sleeping = machine(idle_s=0.3)
    with socket.create_connection(("127.0.0.1", sleeping.port), timeout=30) as sock:
        sock.sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        assert eventually(lambda: sleeping.lines("asked") == ["/wait"])

    assert eventually(lambda: sleeping.state == "stopped", 20)


def test_an_end_while_somebody_waits_for_a_machine_is_a_quiet_one(
    machine: NewMachine, caplog: pytest.LogCaptureFixture
) -> None:
    sleeping = machine()
    (sleeping.folder / "delay").write_text("30")
    with socket.create_connection(("127.0.0.1", sleeping.port), timeout=30) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert eventually(lambda: sleeping.state == "started")

        sleeping.close()

        sock.settimeout(10)
        assert [reply.status for reply in replies(sock.recv(65_536))] in ([], [503])
    assert caplog.records == []
