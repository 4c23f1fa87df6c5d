"""``python3 machines image``: a recipe carried out in a folder, and told."""

from argparse import Namespace
from pathlib import Path

import pytest

from machines import dockerfile, image
from machines.failures import Failure
from machines.image import Replay


def test_a_step_that_fails_leaves_no_part_of_an_image(tmp_path: Path) -> None:
    recipe = dockerfile.read("FROM scratch AS half\nRUN python -c pass\nRUN false\n")
    replay = Replay(tmp_path, recipe)

    with pytest.raises(Failure, match="Dockerfile:3: RUN false"):
        replay.build("half")

    assert list(tmp_path.iterdir()) == []


def test_an_operator_is_told_what_was_done_and_what_it_weighs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = 'FROM scratch AS tiny\nCOPY pyproject.toml there/\nUSER 1\nCMD ["python", "-V"]\n'
    replay = Replay(tmp_path, dockerfile.read(text))

    replay.build("tiny")
    image.tell(replay, "tiny")

    told = capsys.readouterr().out.splitlines()
    assert told[0] == "tiny, upon scratch"
    assert [line.split("  ")[1] for line in told[1:4]] == [
        "COPY pyproject.toml there/",
        "USER 1",
        'CMD ["python", "-V"]',
    ]
    assert told[4].startswith("1 files, 0.0 MB upon the base")
    assert told[5].split() == ["0.0", "MB", "there/pyproject.toml"]
    assert told[6] == "runs as 1: python -V"


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter").touch()

    with pytest.raises(Failure, match="is not empty: name a new folder"):
        image.run(Namespace(target="gateway", into=tmp_path))

    assert [path.name for path in tmp_path.iterdir()] == ["letter"]
