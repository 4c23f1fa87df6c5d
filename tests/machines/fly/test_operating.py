"""The operator's way through the README: from a clone to a rollback, and what comes after."""

import json
import re
from pathlib import Path

from machines.commands import COMMANDS
from machines.environment import ROOT
from machines.stack import Stack
from tests.machines.fly.operator import Operator

COMMAND = re.compile(r"python3 machines ([a-z-]+)")


def test_from_a_clone_to_a_rollback(tmp_path: Path, owner: str, stack: Stack) -> None:
    operator = Operator.new(tmp_path)
    said = [
        operator.done("create", "--origin", "https://keys.example.com", DIRECT_DATABASE_URL=owner)
    ]
    operator.commit("create")
    said.append(operator.done("secrets", "check"))

    said.append(operator.done("deploy", "--probe", stack.url))
    said.append(operator.done("status"))
    said.append(operator.done("logs"))
    first = operator.image("keyarc-keys")

    operator.change("handlers/keys/routes.py")
    said.append(operator.done("deploy", "--probe", stack.url))
    second = operator.image("keyarc-keys")
    operator.change("handlers/keys/routes.py")
    operator.expect("deploy .*keys.toml", "half")
    said.append(operator.failed("deploy", "--probe", stack.url))
    after_failure = operator.image("keyarc-keys")
    said.append(operator.done("deploy", "--rollback", "keys", "--probe", stack.url))

    said.append(operator.done("jobs", "run", "purge"))
    assert [after_failure, operator.image("keyarc-keys")] == [second, first]
    for app in operator.apps.values():
        for secret in app["secrets"].values():
            assert secret not in "".join(said) + json.dumps(operator.records())


def test_every_command_of_the_readmes_exists() -> None:
    told = (ROOT / "README.md").read_text() + (ROOT / "machines" / "README.md").read_text()

    assert set(COMMAND.findall(told)) <= set(COMMANDS)
