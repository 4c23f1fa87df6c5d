"""A tag is tested, built the same twice, tried, signed, published without a token, announced."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from machines.commands import parser
from machines.environment import ROOT, VENV
from machines.releases.page_manifest import version
from tests import repositories
from tests.workflows import files

SOURCES = ("pyproject.toml", "README.md", "LICENSE", "shared/keyarc")


def test_a_tag_of_a_version_begins_a_release() -> None:
    assert files.triggers("release") == {"push": {"tags": ["v*"]}}


def test_nothing_goes_out_before_what_comes_before_it() -> None:
    order = {name: files.needs(job) for name, job in files.jobs("release").items()}

    assert order == {
        "test": [],
        "build": [],
        "try": ["build"],
        "sign": ["build", "test", "try"],
        "publish": ["build", "sign"],
        "announce": ["build", "publish"],
    }
    assert not any("if" in job for job in files.jobs("release").values())


def test_what_runs_code_of_others_may_write_nothing() -> None:
    """Building and trying install packages; signing, publishing and announcing run none."""
    jobs = files.jobs("release")

    for name in ("build", "try"):
        assert set(jobs[name]["permissions"].values()) == {"read"}
    for name in ("sign", "publish", "announce"):
        assert "actions/checkout" not in str(jobs[name])
        assert "pip" not in files.commands(jobs[name])


@pytest.mark.parametrize("name", ["try", "sign", "publish", "announce"])
def test_what_goes_out_is_what_was_built_and_nothing_that_took_its_name(name: str) -> None:
    """Between them packages of others run, in the same run of the workflow."""
    jobs = files.jobs("release")
    (upload,) = (step for step in jobs["build"]["steps"] if "upload-artifact" in str(step))
    (download,) = (step for step in jobs[name]["steps"] if "download-artifact" in str(step))

    told = f"${{{{ steps.{upload['id']}.outputs.artifact-id }}}}"
    assert jobs["build"]["outputs"] == {"artifact": told}
    assert download["with"] == {
        "artifact-ids": "${{ needs.build.outputs.artifact }}",
        "path": "release",
    }


def test_no_token_is_kept_for_the_package_index() -> None:
    assert "secrets." not in files.path("release").read_text()
    publish = files.jobs("release")["publish"]
    assert publish["environment"] == "pypi"
    assert publish["permissions"]["id-token"] == "write"


def test_wheel_and_page_are_signed() -> None:
    *_, sign = files.jobs("release")["sign"]["steps"]

    assert sign["with"]["subject-path"].split() == ["release/dist/*", "release/page-manifest.json"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the workflow's own script leaves, in a copy of what it needs."""
    folder = tmp_path_factory.mktemp("release")
    for source in SOURCES:
        (folder / source).parent.mkdir(exist_ok=True)
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        copy(ROOT / source, folder / source)
    (folder / ".venv").symlink_to(VENV)
    repositories.begin(folder)
    repositories.git(folder, "add", "pyproject.toml")
    repositories.git(folder, "commit", "--quiet", "--message=x")
    steps = files.jobs("release")["build"]["steps"]
    script = next(step["run"] for step in steps if "wheel" in step.get("name", ""))
    subprocess.run(
        ["bash", "-e", "-c", script], cwd=folder, stdin=subprocess.DEVNULL, timeout=300, check=True
    )
    return folder / "release"


def test_the_script_builds_twice_and_leaves_one(built: Path) -> None:
    number = version(ROOT)

    assert sorted(path.name for path in built.rglob("*") if path.is_file()) == [
        f"keyarc-{number}-py3-none-any.whl",
        f"keyarc-{number}.tar.gz",
    ]


def test_the_wheel_holds_the_library_and_nothing_of_the_server(built: Path) -> None:
    (wheel,) = built.rglob("*.whl")

    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()

    assert {name.split("/")[0].split("-")[0] for name in names} == {"keyarc"}
    for needed in ("keyarc/words.txt", "keyarc/py.typed", "keyarc/cli/main.py", "keyarc/site.py"):
        assert needed in names


def test_the_wheel_works_where_no_checkout_is(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.rglob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import keyarc\n"
        "from keyarc import Client, Vault\n"
        "from keyarc.cli.main import main\n"
        f"assert keyarc.__file__.startswith({str(tmp_path)!r})\n"
        "main(['--version'])\n"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert ran.stdout == f"keyarc {version(ROOT)}\n", ran.stderr


def test_the_command_takes_the_tag_as_it_is() -> None:
    options = parser().parse_args(["release", "v0.2.0", "--notes", "release/notes.md"])

    assert (options.version, options.notes) == ("v0.2.0", Path("release/notes.md"))
    assert '"$GITHUB_REF_NAME" --notes release/notes.md' in files.commands(
        files.jobs("release")["build"]
    )
