"""What a build of the page is: the same twice, held to hashes, small, with its headers."""

import base64
import gzip
import hashlib
import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from machines import environment

WEB = Path(__file__).parents[2] / "web"
FIRST_LOAD = 16 * 1024  # 20 are promised: some room to grow


@dataclass(frozen=True)
class Site:
    """The files of a build."""

    dist: Path

    def read(self, path: str) -> bytes:
        return (self.dist / "site" / path.lstrip("/")).read_bytes()

    def text(self, path: str) -> str:
        return self.read(path).decode()

    def integrity(self, path: str) -> str:
        """The hash by which a browser may hold a file."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.read(path)).digest()).decode()

    def paths(self, pattern: str) -> list[str]:
        site = self.dist / "site"
        return sorted(f"/{file.relative_to(site).as_posix()}" for file in site.glob(pattern))

    def headers(self, path: str) -> dict[str, str]:
        """The headers that a server of this build sends with a path."""
        rules = json.loads((self.dist / "headers.json").read_text())["rules"]
        exact = [rule for rule in rules if rule["path"] == path]
        prefixes = [rule for rule in rules if rule["path"].endswith("/")]
        fitting = [rule for rule in prefixes if path.startswith(rule["path"])]
        found = exact or sorted(fitting, key=lambda rule: -len(rule["path"]))
        return dict(found[0]["headers"])

    def policy(self, path: str) -> dict[str, str]:
        """The directives of the content security policy of a path."""
        directives = self.headers(path)["Content-Security-Policy"].split("; ")
        return {name: rest for name, _, rest in (text.partition(" ") for text in directives)}


def build(folder: Path) -> Site:
    """Build the page into a folder."""
    command = ["node", "node_modules/vite/bin/vite.js", "build", "--logLevel", "error"]
    subprocess.run(
        [*command, "--outDir", str(folder / "site")],
        cwd=WEB,
        env=environment.with_node(),
        check=True,
    )
    return Site(folder)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return build(tmp_path_factory.mktemp("build"))


def unpacked(site: Site, path: str) -> bytes:
    """What a browser makes of a file that was packed with brotli."""
    unpack = "process.stdout.write(zlib.brotliDecompressSync(fs.readFileSync(0)))"
    command = ["node", "--eval", unpack]
    ran = subprocess.run(
        command, input=site.read(path), env=environment.with_node(), check=True, capture_output=True
    )
    return ran.stdout


def import_map(site: Site) -> tuple[str, dict[str, str]]:
    """The import map of the page as text, and its hashes by path."""
    found = re.search(
        r'<script type="importmap">(.*?)</script>', site.text("index.html"), re.DOTALL
    )
    assert found is not None
    return found[1], json.loads(found[1])["integrity"]


def test_two_builds_are_the_same_to_the_byte(site: Site, tmp_path: Path) -> None:
    again = build(tmp_path)

    files = site.paths("**/*.*")
    assert again.paths("**/*.*") == files
    assert [path for path in files if again.read(path) != site.read(path)] == []
    assert (again.dist / "headers.json").read_bytes() == (site.dist / "headers.json").read_bytes()


def test_every_script_and_style_of_the_page_carries_its_hash(site: Site) -> None:
    tags = re.findall(r"<(?:script|link)\b[^>]*/assets/[^>]*>", site.text("index.html"))

    assert len(tags) >= 2
    for tag in tags:
        path = re.search(r'(?:src|href)="([^"]+)"', tag)
        assert path is not None
        assert f'integrity="{site.integrity(path[1])}"' in tag


def test_the_import_map_names_every_script_by_its_hash(site: Site) -> None:
    _, hashes = import_map(site)

    assert hashes == {path: site.integrity(path) for path in site.paths("**/*.js")}


def test_a_worker_imports_nothing_that_it_has_not_checked(site: Site) -> None:
    workers = site.paths("assets/*.worker-*.js")

    assert len(workers) == 2
    for worker in workers:
        code = site.text(worker)
        assert re.findall(r"""\b(?:from|import)\s*["'`]\./""", code) == []
        bare = re.sub(r"Promise\.all\(\[[^\]]*\]\)\.then\(\(\)=>import\([^)]*\)\)", "", code)
        assert re.findall(r"\bimport\(", bare) == []
        checked = re.findall(r'fetch\("([^"]+)",\{integrity:"([^"]+)"\}\)', code)
        assert [path for path, hash_ in checked if site.integrity(path) != hash_] == []


def test_only_the_worker_that_derives_keys_may_compile_web_assembly(site: Site) -> None:
    kdf, core = (site.paths(f"assets/{name}.worker-*.js")[0] for name in ("kdf", "core"))

    assert site.policy(kdf)["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert site.policy(core)["script-src"] == "'self'"
    assert site.policy(core)["trusted-types"] == site.policy(kdf)["trusted-types"] == "'none'"


def test_the_page_runs_nothing_but_its_own_scripts_and_import_map(site: Site) -> None:
    text, _ = import_map(site)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    policy = site.policy("/")

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == f"'self' 'sha256-{digest}'"
    assert policy["style-src"] == policy["connect-src"] == policy["worker-src"] == "'self'"
    assert policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert policy["trusted-types"] == "keyarc"


def test_every_path_is_isolated_and_tells_no_other_site_where_it_was(site: Site) -> None:
    for path in ("/", "/vaults/", "/favicon.svg", *site.paths("assets/*.js")):
        headers = site.headers(path)
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "camera=()" in headers["Permissions-Policy"]


def test_what_is_named_by_its_hash_is_kept_and_the_page_is_asked_for_again(site: Site) -> None:
    assert site.headers("/")["Cache-Control"] == "no-cache"
    assert site.headers("/")["Integrity-Policy"] == "blocked-destinations=(script)"
    for path in site.paths("assets/*.js"):
        assert site.headers(path)["Cache-Control"] == "public, max-age=31536000, immutable"


def test_every_file_of_text_has_compressed_copies(site: Site) -> None:
    texts = ["/index.html", "/robots.txt", "/favicon.svg", "/manifest.webmanifest"]

    for path in [*texts, *site.paths("assets/*.js"), *site.paths("assets/*.css")]:
        assert gzip.decompress(site.read(f"{path}.gz")) == site.read(path)
        assert unpacked(site, f"{path}.br") == site.read(path)


def test_no_source_map_is_shipped(site: Site) -> None:
    assert site.paths("**/*.map") == []
    assert [path for path in site.paths("**/*.js") if "sourceMappingURL" in site.text(path)] == []


def test_the_first_load_is_small(site: Site) -> None:
    at_once = re.sub(r"<link\b[^>]* disabled [^>]*>", "", site.text("index.html"))
    named = re.findall(r'(?:src|href)="(/(?:assets/)?[\w.-]+\.\w+)"', at_once)

    size = sum(len(site.read(f"{path}.br")) for path in ["index.html", *named])

    assert size <= FIRST_LOAD
