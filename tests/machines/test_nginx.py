"""The configuration that nginx.py writes: what it says, and what it refuses to say."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from handlers.gateway import upstream
from machines import nginx
from machines.apps import APPS
from machines.stack import SITE
from shared import bodies, problems
from tests.machines.web_server import WebServer, needs_nginx

AWAY = "http://127.0.0.1:9"
TEMPLATE = nginx.TEMPLATE.read_text()


def written(folder: Path, headers: dict[str, str], *more: str) -> str:
    """What is written for one rule of the page."""
    rules = folder / "headers.json"
    rules.write_text(json.dumps({"rules": [{"path": "/", "headers": headers}]}))
    nginx.main(
        [
            *("--headers", str(rules), "--site", str(folder), "--out", str(folder / "nginx.conf")),
            *("--auth-url", "http://keyarc-auth.flycast"),
            *("--gateway-url", "http://keyarc-gateway.flycast"),
            *("--public-origin", "https://keyarc.io,https://www.keyarc.io", *more),
        ]
    )
    return (folder / "nginx.conf").read_text()


def number(directive: str) -> int:
    """The number in a directive of the template."""
    found = re.search(rf"^\s*{directive} (\d+)", TEMPLATE, re.MULTILINE)
    assert found
    return int(found[1])


def test_without_more_words_it_is_for_a_machine_of_fly(tmp_path: Path) -> None:
    text = written(tmp_path, {})

    assert "listen [::]:8080 ipv6only=off;" in text
    assert "resolver [fdaa::3] valid=10s;" in text
    assert "map $http_fly_client_ip $client {" in text
    assert "access_log /dev/stdout json;" in text
    assert "set $auth http://keyarc-auth.flycast;" in text
    assert '"www.keyarc.io" "";' in text
    assert not nginx.PLACE.search(text)


@pytest.mark.parametrize("value", ['a"; b', "a$b", "a\\b", "a\nb", "é"])
def test_a_header_that_nginx_could_misread_stops_the_build(tmp_path: Path, value: str) -> None:
    with pytest.raises(ValueError, match=r"nginx\.conf cannot say"):
        written(tmp_path, {"Content-Security-Policy": value})


@pytest.mark.parametrize(
    "more",
    [
        ("--auth-url", "https://keyarc-auth.flycast"),
        ("--auth-url", "http://keyarc-auth.flycast/auth"),
        ("--auth-url", "http://keyarc-auth.flycast;"),
        ("--gateway-url", ""),
        ("--resolver", "a b"),
        ("--public-origin", 'https://a"b'),
        ("--public-origin", ""),
        ("--public-origin", "https://keyarc.io,"),
        ("--public-origin", "keyarc.io"),
    ],
)
def test_an_address_that_is_none_stops_the_build(tmp_path: Path, more: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        written(tmp_path, {}, *more)


@pytest.mark.parametrize(("code", "text"), re.findall(r"return (\d+) '(\{\"type.*?\})'", TEMPLATE))
def test_its_own_answers_are_in_the_catalogue(code: str, text: str) -> None:
    status, document = int(code), json.loads(text)
    known: dict[str, Any] = {f"/problems/{one.slug}": one.number for one in problems.CATALOGUE}

    assert document["status"] == status
    assert document["type"] in known
    # Two statuses are nginx's own; who reads only the type takes them for what they are.
    assert known[document["type"]] == (400 if status in {414, 431} else status)


def test_it_takes_bodies_as_large_as_the_services_do() -> None:
    limits = re.findall(r"client_max_body_size (\d+)m;", TEMPLATE)

    assert [int(each) << 20 for each in limits] == [bodies.MAX_BYTES, bodies.MAX_COMMIT_BYTES]


def test_it_is_more_patient_than_who_stands_behind_and_done_before_it_is_killed() -> None:
    settings = APPS["frontend"].settings

    assert number("proxy_read_timeout") > upstream.PATIENCE_SECONDS + 2
    assert settings["kill_signal"] == "SIGQUIT"
    assert number("worker_shutdown_timeout") < int(settings["kill_timeout"].removesuffix("s"))


# ---- the page that was built, by nginx ----------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    folder = tmp_path_factory.mktemp("nginx")
    server = WebServer(folder, SITE, auth_url=AWAY, gateway_url=AWAY)
    yield server
    server.stop()


@needs_nginx
def test_every_path_of_the_page_has_exactly_its_headers(server: WebServer) -> None:
    rules = {each["path"]: each["headers"] for each in headers_of_the_build()}
    names = {name.lower() for headers in rules.values() for name in headers}
    asked = {f"/{file.relative_to(SITE / 'site')}": file for file in files()}

    for path in ("/", "/sign-up", "/vaults/3f/secrets/7a", *asked):
        under = "/assets/" if path.startswith("/assets/") else "/"
        due = {name.lower(): value for name, value in rules.get(path, rules[under]).items()}

        told = server.ask("HEAD", path).headers

        assert {name: value for name, value in told.items() if name in names} == due, path


@needs_nginx
@pytest.mark.parametrize(("coding", "suffix"), [("br", ".br"), ("gzip", ".gz"), ("identity", "")])
def test_every_file_is_sent_as_it_was_built(server: WebServer, coding: str, suffix: str) -> None:
    for file in files():
        sent = file.with_name(file.name + suffix)
        there = sent if sent.exists() else file

        reply = server.ask(
            "GET", f"/{file.relative_to(SITE / 'site')}", [("Accept-Encoding", coding)]
        )

        assert reply.body == there.read_bytes()
        expected = coding if there != file else None
        assert reply.headers.get("content-encoding") == expected


def headers_of_the_build() -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = json.loads((SITE / "headers.json").read_bytes())["rules"]
    return rules


def files() -> list[Path]:
    """The files of the page, without their compressed copies."""
    found = sorted((SITE / "site").rglob("*.*"))
    return [file for file in found if file.is_file() and file.suffix not in {".br", ".gz"}]
