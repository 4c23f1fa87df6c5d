"""``python3 machines check``: this checkout keeps every rule, and a broken one is told."""

from pathlib import Path

import pytest

from machines import checks
from machines.environment import ROOT
from machines.failures import Failure


def test_this_checkout_keeps_every_rule() -> None:
    assert {rule: broken for rule, broken in checks.look(ROOT) if broken} == {}


def test_a_rule_that_is_broken_is_told_with_what_breaks_it_and_fails_the_command(
    pristine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toml = pristine / "machines" / "keys.toml"
    whole = toml.read_text()
    toml.write_text(whole.replace("auto_start_machines", "auto_start_machine"))

    code = checks.tell(pristine)

    toml.write_text(whole)
    told = capsys.readouterr().out.splitlines()
    at = told.index("FAIL  flyctl knows every key")
    assert code == 1
    assert told[0].startswith("FAIL") is (at == 0)
    assert told[at + 1].strip().startswith("machines/keys.toml: http_service.auto_start_machine:")
    assert "ok    base images are pinned" in told


def test_a_checkout_that_keeps_the_rules_is_told_rule_by_rule(
    pristine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = checks.tell(pristine)

    told = capsys.readouterr().out.splitlines()
    assert code == 0
    assert told == [f"ok    {rule}" for rule in checks.RULES]


@pytest.mark.parametrize(
    ("path", "kind"), [("machines/keys.toml", "TOML"), (".github/workflows/deploy.yml", "YAML")]
)
def test_a_file_that_cannot_be_read_is_named(pristine: Path, path: str, kind: str) -> None:
    file = pristine / path
    whole = file.read_text()
    file.write_text("app: [\n")

    with pytest.raises(Failure, match=f"{path} is no {kind}: "):
        list(checks.look(pristine))

    file.write_text(whole)
