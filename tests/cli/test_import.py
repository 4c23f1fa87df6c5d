"""``import``: a preview without values, then everything or nothing."""

import json
import os
from pathlib import Path

import pytest

from tests.cli.keyarc import Keyarc


@pytest.fixture
def dotenv(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def test_a_preview_names_new_changed_and_equal_and_shows_no_value(
    keyarc: Keyarc, dotenv: Path
) -> None:
    dotenv.write_text("SAME=1\nOTHER=needle-old\n")
    keyarc("import", str(dotenv), "--vault", "work", "--yes")
    dotenv.write_text("SAME=1\nOTHER=needle-new\nFRESH=needle-fresh\n")

    looked = keyarc("import", str(dotenv), "--vault", "work", "--dry-run")
    as_json = keyarc("import", str(dotenv), "--vault", "work", "--dry-run", "--json")

    assert looked.out.splitlines() == ["+ FRESH", "~ OTHER", "= SAME"]
    assert as_json.json == {
        "keyarc": 1,
        "vault": "work",
        "path": "",
        "new": ["FRESH"],
        "changed": ["OTHER"],
        "equal": ["SAME"],
        "committed": False,
    }
    assert "needle" not in looked.out + looked.err + as_json.out
    assert keyarc("get", "work/OTHER").out == "needle-old"


def test_an_import_is_one_change_and_the_same_again_is_none(keyarc: Keyarc, dotenv: Path) -> None:
    dotenv.write_text("".join(f"KEY_{number}=value {number}\n" for number in range(500)))

    keyarc("import", str(dotenv), "--vault", "work", "--path", "a/b", "--yes")
    again = keyarc("import", str(dotenv), "--vault", "work", "--path", "a/b", "--yes")

    secrets = keyarc("ls", "work", "--json").json["secrets"]
    assert {(one["path"], one["version"]) for one in secrets} == {("a/b", 1)}
    assert len(secrets) == 500
    assert "Nothing imported" in again.err
    assert keyarc("get", "work/a/b/KEY_499").out == "value 499"


def test_a_changed_variable_gets_a_version_and_keeps_the_rest(keyarc: Keyarc, dotenv: Path) -> None:
    keyarc("set", "work/KEY", "--tag", "kept", given=b"old")
    dotenv.write_text("KEY=new")

    keyarc("import", str(dotenv), "--vault", "work", "--yes")

    secret = keyarc("get", "work/KEY", "--json").json
    assert (secret["fields"][0]["value"], secret["version"], secret["tags"]) == ("new", 2, ["kept"])


@pytest.mark.parametrize(
    ("content", "line"), [(b"A=1\nB\nC=3\n", 2), (b"A=1\nB='open\n", 2), (b"A=1\n\nB=\xff", 3)]
)
def test_a_line_that_cannot_be_read_stops_everything_and_is_named(
    keyarc: Keyarc, dotenv: Path, content: bytes, line: int
) -> None:
    dotenv.write_bytes(content)

    failed = keyarc("import", str(dotenv), "--vault", "work", "--yes", code=1)

    assert f"line {line}:" in failed.err
    assert "nothing was imported" in failed.err
    assert keyarc("ls", "--json").json["secrets"] == []


def test_standard_input_can_be_imported(keyarc: Keyarc) -> None:
    keyarc("import", "-", "--vault", "work", "--yes", given=b"A=1")

    assert keyarc("get", "work/A").out == "1"


def test_without_a_terminal_the_missing_agreement_is_named(keyarc: Keyarc, dotenv: Path) -> None:
    dotenv.write_text("A=1")

    assert "--yes" in keyarc("import", str(dotenv), "--vault", "work", code=2).err
    assert json.loads(keyarc("ls", "--json").out)["secrets"] == []


def test_a_file_that_is_not_there_is_named(keyarc: Keyarc, dotenv: Path) -> None:
    assert str(dotenv) in keyarc("import", str(dotenv), "--vault", "work", code=1).err


@pytest.mark.parametrize("path", ["a//b", "a/b//c"])
def test_a_folder_with_an_empty_name_is_wrong_use(keyarc: Keyarc, dotenv: Path, path: str) -> None:
    dotenv.write_text("A=1")

    keyarc("import", str(dotenv), "--vault", "work", "--path", path, "--yes", code=2)


def test_a_second_import_of_thousands_of_lines_stays_quick(keyarc: Keyarc, dotenv: Path) -> None:
    dotenv.write_text("".join(f"K{number}=1\n" for number in range(4000)))
    keyarc("import", str(dotenv), "--vault", "work", "--yes")

    before = os.times().children_user
    again = keyarc("import", str(dotenv), "--vault", "work", "--dry-run", "--json")

    assert len(again.json["equal"]) == 4000
    assert os.times().children_user - before < 10
