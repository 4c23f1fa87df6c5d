"""What serves the page, on a desk and on Fly: its files, its headers, and no other file."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from falcon import testing

from handlers.gateway.upstream import Upstream
from machines import edge
from shared import problems
from tests.gateway.wire import Headers, Reply
from tests.machines.web_server import WebServer, needs_nginx

HOST = "localhost:8080"
SCRIPT = b"console.log('hello')\n"
GZIPPED = gzip.compress(SCRIPT, mtime=0)
AWAY = "http://127.0.0.1:9"
RULES = [
    {"path": "/", "headers": {"Content-Security-Policy": "page", "Cache-Control": "no-cache"}},
    {"path": "/assets/", "headers": {"Cache-Control": "public, immutable"}},
    {"path": "/assets/core.worker-1.js", "headers": {"Content-Security-Policy": "worker"}},
]
NONE_OF_THE_PAGE = [
    r"/assets/app-2.js",
    r"/assets/app",
    r"/assets/",
    r"/favicon.ico",
    r"/../secret.txt",
    r"/%2e%2e/secret.txt",
    r"/..%2fsecret.txt",
    r"/assets/../../secret.txt",
    r"/assets/../robots.txt",
    r"/assets//../../secret.txt",
    r"/assets/..%2f..%2fsecret.txt",
    r"/..\secret.txt",
    r"//secret.txt",
    r"/secret.txt%00.html",
    r"/headers.json",
    r"/site/index.html",
    r"/assets/app-1.js.gz",
    r"/.problem/502",
]
Ask = Callable[..., Reply]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built page of a few files."""
    folder = tmp_path_factory.mktemp("page")
    assets = folder / "site" / "assets"
    assets.mkdir(parents=True)
    (folder / "headers.json").write_text(json.dumps({"rules": RULES}))
    (folder / "secret.txt").write_text("outside of the site")
    (folder / "site" / "index.html").write_text("<title>KeyArc</title>")
    (folder / "site" / "robots.txt").write_text("User-agent: *\n")
    (assets / "core.worker-1.js").write_bytes(SCRIPT)
    (assets / "app-1.js").write_bytes(SCRIPT)
    (assets / "app-1.js.gz").write_bytes(GZIPPED)
    (assets / "app-1.js.br").write_bytes(b"brotli")
    return folder


@pytest.fixture(scope="module", params=["edge", pytest.param("nginx", marks=needs_nginx)])
def ask(
    request: pytest.FixtureRequest, built: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ask]:
    """Both servers keep the same promises."""
    if request.param == "edge":
        yield asking(built)
        return
    folder = tmp_path_factory.mktemp("nginx")
    server = WebServer(folder, built, auth_url=AWAY, gateway_url=AWAY, origin=f"http://{HOST}")
    yield server.ask
    server.stop()


def asking(folder: Path) -> Ask:
    """Ask the edge, inside this process."""
    away = Upstream(AWAY)
    app = edge.create_app(edge.Site(folder), away, away, frozenset({HOST}))
    client = testing.TestClient(app)

    def ask(method: str, target: str, lines: Headers | None = None) -> Reply:
        told = {"Host": HOST} | dict(lines or [])
        result = client.simulate_request(method, target, headers=told)
        headers = {name.lower(): value for name, value in result.headers.items()}
        return Reply(result.status_code, headers, result.content)

    return ask


@pytest.mark.parametrize(
    "path", ["/", "/vaults", "/vaults/3f/secrets/7a", "/index.html", "/assets", "/auth", "/?a=b.c"]
)
def test_every_address_of_the_page_is_the_page(ask: Ask, path: str) -> None:
    reply = ask("GET", path)

    assert reply.status == 200
    assert reply.body == b"<title>KeyArc</title>"
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["cache-control"] == "no-cache"
    assert reply.headers["content-security-policy"] == "page"
    assert reply.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", NONE_OF_THE_PAGE)
def test_a_file_that_is_none_of_the_page_is_missing(ask: Ask, path: str) -> None:
    reply = ask("GET", path)

    assert reply.status in {400, 404}  # nginx cannot even read some
    assert reply.headers["cache-control"] == "no-store"
    assert b"outside" not in reply.body


def test_the_exact_rule_wins_then_the_longest_prefix(ask: Ask) -> None:
    worker, asset = ask("GET", "/assets/core.worker-1.js"), ask("GET", "/assets/app-1.js")

    assert worker.headers["content-security-policy"] == "worker"
    assert worker.headers["cache-control"] == "no-store"  # where the page's rules say nothing
    assert asset.headers["cache-control"] == "public, immutable"
    assert "content-security-policy" not in asset.headers


def test_a_missing_file_has_the_headers_of_its_place_but_is_not_kept(ask: Ask) -> None:
    asset, other = ask("GET", "/assets/app-2.js"), ask("GET", "/favicon.ico")

    assert asset.body == other.body == b"There is no such file.\n"
    assert asset.headers["cache-control"] == other.headers["cache-control"] == "no-store"
    assert "content-security-policy" not in asset.headers
    assert other.headers["content-security-policy"] == "page"


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
    ask: Ask, accepted: str, coding: str | None
) -> None:
    reply = ask("GET", "/assets/app-1.js", [("Accept-Encoding", accepted), ("Via", "1.1 fly.io")])

    sent = {"br": b"brotli", "gzip": GZIPPED, None: SCRIPT}[coding]
    assert reply.headers.get("content-encoding") == coding
    assert reply.headers["vary"] == "Accept-Encoding"
    assert reply.headers["content-length"] == str(len(sent))
    assert reply.headers["content-type"] == "text/javascript; charset=utf-8"
    assert reply.body in {sent, SCRIPT}  # falcon's client unpacks gzip


@pytest.mark.parametrize("accepted", ["br", "identity"])
def test_a_file_that_the_browser_has_is_not_sent_again(ask: Ask, accepted: str) -> None:
    taking = ("Accept-Encoding", accepted)
    first = ask("GET", "/assets/app-1.js", [taking])

    again = ask("GET", "/assets/app-1.js", [taking, ("If-None-Match", first.headers["etag"])])
    other = ask("GET", "/assets/app-1.js", [taking, ("If-None-Match", '"another"')])

    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == first.headers["cache-control"]
    assert other.status == 200


def test_codings_of_one_file_have_tags_of_their_own(ask: Ask) -> None:
    tags = {
        ask("GET", "/assets/app-1.js", [("Accept-Encoding", each)]).headers["etag"]
        for each in ("br", "gzip", "")
    }

    assert len(tags) == 3


@pytest.mark.parametrize(
    "header", [("Range", "bytes=0-3"), ("If-Modified-Since", "Sun, 01 Jan 2200 00:00:00 GMT")]
)
def test_a_file_is_sent_whole_and_known_by_its_tag_alone(ask: Ask, header: tuple[str, str]) -> None:
    reply = ask("GET", "/robots.txt", [header])

    assert (reply.status, reply.body) == (200, b"User-agent: *\n")
    assert "last-modified" not in reply.headers
    assert "accept-ranges" not in reply.headers


def test_head_tells_what_get_would_send(ask: Ask) -> None:
    head, get = ask("HEAD", "/robots.txt"), ask("GET", "/robots.txt")

    assert head.body == b""
    assert head.headers["x-request-id"] != get.headers["x-request-id"]
    own = {"x-request-id", "date"}
    assert {k: v for k, v in head.headers.items() if k not in own} == {
        k: v for k, v in get.headers.items() if k not in own
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_page_is_only_read(ask: Ask, method: str) -> None:
    reply = ask(method, "/")

    assert reply.status == 405
    assert reply.headers["allow"].startswith("GET, HEAD")
    assert json.loads(reply.body)["type"] == "/problems/method-not-allowed"


@pytest.mark.parametrize("host", ["evil.example", "localhost", ""])
def test_a_stranger_name_of_this_machine_gets_nothing(ask: Ask, host: str) -> None:
    reply = ask("GET", "/", [("Host", host)])

    assert reply.status == 400
    assert reply.headers["content-type"] == "application/problem+json"
    assert json.loads(reply.body)["type"] == "/problems/malformed"


@pytest.mark.parametrize("path", ["/auth/health", "/api/health"])
def test_a_service_that_is_away_is_told_as_a_problem(ask: Ask, path: str) -> None:
    reply = ask("GET", path)

    assert reply.status == 502
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["retry-after"] == "1"
    assert reply.headers["cache-control"] == "no-store"
    assert json.loads(reply.body) == problems.BadGateway().document


@pytest.mark.parametrize("path", ["/", "/assets/app-2.js", "/api/health"])
def test_every_answer_has_an_id_that_nobody_else_chose(ask: Ask, path: str) -> None:
    given = str(uuid4())

    reply = ask("GET", path, [("X-Request-Id", given)])

    assert str(UUID(reply.headers["x-request-id"])) == reply.headers["x-request-id"] != given


def test_a_page_that_is_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    reply = asking(tmp_path)("GET", "/")

    assert reply.status == 503
    assert b"python3 machines up" in reply.body
