"""What the READMEs tell an operator to type is what the commands and the database understand."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from machines import commands
from machines.environment import ROOT
from shared.db import Connection

READMES = [ROOT / "README.md", *sorted(ROOT.glob("*/README.md")), *ROOT.glob("*/*/README.md")]
RUNBOOK = ROOT / "machines" / "README.md"
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`]+)`")
BEGIN = "python3 machines"
OPTIONAL = re.compile(r"\[[^]]*\]")
RECIPES = (
    *("A wake is slow", "The database is away", "The certificate ends", "Restoring"),
    *("Changing keys", "A stolen laptop", "The region is lost"),
)


def told(text: str) -> Iterator[str]:
    """Yield every command in *text*: a line of a block up to its explanation, or an inline one."""
    for _, block in FENCED.findall(text):
        for line in block.splitlines():
            found = re.split(r"\s{2,}|\s#", line.strip(), maxsplit=1)[0]
            if found.startswith(BEGIN):
                yield found
    for inline in INLINE.findall(FENCED.sub("", text)):
        command = " ".join(inline.split())
        if command.startswith(BEGIN):
            yield command


def words(command: str) -> list[str]:
    """Return what is typed: optional words and dots that stand for more are left out."""
    typed = shlex.split(OPTIONAL.sub("", command.removeprefix(BEGIN)))
    return [word for word in typed if word != "…"]


def test_there_are_commands_to_hold_to_their_word() -> None:
    typed = [command for file in READMES for command in told(file.read_text())]

    assert len(typed) > 20
    assert f"{BEGIN} up" in typed


@pytest.mark.parametrize("file", READMES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_command_is_one_that_is_understood(file: Path) -> None:
    for command in told(file.read_text()):
        typed = words(command)
        if len(typed) > 1:
            commands.parser().parse_args(typed)
        else:  # named, and not yet to be typed
            assert not typed or typed[0] in commands.COMMANDS


def test_a_command_that_does_not_exist_would_be_found() -> None:
    with pytest.raises(SystemExit):
        commands.parser().parse_args(words("python3 machines secrets mend JWT_SECRET"))


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_is_a_numbered_list(recipe: str) -> None:
    [found] = re.findall(
        rf"^### {recipe}\n(.*?)(?=^##)", RUNBOOK.read_text(), re.MULTILINE | re.DOTALL
    )

    assert len(re.findall(r"^\d\. ", found, re.MULTILINE)) >= 3


def test_every_statement_is_one_that_the_database_understands(conn: Connection) -> None:
    statements = [text for kind, text in FENCED.findall(RUNBOOK.read_text()) if kind == "sql"]

    assert statements
    for statement in statements:
        conn.execute("EXPLAIN " + statement)
