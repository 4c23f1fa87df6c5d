"""What a build may copy is what Docker would send."""

from pathlib import Path

import pytest

from machines import context
from machines.environment import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in (
        "app/__init__.py",
        "app/__pycache__/__init__.pyc",
        "app/notes.md",
        "app/deep/one.py",
        "app/deep/two.txt",
        "secret.env",
        "tools/kept.py",
        "tools/left.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    rules = "*\n# a comment\n\n!app\n!tools/kept.py\n**/*.md\n**/__pycache__\n"
    (tmp_path / ".dockerignore").write_text(rules)
    return tmp_path


def test_the_last_rule_that_fits_decides(checkout: Path) -> None:
    files = context.of_checkout(checkout)

    assert files.paths == (
        "app/__init__.py",
        "app/deep/one.py",
        "app/deep/two.txt",
        "tools/kept.py",
    )


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("app/__init__.py", [("app/__init__.py", "")]),
        ("app/deep", [("app/deep/one.py", "one.py"), ("app/deep/two.txt", "two.txt")]),
        ("app/deep/*.py", [("app/deep/one.py", "")]),
        ("app/*.py", [("app/__init__.py", "")]),
        ("secret.env", []),
        ("./tools", [("tools/kept.py", "kept.py")]),
    ],
)
def test_a_pattern_means_files_and_a_folder_all_that_is_in_it(
    checkout: Path, pattern: str, found: list[tuple[str, str]]
) -> None:
    assert context.of_checkout(checkout).named(pattern) == found


def test_nothing_private_of_a_checkout_is_sent_to_a_builder() -> None:
    """An instance keeps its data, and an operator perhaps an .env, in the same folder."""
    sent = context.of_checkout(ROOT).paths

    tops = {path.partition("/")[0] for path in sent}

    assert tops == {"handlers", "machines", "migrations", "pyproject.toml", "shared", "web"}
    assert [path for path in sent if "node_modules" in path or "__pycache__" in path] == []
