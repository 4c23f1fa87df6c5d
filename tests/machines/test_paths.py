"""A change deploys the apps that it is part of, and no other."""

import re
from pathlib import Path

import grimp
import pytest

from machines.apps import APPS
from machines.environment import ROOT
from machines.paths import changed_apps, matches

PYTHON = ("auth", "account", "keys", "gateway")
EVERY = (*PYTHON, "frontend")
IMPORTED_BY_GUNICORN = re.compile(r"^from shared import (.+)$", re.MULTILINE)
IMPORTED_FROM_OUTSIDE = re.compile(r"""(?:from|import\(?)\s*['"]([^'"?]+)""")


@pytest.mark.parametrize(
    ("patterns", "named", "not_named"),
    [
        (["*"], ["README.md"], ["web/index.html"]),
        (["*.jsx?"], ["page.js", "page.jsx"], ["page.jsxx", "web/page.js"]),
        (["**"], ["all/the/files.md"], []),
        (["**.js"], ["index.js", "js/index.js", "src/js/app.js"], ["index.json"]),
        (["docs/*"], ["docs/README.md"], ["docs/mona/octocat.txt"]),
        (["docs/**"], ["docs/README.md", "docs/mona/octocat.txt"], ["docs", "my/docs/README.md"]),
        (["docs/**/*.md"], ["docs/README.md", "docs/a/b/file.md"], ["docs/file.txt"]),
        (["**/docs/**"], ["docs/hello.md", "dir/docs/my-file.txt"], ["mydocs/hello.md"]),
        (["**/*src/**"], ["a/src/app.js", "my-src/code/js/app.js"], ["src-a/app.js"]),
        (["v[12].[0-9]+"], ["v1.10", "v2.0"], ["v3.1", "v1x1", "v1."]),
        (["*.md", "!README.md"], ["hello.md"], ["README.md", "docs/hello.md"]),
        (["*.md", "!README.md", "README*"], ["hello.md", "README.md", "README.doc"], []),
        ([r"\!file", r"a\*b"], ["!file", "a*b"], ["file", "axb"]),
        (["machines/requirements*.txt"], ["machines/requirements.txt"], ["machines/a.txt"]),
        ([], [], ["README.md"]),
    ],
)
def test_patterns_mean_what_github_says(
    patterns: list[str], named: list[str], not_named: list[str]
) -> None:
    """The samples of its documentation, and what they leave out."""
    assert [path for path in [*named, *not_named] if matches(patterns, path)] == named


@pytest.mark.parametrize(
    ("file", "apps"),
    [
        ("handlers/auth/accounts.py", ["auth"]),
        ("handlers/account/vaults_sql.py", ["account"]),
        ("handlers/keys/openapi.json", ["keys"]),
        ("handlers/gateway/upstream.py", ["gateway"]),
        ("migrations/versions/0001_accounts.py", ["auth"]),
        ("web/src/main.ts", ["frontend"]),
        ("web/package-lock.json", ["frontend"]),
        ("machines/nginx.conf", ["frontend"]),
        ("shared/db.py", ["auth", "account", "keys"]),
        ("shared/service.py", PYTHON),
        ("shared/a_new_module.py", ["auth", "account", "keys"]),
        ("shared/keyarc/words.txt", ["frontend"]),
        ("shared/keyarc/encoding.py", PYTHON),
        ("shared/keyarc/identity.py", ["auth", "account", "keys"]),
        ("shared/keyarc/commits/log.py", ["account", "keys"]),
        ("shared/keyarc/cli/run.py", []),
        ("shared/keyarc/client.py", []),
        ("shared/keyarc/README.md", []),
        ("handlers/jobs/purge.py", ["auth"]),
        ("machines/jobs.toml", ["auth"]),
        ("machines/keys.toml", ["keys"]),
        ("machines/Dockerfile", EVERY),
        ("machines/gunicorn.conf.py", EVERY),
        ("machines/requirements.txt", EVERY),
        (".github/workflows/deploy.yml", EVERY),
        (".github/workflows/test.yml", []),
        ("machines/stack.py", []),
        ("tests/auth/test_accounts.py", []),
        ("README.md", []),
        ("handlers/README.md", []),
    ],
)
def test_a_change_of_one_file_deploys(file: str, apps: list[str]) -> None:
    assert changed_apps([file]) == tuple(apps)


def test_a_change_of_several_files_deploys_each_app_once_and_in_order() -> None:
    files = ["web/src/main.ts", "README.md", "handlers/keys/app.py", "shared/db.py"]

    assert changed_apps(files) == ("auth", "account", "keys", "frontend")
    assert changed_apps([]) == ()


@pytest.fixture(scope="module")
def imported() -> dict[str, set[str]]:
    """Files of ``shared`` and ``handlers`` that each service is made of, gunicorn.conf.py's too."""
    graph = grimp.build_graph("handlers", "shared", cache_dir=None)
    settings = (ROOT / "machines/gunicorn.conf.py").read_text()
    names = ", ".join(IMPORTED_BY_GUNICORN.findall(settings)).split(", ")
    own = {f"shared.{name}" for name in names}
    of_gunicorn = own.union(*(graph.find_upstream_modules(name) for name in own))
    found = {}
    for name in PYTHON:
        service = f"handlers.{name}"
        modules = graph.find_upstream_modules(service, as_package=True) | of_gunicorn
        modules |= graph.find_descendants(service) | {service}
        found[name] = {file for module in modules for file in files_of(module)}
    return found


def files_of(module: str) -> list[str]:
    """Itself, and the ``__init__.py`` of each package above."""
    parts = module.split(".")
    packages = ["/".join([*parts[:depth], "__init__.py"]) for depth in range(1, len(parts) + 1)]
    file = "/".join(parts) + ".py"
    return [path for path in [*packages, file] if (ROOT / path).is_file()]


@pytest.mark.parametrize("name", PYTHON)
def test_a_change_of_whatever_a_service_imports_deploys_it(
    imported: dict[str, set[str]], name: str
) -> None:
    forgotten = [file for file in sorted(imported[name]) if name not in changed_apps([file])]

    assert forgotten == []


def test_the_gateway_is_deployed_for_no_module_that_it_does_not_import(
    imported: dict[str, set[str]],
) -> None:
    shared = {path.relative_to(ROOT).as_posix() for path in (ROOT / "shared").rglob("*.py")}

    named = {file for file in shared if "gateway" in changed_apps([file])}

    assert named == {file for file in imported["gateway"] if file.startswith("shared/")}


def test_no_service_is_deployed_for_a_part_of_the_library_that_it_does_not_import(
    imported: dict[str, set[str]],
) -> None:
    library = {path.relative_to(ROOT).as_posix() for path in (ROOT / "shared/keyarc").rglob("*.py")}

    superfluous = {
        name: sorted(
            file
            for file in library
            if matches(APPS[name].triggers, file) and file not in imported[name]
        )
        for name in PYTHON
    }

    assert not any(superfluous.values()), superfluous


def test_a_change_of_whatever_the_page_imports_deploys_the_frontend() -> None:
    web = ROOT / "web"
    sources = [*web.glob("*.ts"), *(file for file in (web / "src").rglob("*") if file.is_file())]

    outside = {file for source in sources for file in outside_of(web, source)}

    assert "shared/keyarc/words.txt" in outside
    assert [file for file in sorted(outside) if "frontend" not in changed_apps([file])] == []


def outside_of(folder: Path, source: Path) -> list[str]:
    """Files that *source* imports from above *folder*."""
    names = IMPORTED_FROM_OUTSIDE.findall(source.read_text())
    files = [(source.parent / name).resolve() for name in names if name.startswith(".")]
    return [file.relative_to(ROOT).as_posix() for file in files if not file.is_relative_to(folder)]
