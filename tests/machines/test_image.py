"""The images as their recipe makes them, and the services started from nothing but their files."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from machines import dockerfile, environment, image
from machines.apps import APPS
from machines.failures import Failure
from machines.image import Replay
from shared import access_tokens
from tests import databases
from tests.machines.replays import Images

SECRET = "a secret that signs contexts in a test"
SERVICES = ("auth", "gateway", "account", "keys")
PYTHON = (*SERVICES, "jobs")
OPENING = {"account_keys", "cli", "client", "kdf", "keyring", "seal", "sharing", "vault_keys"}
VERIFYING = {"__init__.py", "commits", "encoding.py", "identity.py"}
UNCHECKED_HASH = 0b01  # PEP 552
VERSIONS = environment.ROOT / "migrations" / "versions"
MOST_MEGABYTES = {"gateway": 32, "account": 50, "keys": 50, "auth": 85, "jobs": 130}


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Images]:
    base = tmp_path_factory.getbasetemp()
    together = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with Images(together / "images") as found:
        yield found


def app_of(root: Path) -> list[str]:
    """The files of an image that are ours."""
    files = image.files_of(root / "app")
    return [path for path in files if not path.startswith("packages/") and ".pyc" not in path]


@pytest.mark.parametrize("target", PYTHON)
def test_every_module_of_an_image_is_compiled_and_taken_without_a_look_at_its_time(
    images: Images, target: str
) -> None:
    """Layers change the times of files; bytecode that looks old would be made anew each start."""
    root = images.build(target)

    modules = [file for file in root.rglob("*.py") if file.is_file()]
    compiled = {file: Path(image_cache(file)) for file in modules}

    assert [file for file, cache in compiled.items() if not cache.is_file()] == []
    flags = {cache.read_bytes()[4:8] for cache in compiled.values()}
    assert flags == {UNCHECKED_HASH.to_bytes(4, "little")}


def image_cache(file: Path) -> str:
    return str(file.parent / "__pycache__" / f"{file.stem}.{sys.implementation.cache_tag}.pyc")


@pytest.mark.parametrize("target", PYTHON)
def test_everybody_may_read_an_image_and_only_its_owner_may_write(
    images: Images, target: str
) -> None:
    root = images.build(target) / "app"

    modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in (root, *root.rglob("*"))}

    assert [path for path, mode in modes.items() if mode & (stat.S_IWGRP | stat.S_IWOTH)] == []
    assert [path for path, mode in modes.items() if not mode & stat.S_IROTH] == []


@pytest.mark.parametrize("target", PYTHON)
def test_an_image_holds_no_code_that_opens_a_secret_and_none_that_does_not_run(
    images: Images, target: str
) -> None:
    files = app_of(images.build(target))

    of_library = {path.split("/")[2] for path in files if path.startswith("shared/keyarc/")}
    of_machines = {path for path in files if path.startswith("machines/")}
    others = {path.split("/")[1] for path in files if path.startswith("handlers/")}

    assert of_library <= VERIFYING
    assert not OPENING & {Path(path).stem for path in files if "keyarc" in path}
    assert of_machines <= {"machines/gunicorn.conf.py"}
    assert others == {"__init__.py", target}
    assert [path for path in files if "test" in path or path.endswith(".md")] == []


def test_the_image_of_the_gateway_holds_neither_a_database_nor_schemas(images: Images) -> None:
    packages = {path.name.partition("-")[0] for path in packages_of(images.build("gateway"))}

    assert packages & {"falcon", "gunicorn"} == {"falcon", "gunicorn"}
    assert not packages & {"psycopg", "psycopg_pool", "psycopg_binary", "marshmallow"}


def packages_of(root: Path) -> list[Path]:
    return sorted((root / "app" / "packages").glob("*.dist-info"))


@pytest.mark.parametrize("target", PYTHON)
def test_an_image_stays_light(images: Images, target: str) -> None:
    """Fly takes money for what a sleeping machine's files weigh."""
    files = image.files_of(images.build(target))

    megabytes = sum(files.values()) / image.MEGABYTE

    assert megabytes < MOST_MEGABYTES[target], image.heaviest(files)


@pytest.mark.parametrize(
    ("target", "prefix"),
    [("auth", "/auth"), ("account", "/api/account"), ("keys", "/api/keys")],
)
def test_a_service_runs_from_its_image_as_somebody_who_owns_nothing_of_it(
    images: Images, database: str, tmp_path: Path, target: str, prefix: str
) -> None:
    root = images.build(target)
    before = state(root)
    told = {
        "DATABASE_URL": database,
        "JWT_SECRET": SECRET,
        "PUBLIC_ORIGIN": "http://localhost",
        "CONTEXT_PUBLIC_KEYS": access_tokens.context_public_key(SECRET),
    }

    with images.running(target, tmp_path, told) as service:
        health = service.answer(f"{prefix}/health")
        ready = service.answer(f"{prefix}/ready")

    assert health == (200, {"status": "ok"})
    assert ready == (200, {"status": "ready"})
    assert state(root) == before


def test_the_gateway_runs_from_its_image_and_refuses_a_stranger(
    images: Images, tmp_path: Path
) -> None:
    root = images.build("gateway")
    before = state(root)
    told = {
        "JWT_SECRET": SECRET,
        "PUBLIC_ORIGIN": "http://localhost",
        "ACCOUNT_URL": "http://127.0.0.1:9",
        "KEYS_URL": "http://127.0.0.1:9",
    }

    with images.running("gateway", tmp_path, told) as service:
        health = service.answer("/api/health")
        status, problem = service.answer("/api/keys/vaults")

    assert health == (200, {"status": "ok"})
    assert (status, problem["type"]) == (401, "/problems/not-signed-in")
    assert state(root) == before


def state(root: Path) -> Mapping[str, tuple[int, int]]:
    """Every file and folder with its time and size; who owns it is the test's own doing."""
    found = {path: path.lstat() for path in root.rglob("*")}
    return {str(path): (stat.st_mtime_ns, stat.st_size) for path, stat in found.items()}


def test_the_release_command_migrates_a_database_from_the_image_of_auth(
    images: Images, database_server: str
) -> None:
    images.build("auth")
    python = images.replay.command("auth")[0]
    command = APPS["auth"].settings["deploy"]["release_command"].split()

    with databases.fresh(database_server, f"keyarc_{uuid4().hex}") as url:
        subprocess.run(
            [python, "-S", *command[1:]],
            cwd=images.replay.folder("auth"),
            env={**images.replay.variables("auth"), "DIRECT_DATABASE_URL": url},
            check=True,
        )
        with psycopg.connect(url) as conn:
            found = conn.execute("SELECT version_num FROM alembic_version").fetchall()

    newest = max(file.stem.partition("_")[0] for file in VERSIONS.glob("[0-9]*.py"))
    assert [row[0] for row in found] == [newest]


def test_a_job_runs_from_its_image(images: Images, database: str) -> None:
    images.build("jobs")
    python, *words = images.replay.command("jobs")
    told = {"PATH": os.environ["PATH"], **images.replay.variables("jobs")}

    done = subprocess.run(
        [python, *words[:-1], "purge"],
        cwd=images.replay.folder("jobs"),
        env={**told, "DATABASE_URL": database, "DIRECT_DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_the_image_of_the_jobs_holds_a_pg_dump_that_runs(images: Images) -> None:
    dump = next(images.build("jobs").rglob("pginstall/bin/pg_dump"))

    said = subprocess.run([dump, "--version"], capture_output=True, text=True, check=True)

    assert said.stdout.startswith("pg_dump (PostgreSQL) 18")


def test_a_step_that_fails_leaves_no_part_of_an_image(tmp_path: Path) -> None:
    recipe = dockerfile.read("FROM scratch AS half\nRUN python -c pass\nRUN false\n")
    replay = Replay(tmp_path, recipe)

    with pytest.raises(Failure, match="Dockerfile:3: RUN false"):
        replay.build("half")

    assert list(tmp_path.iterdir()) == []
