"""The Dockerfile is read as Docker reads it, or refused."""

import pytest

from machines import dockerfile
from machines.failures import Failure

TEXT = """\
# a comment
FROM debian:13 AS ground
ENV GREETING=hello PATH=/opt/bin
WORKDIR /app

FROM ground AS tool
COPY one.txt \\
     two.txt \\
     there/
RUN echo "two words" \\
 # a comment between
 && true

FROM ground AS app
COPY --from=tool --chown=1:1 /app/there there
ENV GREETING=bye
USER 1
CMD ["program", "--flag", "two words"]
"""


def test_a_step_knows_its_first_line_and_its_words() -> None:
    copy, run = dockerfile.read(TEXT).stages["tool"].steps

    assert (copy.line, copy.words) == (7, ("one.txt", "two.txt", "there/"))
    assert (run.line, run.words) == (10, ("echo", "two words", "&&", "true"))


def test_flags_of_the_instruction_are_none_of_its_words() -> None:
    copy = dockerfile.read(TEXT).stages["app"].steps[0]

    assert copy.flags == {"from": "tool", "chown": "1:1"}
    assert copy.words == ("/app/there", "there")


def test_an_array_is_the_exec_form_and_a_line_the_shell_form() -> None:
    recipe = dockerfile.read(TEXT)

    command, run = recipe.last("app", "CMD"), recipe.last("tool", "RUN")

    assert command
    assert command.exec_form
    assert command.words == ("program", "--flag", "two words")
    assert run
    assert not run.exec_form


def test_a_target_inherits_what_it_does_not_say_itself() -> None:
    recipe = dockerfile.read(TEXT)

    assert [stage.name for stage in recipe.lineage("app")] == ["ground", "app"]
    assert recipe.environment("app") == {"GREETING": "bye", "PATH": "/opt/bin"}
    assert recipe.workdir("app") == "/app"


def test_a_target_is_a_stage_with_a_command_and_needs_those_it_copies_from() -> None:
    recipe = dockerfile.read(TEXT)

    assert recipe.targets == ("app",)
    assert recipe.needed("app") == ["ground", "app", "tool"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("FROM a AS b\nADD x y\n", "Dockerfile:2: ADD is not used here"),
        ("FROM a\n", "Dockerfile:1: every stage has a name"),
        ("FROM a AS b\nFROM c AS b\n", "Dockerfile:2: every stage has a name of its own"),
        ("RUN true\n", "Dockerfile:1: RUN stands before the first FROM"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_line(text: str, why: str) -> None:
    with pytest.raises(Failure, match=why):
        dockerfile.read(text)


def test_a_target_that_is_none_is_answered_with_those_that_are() -> None:
    with pytest.raises(Failure, match="no target gatway: app"):
        dockerfile.read(TEXT).lineage("gatway")


def test_variables_are_filled_in_and_unknown_ones_are_empty() -> None:
    filled = dockerfile.filled("--a=${ONE}/$TWO/$THREE", {"ONE": "1", "TWO": "2"})

    assert filled == "--a=1/2/"
