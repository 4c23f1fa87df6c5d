"""A version is made once, from a clean branch of its own, and nothing is pushed."""

import argparse
from pathlib import Path

import pytest

from machines import environment
from machines.failures import Failure
from machines.releases import release
from machines.releases.changelog import section, with_section
from tests import repositories

PROJECT = '[project]\nname = "keyarc"\nversion = "0.1.0"\n\n[tool.x]\nversion = "9.9.9"\n'


class Repository:
    """A checkout on its way to a version, and the command in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "pyproject.toml").write_text(PROJECT)
        (folder / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n")
        repositories.begin(folder)
        self.commit("feat: begin")
        self.git("switch", "--quiet", "--create", "release/next")

    def git(self, *arguments: str) -> str:
        return repositories.git(self.folder, *arguments)

    def commit(self, message: str) -> None:
        repositories.commit(self.folder, message)

    def release(self, version: str, *, dry_run: bool = False, notes: Path | None = None) -> int:
        return release.run(argparse.Namespace(version=version, dry_run=dry_run, notes=notes))

    @property
    def state(self) -> list[str]:
        """Whatever a release changes, and what it must not."""
        files = [(self.folder / name).read_text() for name in ("pyproject.toml", "CHANGELOG.md")]
        refs = self.git("for-each-ref", "--format=%(refname) %(objectname)")
        return [*files, refs, self.git("status", "--porcelain")]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    for name, value in repositories.SOMEONE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(release, "ROOT", tmp_path)
    return Repository(tmp_path)


def test_a_version_is_a_commit_and_a_tag(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.commit("fix(web): keep the focus")

    assert repository.release("0.2.0") == 0

    assert repository.git("log", "-1", "--format=%s") == "chore(release): 0.2.0"
    assert repository.git("rev-parse", "v0.2.0^{commit}") == repository.git("rev-parse", "HEAD")
    assert repository.git("cat-file", "-t", "v0.2.0") == "tag"
    assert repository.git("status", "--porcelain") == ""
    assert (repository.folder / "pyproject.toml").read_text() == PROJECT.replace("0.1.0", "0.2.0")
    told = capsys.readouterr().out
    assert "git push origin release/next\n" in told
    assert "git push origin v0.2.0\n" in told


def test_a_section_begins_where_the_last_version_ended(
    repository: Repository, tmp_path: Path
) -> None:
    repository.release("0.1.0")
    repository.commit("fix: one")
    repository.release("0.1.1")
    repository.commit("feat(keyarc): two")

    repository.release("0.2.0")

    repository.release("0.2.0", notes=tmp_path / "notes")
    assert (tmp_path / "notes").read_text() == "### Added\n\n- keyarc: two\n"
    assert (repository.folder / "CHANGELOG.md").read_text().count("begin") == 1


def test_the_first_version_may_be_the_one_that_stands_there(repository: Repository) -> None:
    assert repository.release("v0.1.0") == 0

    assert repository.git("tag") == "v0.1.0"


def test_a_dry_run_changes_nothing(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.git("switch", "--quiet", "main")
    before = repository.state

    assert repository.release("0.2.0", dry_run=True) == 0

    told = capsys.readouterr().out
    assert "### Added\n\n- begin" in told
    assert "in the way of a real run: Releases come from their own branch" in told
    assert repository.state == before


@pytest.mark.parametrize("version", ["0.2", "0.2.0rc1", "1.02.0", "0.2.0 ", "--help", ""])
def test_what_is_no_version_is_refused(repository: Repository, version: str) -> None:
    with pytest.raises(Failure, match="is no version"):
        repository.release(version)


def test_an_unfinished_checkout_is_refused(repository: Repository) -> None:
    (repository.folder / "left over").touch()

    refused(repository, "0.2.0", "has changes that are in no commit")


def test_another_branch_is_refused(repository: Repository) -> None:
    repository.git("switch", "--quiet", "main")

    refused(repository, "0.2.0", "git switch -c release/0.2.0")


def test_a_commit_on_no_branch_is_refused(repository: Repository) -> None:
    repository.git("switch", "--quiet", "--detach")

    refused(repository, "0.2.0", "their own branch")


def test_a_version_is_made_once(repository: Repository) -> None:
    repository.release("0.2.0")

    refused(repository, "0.2.0", "There is a tag v0.2.0")


def test_an_older_version_is_refused(repository: Repository) -> None:
    repository.release("0.10.0")

    refused(repository, "0.9.0", r"0\.9\.0 is older than 0\.10\.0")


def refused(repository: Repository, version: str, why: str) -> None:
    before = repository.state
    with pytest.raises(Failure, match=why):
        repository.release(version)
    assert repository.state == before


def test_a_changelog_without_its_line_is_refused(repository: Repository) -> None:
    (repository.folder / "CHANGELOG.md").write_text("# Changelog\n")
    repository.commit("docs: begin again")

    refused(repository, "0.2.0", "CHANGELOG.md has no line")


def test_notes_are_refused_where_the_number_is_another(
    repository: Repository, tmp_path: Path
) -> None:
    with pytest.raises(Failure, match=r"says 0\.1\.0, and not 0\.2\.0"):
        repository.release("v0.2.0", notes=tmp_path / "notes")


def test_notes_are_refused_where_the_changelog_says_nothing(
    repository: Repository, tmp_path: Path
) -> None:
    with pytest.raises(Failure, match=r"no section `## \[0\.1\.0\]"):
        repository.release("v0.1.0", notes=tmp_path / "notes")


def test_this_project_can_become_a_version() -> None:
    text = (environment.ROOT / "CHANGELOG.md").read_text()

    made = with_section(text, "99.0.0", "2026-11-22", {"Fixed": ["it"]})

    assert section(made, "99.0.0") == "### Fixed\n\n- it\n"
    assert release.VERSION.fullmatch(release.Checkout(environment.ROOT).stated)
