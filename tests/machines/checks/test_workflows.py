"""Each rule for the workflows refuses what it is there for."""

import re

import pytest

from machines.environment import ROOT
from tests.machines.checks.breaking import Breaking

DEPLOY = ".github/workflows/deploy.yml"
CHECKOUT = re.search(r"actions/checkout@[0-9a-f]{40}", (ROOT / DEPLOY).read_text())


@pytest.mark.parametrize("by", ["v7", "main", "3d3c42e"])
def test_an_action_is_taken_by_its_commit(breaking: Breaking, by: str) -> None:
    assert CHECKOUT

    broken = breaking.by("actions are pinned", DEPLOY, CHECKOUT[0], f"actions/checkout@{by}")

    assert len(broken) == 1
    assert re.match(rf"{DEPLOY}:\d+: actions/checkout@{by} ", broken[0])


def test_a_filter_of_paths_that_leaves_something_out_is_refused(breaking: Breaking) -> None:
    rule = "path filters select what the table says"
    filtered = 'branches: [main]\n    paths: ["handlers/**", "shared/**", "migrations/**"]'

    broken = breaking.by(rule, DEPLOY, "branches: [main]", filtered)

    assert any("web/src/main.ts" in sentence for sentence in broken)
    assert not any("handlers/keys/app.py" in sentence for sentence in broken)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n  keys:\n", "\n  vaults:\n"),
        ("'\"keys\"'", "'\"account\"'"),
        ("FLY_API_TOKEN_KEYS", "FLY_API_TOKEN"),
        ("machines deploy keys", "machines deploy account"),
        ("needs: [test, changed, auth, account, keys]", "needs: [changed]"),
    ],
)
def test_each_app_is_deployed_when_it_changed_with_its_own_token(
    breaking: Breaking, old: str, new: str
) -> None:
    assert breaking.by("each app is deployed by itself", DEPLOY, old, new)
