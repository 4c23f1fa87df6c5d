"""What verifies cannot open, and loads next to nothing until it verifies."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERIFYING = {"shared.keyarc.encoding", "shared.keyarc.identity", "shared.keyarc.commits"}


def loaded_after(statement: str) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after *statement*."""
    code = f"import json, sys\n{statement}\nprint(json.dumps(list(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("module", sorted(VERIFYING))
def test_a_verifying_module_loads_no_opening_one(module: str) -> None:
    ours = {name for name in loaded_after(f"import {module}") if name.startswith("shared.keyarc.")}

    assert {".".join(name.split(".")[:3]) for name in ours} <= VERIFYING


@pytest.mark.parametrize("module", ["shared.keyarc", *sorted(VERIFYING)])
def test_a_verifying_module_loads_no_cryptography_until_it_verifies(module: str) -> None:
    assert not {
        name for name in loaded_after(f"import {module}") if name.startswith("cryptography")
    }


def test_the_library_itself_loads_lazily() -> None:
    ours = {name for name in loaded_after("import shared.keyarc") if name.startswith("shared.")}

    assert ours == {"shared.keyarc"}
