"""Compares the page that a server delivers with what a release says it is.

A manifest names every file of the page with its SHA-256, and the headers that belong to it. Who
vouches for a manifest is not decided here: a release has it signed. A server that shows others
something else than the one who compares is not found out.
"""

import contextlib
import http.client
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

from .encoding import Broken, strict_json
from .errors import Failure, Unreachable
from .http import TIMEOUT_SECONDS, normal_server

FORM: Final = "keyarc-page-1"
PAGE: Final = "/index.html"
# The page is what a server answers wherever no file is.
ALSO_PAGE: Final = ("/", "/vaults/any")
CODINGS: Final = {"br": ".br", "gzip": ".gz"}
LIMIT_BYTES: Final = 16 * 1024 * 1024
# They could bring in what no file of the page names.
UNWANTED: Final = ("Link", "Refresh")


@dataclass(frozen=True)
class Manifest:
    """What a release says of its page; ``rules`` are those of ``dist/headers.json``."""

    version: str
    commit: str | None
    files: Mapping[str, str]
    rules: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls, text: bytes) -> "Manifest":
        """Parse what `media` gave."""
        try:
            media = strict_json(text)
            if media.pop("form") != FORM:
                raise Failure("this manifest has a form that this version does not know")
            made = cls(**media)
            names = [*made.files, *made.files.values()]
            names += [word for headers in made.rules.values() for word in headers.values()]
        except (AttributeError, Broken, KeyError, TypeError):
            raise Failure("this is no manifest of a page") from None
        if PAGE not in made.files or not all(isinstance(name, str) for name in names):
            raise Failure("this is no manifest of a page")
        return made

    @property
    def media(self) -> dict[str, Any]:
        """Itself as JSON."""
        return {
            "form": FORM,
            "version": self.version,
            "commit": self.commit,
            "files": dict(self.files),
            "rules": {path: dict(headers) for path, headers in self.rules.items()},
        }

    def headers(self, path: str) -> Mapping[str, str]:
        """The headers of *path*: an exact rule goes before the longest prefix."""
        prefixes = (rule for rule in self.rules if rule.endswith("/") and path.startswith(rule))
        rule = path if path in self.rules else max(prefixes, key=len, default=None)
        return {} if rule is None else self.rules[rule]

    @property
    def paths(self) -> Mapping[str, str]:
        """What to ask for, and the file that it must be."""
        copies = {path + suffix for path in self.files for suffix in CODINGS.values()}
        plain = {path: path for path in self.files if path not in copies}
        return plain | dict.fromkeys(ALSO_PAGE, PAGE)


@dataclass(frozen=True)
class Delivered:
    """What a server answered to one question."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


def differences(server: str, manifest: Manifest, *, plain_http: bool = False) -> Iterator[str]:
    """Give a sentence for each thing that *server* delivers otherwise."""
    with contextlib.closing(_Line(normal_server(server, plain_http=plain_http))) as line:
        for path, file in manifest.paths.items():
            for coding in ("identity", *CODINGS):
                if why := _difference(line.get(path, coding), file, manifest):
                    yield f"{path} ({coding}) {why}"
                    break


def _difference(delivered: Delivered, file: str, manifest: Manifest) -> str | None:
    if delivered.status != http.client.OK:
        return f"is answered with {delivered.status}"
    for name, value in manifest.headers(file).items():
        if delivered.headers.get_all(name) != [value]:
            return f"comes with another {name}"
    if unwanted := [name for name in UNWANTED if name in delivered.headers]:
        return f"comes with {' and '.join(unwanted)}"
    try:
        same = _is(file, delivered, manifest)
    except zlib.error:
        same = False
    return None if same else "is another file"


def _is(file: str, delivered: Delivered, manifest: Manifest) -> bool:
    coding = delivered.headers.get("Content-Encoding", "identity")
    body = delivered.body
    if coding == "gzip":  # two builds may compress differently
        unzip = zlib.decompressobj(wbits=31)
        body = unzip.decompress(body, LIMIT_BYTES)
        if unzip.unconsumed_tail or unzip.unused_data or not unzip.eof:
            return False
    elif coding == "br":  # nothing here could decompress it
        file += CODINGS["br"]
    elif coding != "identity":
        return False
    return sha256(body).hexdigest() == manifest.files.get(file)


class _Line:
    """One kept connection. Nothing is followed: a redirect is an answer that differs."""

    def __init__(self, server: str) -> None:
        self._server = server
        parts = urlsplit(server)
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
        self.close = self._connection.close

    def get(self, path: str, coding: str) -> Delivered:
        try:
            self._connection.request("GET", path, headers={"Accept-Encoding": coding})
            with self._connection.getresponse() as response:
                body = response.read(LIMIT_BYTES + 1)
                return Delivered(response.status, response.headers, body)
        except (OSError, http.client.HTTPException) as ex:
            reason = str(ex) or type(ex).__name__
            raise Unreachable(f"{self._server} does not answer ({reason})") from ex
