"""Promises over the whole house that neither a linter nor a single test can hold.

The import rules that can be said by name stand in pyproject.toml, under ``tool.importlinter``.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest
from falcon.testing import TestClient

from machines import openapi
from machines.environment import ROOT

SERVICES = ("auth", "gateway", "account", "keys")
VERIFYING = ("encoding", "identity", "commits")
HOMELESS = {"utils", "util", "common", "helpers", "helper", "misc", "core", "lib", "config"}
OPEN = {
    "GET /api/account/health",
    "GET /api/account/ready",
    "GET /api/health",
    "GET /api/keys/health",
    "GET /api/keys/ready",
    "GET /api/openapi.json",
    "GET /api/ready",
    "GET /api/warm",
    "GET /auth/about",
    "GET /auth/health",
    "GET /auth/links/{link_id}",
    "GET /auth/openapi.json",
    "GET /auth/ready",
    "POST /auth/accounts",
    "POST /auth/device-requests",
    "POST /auth/device-requests/{request_id}/answer",
    "POST /auth/email-verifications",
    "POST /auth/links/{link_id}",
    "POST /auth/machine-sessions",
    "POST /auth/passkey-sessions",
    "POST /auth/passkey-sessions/options",
    "POST /auth/prelogin",
    "POST /auth/recovery",
    "POST /auth/recovery/finish",
    "POST /auth/recovery/keys",
    "POST /auth/sessions",
    "POST /auth/sessions/passkey",
    "POST /auth/sessions/refresh",
    "POST /auth/sessions/totp",
}
KNOWN_HOST = {"Host": "keyarc.io"}
PARAMETER = re.compile(r"{\w+}")
MAX_LINES = 250
MAX_BODY_LINES = 40


def sources(*folders: str) -> list[Path]:
    return [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]


def functions(file: Path) -> Iterator[ast.FunctionDef]:
    yield from (node for node in ast.walk(parsed(file)) if isinstance(node, ast.FunctionDef))


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(), filename=str(file))


def named(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("handlers", "shared", include_external_packages=True, cache_dir=None)


def modules_after(statement: str) -> set[str]:
    """Run *statement* in a fresh Python without variables; the modules that it brought along."""
    program = (
        f"import sys; before = set(sys.modules); {statement}; print(*set(sys.modules) - before)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stderr == ""
    return set(ran.stdout.split())


def test_a_server_reaches_only_what_verifies_of_the_library(imports: grimp.ImportGraph) -> None:
    """Zero knowledge as an import rule: no server can be made to open what it holds."""
    services = {f"handlers.{service}" for service in SERVICES}
    reached = set.union(
        *(imports.find_upstream_modules(service, as_package=True) for service in services)
    )

    of_library = {name.split(".")[2] for name in reached if name.startswith("shared.keyarc.")}

    assert of_library <= set(VERIFYING)


def test_the_library_knows_nothing_of_the_server(imports: grimp.ImportGraph) -> None:
    library = imports.find_descendants("shared.keyarc") | {"shared.keyarc"}
    imported = set.union(*(imports.find_modules_directly_imported_by(name) for name in library))
    own = {name for name in imported if name.split(".")[0] in {"handlers", "machines", "shared"}}

    assert own <= library


def test_the_library_is_found_under_the_name_it_is_published_by() -> None:
    """Inside it imports are relative: ``shared`` does not exist where it is installed."""
    absolute = [
        named(file)
        for file in sources("shared/keyarc")
        for node in ast.walk(parsed(file))
        if (isinstance(node, ast.ImportFrom) and not node.level and node.module)
        and node.module.split(".")[0] in {"shared", "keyarc"}
    ]

    assert absolute == []


def test_importing_the_library_loads_nothing_that_it_does_not_need() -> None:
    loaded = modules_after("import shared.keyarc")

    assert not loaded & {"cryptography", "keyring", "http.client", "ssl", "argparse"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_without_what_only_other_times_need(service: str) -> None:
    """First what opens the port, then what answers, then what only some requests need."""
    first = modules_after(f"import handlers.{service}.app")
    then = modules_after(f"import handlers.{service}.routes")

    later = {"asyncio", "cryptography", "falcon", "marshmallow", "psycopg", "psycopg_pool"}
    heavy = {"alembic", "apispec", "jwt", "keyring", "playwright", "requests", "sqlalchemy"}
    heavy |= {"boto3", "prometheus_client"}
    assert not {name.split(".")[0] for name in first} & (later | heavy)
    assert not {name.split(".")[0] for name in then} & heavy


def test_the_gateway_starts_without_a_database_and_without_schemas() -> None:
    loaded = modules_after("import handlers.gateway.routes")

    assert not loaded & {"psycopg", "psycopg_pool", "marshmallow"}


def test_every_module_of_the_servers_can_be_imported_in_an_empty_environment() -> None:
    """No module asks for a variable, opens a connection or speaks when it is imported."""
    files = [file for file in sources("handlers", "shared") if "keyarc" not in file.parts]
    names = [named(file).removesuffix(".py").removesuffix("/__init__") for file in files]

    modules_after("import " + ", ".join(name.replace("/", ".") for name in names))


def test_only_from_env_reads_the_environment_of_a_server() -> None:
    readers = [
        f"{named(file)}: {function.name}"
        for file in sources("handlers", "shared")
        if "keyarc" not in file.parts
        for function in functions(file)
        if "environ" in {getattr(node, "attr", None) for node in ast.walk(function)}
        and function.name != "from_env"
    ]
    of_modules = [
        named(file)
        for file in sources("handlers", "shared")
        if "keyarc" not in file.parts
        for statement in parsed(file).body
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef)
        and "environ" in {getattr(node, "attr", None) for node in ast.walk(statement)}
    ]

    assert readers + of_modules == []


def test_no_app_has_a_sink() -> None:
    """Falcon asks no middleware who the caller is before a sink."""
    assert [named(file) for file in sources("handlers") if "add_sink" in file.read_text()] == []


def test_every_route_is_closed_to_strangers_but_these() -> None:
    """The list is literal: who opens a route writes it here too."""
    opened = set()
    for app in openapi.apps().values():
        for route in openapi.routes(app):
            if route.public:
                opened.add(f"{route.method} {route.path}")
                continue
            path = route.path.replace("{version}", "1")
            path = PARAMETER.sub("00000000-0000-4000-8000-000000000000", path)
            asked = TestClient(app).simulate_request(route.method, path, headers=KNOWN_HOST)
            assert asked.status_code == 401, route

    assert opened == OPEN


def test_no_file_is_too_long_to_read() -> None:
    files = sources("handlers", "machines", "shared", "migrations", "tests")
    lengths = {named(file): len(file.read_text().splitlines()) for file in files}

    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}


def test_no_function_is_too_long_to_see() -> None:
    files = sources("handlers", "machines", "shared")
    lengths = {
        f"{named(file)}: {function.name}": (function.end_lineno or 0) - function.lineno
        for file in files
        for function in functions(file)
    }

    assert {name: lines for name, lines in lengths.items() if lines > MAX_BODY_LINES} == {}


def test_no_module_is_a_drawer_for_things_without_a_noun() -> None:
    files = sources("handlers", "machines", "shared", "migrations", "tests")

    assert [named(file) for file in files if HOMELESS & {file.stem, file.parent.name}] == []


def test_nothing_is_skipped_mocked_or_left_to_do() -> None:
    # Where a server out of Debian's packages is missing, its tests say so.
    skipping = {"pytest.mark." + "skip": ["nginx"], "pytest." + "skip(": ["pgbouncer"]}
    marks = (*skipping, "unittest." + "mock", "TO" + "DO", "FIX" + "ME")
    texts = {
        named(file): file.read_text()
        for file in sources("handlers", "machines", "shared", "migrations", "tests")
    }

    assert {
        name
        for name, text in texts.items()
        for mark in marks
        if mark in text and not any(server in text for server in skipping.get(mark, []))
    } == set()
