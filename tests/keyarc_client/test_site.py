"""A server that delivers another page than the release's is found out, whatever it changed."""

import gzip
import json
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from machines.environment import WEB
from machines.releases import page_manifest
from machines.stack import Stack
from shared.keyarc import site
from shared.keyarc.errors import Failure, Unreachable
from shared.keyarc.site import Manifest
from tests.cli.keyarc import Keyarc

PAGE = b"<!doctype html><script src=/assets/app-1.js></script>"
SCRIPT = b"console.log('hello')" * 9
BROTLI = b"as good as compressed"  # nobody here decompresses it
FILES = {
    "/index.html": PAGE,
    "/index.html.gz": gzip.compress(PAGE, mtime=0),
    "/assets/app-1.js": SCRIPT,
    "/assets/app-1.js.br": BROTLI,
    "/assets/app-1.js.gz": gzip.compress(SCRIPT, mtime=0),
}
RULES = {
    "/": {"Content-Security-Policy": "default-src 'none'"},
    "/assets/": {"Cache-Control": "immutable"},
}
MANIFEST = Manifest(
    "1.2.3", None, {path: sha256(data).hexdigest() for path, data in FILES.items()}, RULES
)


@dataclass
class Said:
    """An answer on its way to whoever asked, to be changed."""

    path: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def coding(self) -> str:
        return self.headers.get("Content-Encoding", "")


Change = Callable[[Said], None]


@dataclass
class Server:
    """Serves the page above, after *change* had a look at each answer."""

    change: Change = lambda _said: None
    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)

    def say(self, path: str, coding: str) -> Said:
        self.asked.append((path, coding))
        file = path if path in FILES else "/index.html"
        copy = file + {"gzip": ".gz", "br": ".br"}.get(coding, "")
        rule = "/assets/" if file.startswith("/assets/") else "/"
        said = Said(path, 200, dict(RULES[rule]), FILES[file])
        if copy != file and copy in FILES:
            said.headers["Content-Encoding"] = coding
            said.body = FILES[copy]
        self.change(said)
        return said


@pytest.fixture
def server() -> Iterator[Server]:
    serving = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            said = serving.say(self.path, self.headers["Accept-Encoding"])
            self.send_response(said.status)
            for name, value in (said.headers | {"Content-Length": str(len(said.body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        serving.url = f"http://127.0.0.1:{httpd.server_address[1]}"
        yield serving
        httpd.shutdown()


def found(server: Server) -> list[str]:
    return list(site.differences(server.url, MANIFEST))


def test_the_same_page_has_no_differences(server: Server) -> None:
    assert found(server) == []
    paths = {"/index.html", "/assets/app-1.js", *site.ALSO_PAGE}
    assert {path for path, _coding in server.asked} == paths
    assert {coding for _path, coding in server.asked} == {"identity", "gzip", "br"}


def test_a_page_that_was_compressed_by_another_program_is_the_same(server: Server) -> None:
    def otherwise(said: Said) -> None:
        if said.coding == "gzip":
            said.body = gzip.compress(zlib.decompress(said.body, 31), compresslevel=1, mtime=7)

    server.change = otherwise

    assert found(server) == []


def other_byte(said: Said) -> None:
    said.body = said.body[:-1] + b"!"


def other_page_deep_inside(said: Said) -> None:
    if said.path not in {"/", "/index.html", "/assets/app-1.js"}:
        said.body = b"<!doctype html>"


def other_gzip(said: Said) -> None:
    if said.coding == "gzip":
        said.body = gzip.compress(b"evil()")


def more_after_gzip(said: Said) -> None:
    if said.coding == "gzip":
        said.body += gzip.compress(b"evil()")


def endless_gzip(said: Said) -> None:
    if said.coding == "gzip":
        said.body = gzip.compress(bytes(2 * site.LIMIT_BYTES))


def other_brotli(said: Said) -> None:
    if said.coding == "br":
        said.body = b"evil"


def unknown_coding(said: Said) -> None:
    said.headers["Content-Encoding"] = "zstd"


def no_policy(said: Said) -> None:
    said.headers.pop("Content-Security-Policy", None)


def weaker_policy(said: Said) -> None:
    if "Content-Security-Policy" in said.headers:
        said.headers["Content-Security-Policy"] = "default-src *"


def second_word(said: Said) -> None:
    """Of some headers a browser takes the last that it understands."""
    if "Cache-Control" in said.headers:
        said.headers["cache-control"] = "no-cache"


def link(said: Said) -> None:
    said.headers["Link"] = "<https://evil.example/x.css>; rel=stylesheet"


def refresh(said: Said) -> None:
    said.headers["Refresh"] = "0; url=https://evil.example"


def redirect(said: Said) -> None:
    said.status = 302
    said.headers["Location"] = "https://evil.example"


@pytest.mark.parametrize(
    "change",
    [
        *(other_byte, other_page_deep_inside, other_gzip, more_after_gzip, endless_gzip),
        *(other_brotli, unknown_coding, no_policy, weaker_policy, second_word),
        *(link, refresh, redirect),
    ],
)
def test_whatever_is_changed_is_told(server: Server, change: Change) -> None:
    server.change = change

    assert found(server)


def test_the_page_that_this_repository_builds_is_the_page_that_is_served(stack: Stack) -> None:
    manifest = page_manifest.made(WEB / "dist")

    assert list(site.differences(stack.url, manifest)) == []
    assert len(manifest.paths) > 20


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert Manifest.read(json.dumps(MANIFEST.media).encode()) == MANIFEST


@pytest.mark.parametrize(
    "text",
    [
        b"[]",
        b"{}",
        b'{"form": "keyarc-page-2"}',
        b'{"form": "keyarc-page-1", "version": "", "commit": "", "files": [], "rules": {}}',
        b'{"form": "keyarc-page-1", "version": "", "commit": "", "files": {}, "rules": {}}',
        b'{"form":"keyarc-page-1","version":"","commit":"","files":{"/index.html":1},"rules":{}}',
    ],
)
def test_what_is_no_manifest_is_refused(text: bytes) -> None:
    with pytest.raises(Failure, match="manifest"):
        Manifest.read(text)


def test_a_server_that_is_away_is_not_one_that_lies() -> None:
    with pytest.raises(Unreachable):
        list(site.differences("http://127.0.0.1:9", MANIFEST))


def test_the_command_says_what_differs(server: Server, tmp_path: Path) -> None:
    keyarc = Keyarc(tmp_path / "home", server.url, "someone@example.com")
    file = tmp_path / "page-manifest.json"
    file.write_text(json.dumps(MANIFEST.media))

    same = keyarc("verify-site", str(file))
    server.change = other_brotli
    other = keyarc("verify-site", str(file), code=6)

    assert same.out == f"{server.url} delivers the page of 1.2.3, all 4 paths.\n"
    assert "/assets/app-1.js (br) is another file\n" in other.err
    assert "does not deliver the page of 1.2.3" in other.err
