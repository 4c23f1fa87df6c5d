"""The manifest is the page as it was built, and the web server delivers nothing else."""

import argparse
import json
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from machines import environment
from machines.environment import WEB
from machines.failures import Failure
from machines.releases import page_manifest
from shared.keyarc.site import Manifest
from tests import repositories
from tests.machines.web_server import AWAY, WebServer, needs_nginx

DIST = WEB / "dist"


def run(out: Path | None = None, compare: str | None = None) -> int:
    return page_manifest.run(argparse.Namespace(out=out, compare=compare))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[WebServer]:
    """The real web server, before a copy of the page that a test may change first."""
    shutil.copytree(DIST, tmp_path / "dist")
    server = WebServer(tmp_path / "nginx", tmp_path / "dist", auth_url=AWAY, gateway_url=AWAY)
    yield server
    server.stop()


def test_every_file_of_the_build_is_named_with_its_hash(tmp_path: Path) -> None:
    assert run(out=tmp_path / "page-manifest.json") == 0

    manifest = Manifest.read((tmp_path / "page-manifest.json").read_bytes())
    site = DIST / "site"
    assert manifest.files == {
        f"/{file.relative_to(site).as_posix()}": sha256(file.read_bytes()).hexdigest()
        for file in site.rglob("*")
        if file.is_file()
    }
    assert manifest.version == page_manifest.version(WEB.parent)
    assert manifest.headers("/anything")["Integrity-Policy"]
    assert "immutable" in manifest.headers("/assets/anything.js")["Cache-Control"]


def test_two_of_the_same_build_are_the_same_text(capsys: pytest.CaptureFixture[str]) -> None:
    run()
    first = capsys.readouterr().out

    run()

    assert capsys.readouterr().out == first
    assert json.loads(first)["form"] == "keyarc-page-1"


@needs_nginx
def test_the_web_server_delivers_the_page_of_this_checkout(
    served: WebServer, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"http://{served.host}"

    assert run(compare=url) == 0

    assert capsys.readouterr().out.startswith(f"{url}: 0 of ")


@needs_nginx
def test_a_changed_byte_is_told_and_fails(
    served: WebServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dist" / "site" / "robots.txt").write_text("User-agent: evil\n")

    assert run(compare=f"http://{served.host}") == 1

    told = capsys.readouterr().out
    assert told.startswith("/robots.txt (identity) is another file\n")
    assert ": 1 of " in told


def test_a_server_that_is_away_is_a_sentence() -> None:
    with pytest.raises(Failure, match="does not answer"):
        run(compare=AWAY)


def test_a_commit_is_named_only_if_the_page_is_of_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    shutil.copy(WEB.parent / "pyproject.toml", tmp_path)
    before = page_manifest.made(DIST).commit
    repositories.begin(tmp_path)
    committed = repositories.commit(tmp_path, "feat: begin")
    (tmp_path / "release").mkdir()
    (tmp_path / "release" / "notes.md").touch()

    clean = page_manifest.made(DIST).commit
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "left-over.ts").touch()

    assert before is None
    assert clean == committed
    assert page_manifest.made(DIST).commit is None
