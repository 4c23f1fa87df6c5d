"""What is in an image, and what is not."""

import stat
import sys
from pathlib import Path

import pytest

from machines import image
from tests.machines.images.replays import Images

PYTHON = ("auth", "gateway", "account", "keys", "jobs")
OPENING = {"account_keys", "cli", "client", "kdf", "keyring", "seal", "sharing", "vault_keys"}
VERIFYING = {"__init__.py", "commits", "encoding.py", "identity.py"}
UNCHECKED_HASH = 0b01  # PEP 552
MOST_MEGABYTES = {"gateway": 32, "account": 50, "keys": 50, "auth": 85, "jobs": 130}


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
