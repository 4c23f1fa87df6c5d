"""Services, jobs and the release command, from nothing but the files of their images."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from machines import environment
from machines.apps import APPS
from machines.sockets import free_port
from shared import access_tokens
from tests import databases
from tests.machines.images.replays import Images

SECRET = "a secret that signs contexts in a test"
VERSIONS = environment.ROOT / "migrations" / "versions"


@pytest.mark.parametrize("target", ["auth", "account", "keys"])
def test_a_service_runs_from_its_image_as_somebody_who_owns_nothing_of_it(
    images: Images, database: str, tmp_path: Path, target: str
) -> None:
    root = images.build(target)
    before = state(root)
    told = {
        "DATABASE_URL": database,
        "JWT_SECRET": SECRET,
        "CONTEXT_PUBLIC_KEYS": access_tokens.context_public_key(SECRET),
    }

    with images.running(target, tmp_path, told_by_toml(target) | told) as service:
        health = service.answer(health_of(target))
        ready = service.answer(health_of(target).replace("health", "ready"))

    assert health == (200, {"status": "ok"})
    assert ready == (200, {"status": "ready"})
    assert state(root) == before


def test_the_gateway_runs_from_its_image_and_refuses_a_stranger(
    images: Images, tmp_path: Path
) -> None:
    root = images.build("gateway")
    before = state(root)
    told = told_by_toml("gateway") | {"JWT_SECRET": SECRET}

    with images.running("gateway", tmp_path, told) as service:
        health = service.answer(health_of("gateway"))
        status, problem = service.answer("/api/keys/vaults")

    assert health == (200, {"status": "ok"})
    assert (status, problem["type"]) == (401, "/problems/not-signed-in")
    assert state(root) == before


def told_by_toml(target: str) -> dict[str, str]:
    """What the app is told on Fly; here its ports are free ones."""
    env = APPS[target].settings["env"]
    return {**env, "PORT": str(free_port()), "METRICS_PORT": str(free_port())}


def health_of(target: str) -> str:
    return str(APPS[target].settings["http_service"]["checks"][0]["path"])


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
