"""The program is run with secrets by standard input alone, and its failures become sentences."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from machines.failures import Failure
from machines.fly import flyctl
from machines.fly.flyctl import Flyctl
from tests.machines.fly.operator import FLYCTL

Expect = Callable[..., None]


@pytest.fixture
def fly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flyctl:
    """The program, with a small Fly of one app, ``keyarc-auth``."""
    monkeypatch.setenv("FLYCTL", str(FLYCTL))
    monkeypatch.setenv("FAKE_FLY", str(tmp_path))
    monkeypatch.setenv("FLY_API_TOKEN", "given")
    fly = Flyctl()
    fly.change("apps", "create", "keyarc-auth")
    return fly


@pytest.fixture
def expect(tmp_path: Path) -> Expect:
    """Lets the next run go wrong."""

    def expect(outcome: str) -> None:
        rules = [{"match": "", "outcome": outcome}]
        (tmp_path / "scenario.json").write_text(json.dumps(rules))

    return expect


def record(folder: Path) -> str:
    return (folder / "calls.jsonl").read_text()


def test_a_secret_goes_by_standard_input_and_nowhere_else(fly: Flyctl, tmp_path: Path) -> None:
    fly.change(
        *("secrets", "import", "--stage", "--app", "keyarc-auth"),
        secrets={"JWT_SECRET": "hidden-word"},
    )

    assert "hidden-word" not in record(tmp_path)
    last = json.loads(record(tmp_path).splitlines()[-1])
    assert last["stdin_names"] == ["JWT_SECRET"]
    assert last["stdin_sha256"] == hashlib.sha256(b"JWT_SECRET=hidden-word\n").hexdigest()


def test_an_error_that_quotes_a_secret_is_told_without_it(fly: Flyctl) -> None:
    with pytest.raises(Failure, match="Secrets must be provided") as failed:
        # A value of two lines is refused before; here it makes the program quote its input.
        fly.change(*("secrets", "import", "--app", "keyarc-auth"), secrets={"A": "x\nhidden-word"})

    assert "hidden-word" not in str(failed.value)


@pytest.mark.parametrize(
    "name",
    ["AWS_SECRET_ACCESS_KEY", "BACKUP_AGE_IDENTITY", "DIRECT_DATABASE_URL", "PGPASSWORD"],
)
def test_the_program_is_told_no_secret_of_the_environment(
    fly: Flyctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "postgresql://owner:hidden-word@db/keyarc")

    fly.ask("apps", "list", "--json", otherwise=[])

    assert name not in json.loads(record(tmp_path).splitlines()[-1])["environment"]


@pytest.mark.parametrize(
    ("outcome", "helps"),
    [
        ("no-token", "run `fly auth login`, or set FLY_API_TOKEN"),
        ("unreachable", "is there a network"),
        ("taken", "create --prefix NAME"),
    ],
)
def test_a_failure_says_what_helps(fly: Flyctl, expect: Expect, outcome: str, helps: str) -> None:
    expect(outcome)

    with pytest.raises(Failure, match=helps):
        fly.change("apps", "create", "keyarc-keys")


def test_an_app_that_does_not_exist_is_told(fly: Flyctl) -> None:
    with pytest.raises(Failure, match=r"There is no such app on Fly: `python3 machines create`"):
        fly.ask("releases", "--app", "keyarc-nobody", "--json", otherwise=[])


def test_a_program_that_hangs_is_ended(
    fly: Flyctl, expect: Expect, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect("hang")
    monkeypatch.setattr(flyctl, "QUICK_S", 0.5)

    with pytest.raises(Failure, match="did not answer in time"):
        fly.ask("apps", "list", "--json", otherwise=[])


def test_a_stream_that_never_ends_is_ended_with_what_came(
    fly: Flyctl, expect: Expect, tmp_path: Path
) -> None:
    state = json.loads((tmp_path / "state.json").read_text())
    state["apps"]["keyarc-auth"]["logs"] = [{"instance": "4d89", "message": "hello"}]
    (tmp_path / "state.json").write_text(json.dumps(state))
    expect("silent")

    lines = [*fly.lines("logs", "--app", "keyarc-auth", "--json", "--no-tail", seconds=3)]

    assert any("hello" in line for line in lines)


def test_something_else_than_json_is_told(fly: Flyctl) -> None:
    with pytest.raises(Failure, match="printed no JSON"):
        fly.ask("apps", "create", "keyarc-keys", otherwise=[])


def test_without_the_program_a_sentence_says_where_it_is_to_be_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FLYCTL", "/nowhere/flyctl")

    with pytest.raises(Failure, match=r"flyctl is missing: https://fly\.io/docs/flyctl/install"):
        Flyctl()


def test_the_program_is_found_where_its_installer_leaves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".fly" / "bin").mkdir(parents=True)
    shutil.copy(FLYCTL, tmp_path / ".fly" / "bin" / "flyctl")
    monkeypatch.delenv("FLYCTL", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))

    assert flyctl.find() == str(tmp_path / ".fly" / "bin" / "flyctl")


def test_a_dry_run_prints_what_a_shell_takes_and_runs_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLYCTL", "/nowhere/flyctl")
    fly = Flyctl(dry=True)

    asked = fly.ask("apps", "list", "--json", otherwise=["nothing"])
    fly.change("secrets", "import", "--app", "keyarc auth", secrets={"JWT_SECRET": "hidden-word"})
    fly.tell("Making …")

    assert asked == ["nothing"]
    assert capsys.readouterr().out.splitlines() == [
        "flyctl apps list --json",
        "flyctl secrets import --app 'keyarc auth'  # on its standard input: JWT_SECRET",
        "# Making …",
    ]
