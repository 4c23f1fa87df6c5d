"""The edge of a local instance: the page's files, its headers, and no way to any other file."""

import gzip
import json
from pathlib import Path

import pytest
from falcon import testing

from handlers.gateway.upstream import Upstream
from machines import edge

HOST = "localhost:8080"
SCRIPT = b"console.log('hello')\n"
AWAY = Upstream("http://127.0.0.1:9")
RULES = [
    {"path": "/", "headers": {"Content-Security-Policy": "page", "Cache-Control": "no-cache"}},
    {"path": "/assets/", "headers": {"Cache-Control": "public, immutable"}},
    {"path": "/assets/core.worker-1.js", "headers": {"Content-Security-Policy": "worker"}},
]


@pytest.fixture
def site(tmp_path: Path) -> testing.TestClient:
    """A built page of a few files."""
    assets = tmp_path / "site" / "assets"
    assets.mkdir(parents=True)
    (tmp_path / "headers.json").write_text(json.dumps({"rules": RULES}))
    (tmp_path / "secret.txt").write_text("outside of the site")
    (tmp_path / "site" / "index.html").write_text("<title>KeyArc</title>")
    (tmp_path / "site" / "robots.txt").write_text("User-agent: *\n")
    (assets / "core.worker-1.js").write_bytes(SCRIPT)
    (assets / "app-1.js").write_bytes(SCRIPT)
    (assets / "app-1.js.gz").write_bytes(gzip.compress(SCRIPT))
    (assets / "app-1.js.br").write_bytes(b"brotli")
    return client(tmp_path)


def client(folder: Path) -> testing.TestClient:
    app = edge.create_app(edge.Site(folder), AWAY, AWAY, frozenset({HOST}))
    return testing.TestClient(app, headers={"Host": HOST})


@pytest.mark.parametrize(
    "path", ["/", "/vaults", "/vaults/3f/secrets/7a", "/index.html", "/assets"]
)
def test_every_address_of_the_page_is_the_page(site: testing.TestClient, path: str) -> None:
    response = site.get(path)

    assert response.status_code == 200
    assert response.text == "<title>KeyArc</title>"
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["Content-Security-Policy"] == "page"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/app-2.js",
        "/assets/app",
        "/assets/",
        "/favicon.ico",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/../../secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/..\\secret.txt",
        "//secret.txt",
        "/secret.txt%00.html",
        "/headers.json",
        "/site/index.html",
        "/assets/app-1.js.gz",
    ],
)
def test_a_file_that_is_none_of_the_page_is_missing(site: testing.TestClient, path: str) -> None:
    response = site.get(path)

    assert response.status_code == 404
    assert response.headers["Cache-Control"] == "no-store"
    assert "outside" not in response.text


def test_the_exact_rule_wins_then_the_longest_prefix(site: testing.TestClient) -> None:
    worker, asset = site.get("/assets/core.worker-1.js"), site.get("/assets/app-1.js")

    assert worker.headers["Content-Security-Policy"] == "worker"
    assert worker.headers["Cache-Control"] == "no-store"  # where the page's rules say nothing
    assert asset.headers["Cache-Control"] == "public, immutable"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.0, gzip;q=0", None),
        ("identity", None),
        ("", None),
    ],
)
def test_the_best_coding_that_the_browser_takes_is_sent(
    site: testing.TestClient, accepted: str, coding: str | None
) -> None:
    response = site.get("/assets/app-1.js", headers={"Accept-Encoding": accepted})

    sent = {"br": b"brotli", "gzip": gzip.compress(SCRIPT), None: SCRIPT}[coding]
    assert response.headers.get("Content-Encoding") == coding
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.headers["Content-Length"] == str(len(sent))
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    if coding == "br":
        assert response.content == sent


@pytest.mark.parametrize("accepted", ["br", "identity"])
def test_a_file_that_the_browser_has_is_not_sent_again(
    site: testing.TestClient, accepted: str
) -> None:
    taking = {"Accept-Encoding": accepted}
    first = site.get("/assets/app-1.js", headers=taking)

    again = site.get("/assets/app-1.js", headers=taking | {"If-None-Match": first.headers["ETag"]})
    other = site.get("/assets/app-1.js", headers=taking | {"If-None-Match": '"another"'})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert other.status_code == 200


def test_codings_of_one_file_have_tags_of_their_own(site: testing.TestClient) -> None:
    tags = {
        site.get("/assets/app-1.js", headers={"Accept-Encoding": each}).headers["ETag"]
        for each in ("br", "gzip", "")
    }

    assert len(tags) == 3


def test_head_tells_what_get_would_send(site: testing.TestClient) -> None:
    head, get = site.head("/robots.txt"), site.get("/robots.txt")

    assert head.content == b""
    told, due = dict(head.headers), dict(get.headers)
    assert told.pop("x-request-id") != due.pop("x-request-id")
    assert told == due


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_page_is_only_read(site: testing.TestClient, method: str) -> None:
    assert site.simulate_request(method, "/").status_code == 405


@pytest.mark.parametrize("host", ["evil.example", "localhost", ""])
def test_a_stranger_name_of_this_machine_gets_nothing(site: testing.TestClient, host: str) -> None:
    assert site.get("/", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("path", ["/auth/health", "/api/health"])
def test_a_service_that_is_away_is_told_as_a_problem(site: testing.TestClient, path: str) -> None:
    response = site.get(path)

    assert response.status_code == 502
    assert response.json["type"] == "/problems/bad-gateway"


def test_a_page_that_is_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    response = client(tmp_path).get("/")

    assert response.status_code == 503
    assert "python3 machines up" in response.text
