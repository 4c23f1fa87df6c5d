"""Every leaf of every answer, changed in every way: the same plaintext, or a typed error."""

import copy
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from shared.keyarc.client import Client
from shared.keyarc.device import Device
from shared.keyarc.encoding import Broken
from shared.keyarc.errors import Failure
from tests.evil.server import Evil
from tests.keyarc_client.conftest import Person

Steps = tuple[str | int, ...]
GONE = object()
OTHER_ID = "7c0ffee0-0000-4000-8000-000000000000"


def flipped(value: Any) -> Any:
    if isinstance(value, str):
        return ("B" if value[:1] == "A" else "A") + value[1:]
    return not value if isinstance(value, bool) else (value or 0) + 1


OPERATORS: dict[str, Callable[[Any], Any]] = {
    "flip": flipped,
    "null": lambda _: None,
    "drop": lambda _: GONE,
    "empty": lambda value: type(value)(),
    "double": lambda value: value * 2,
    "older": lambda value: str(int(value) - 1) if str(value).isdecimal() else GONE,
    "another's": lambda value: OTHER_ID if str(value).count("-") == 4 else GONE,
    "nested": lambda value: {"value": value},
}


def leaves(media: Any, steps: Steps = ()) -> Iterator[Steps]:
    """Name every value, and every list and object as a whole; of a list's items the first."""
    if steps and media is not None:
        yield steps
    if isinstance(media, dict):
        for name, value in media.items():
            yield from leaves(value, (*steps, name))
    if isinstance(media, list):
        for place, value in enumerate(media[:1]):
            yield from leaves(value, (*steps, place))


def changed(media: Any, steps: Steps, operator: Callable[[Any], Any]) -> Any:
    media = copy.deepcopy(media)
    holder = media
    for step in steps[:-1]:
        holder = holder[step]
    value = operator(holder[steps[-1]])
    if value is GONE:
        del holder[steps[-1]]
    else:
        holder[steps[-1]] = value
    return media


def read(person: Person, behind: Path, home: Path) -> Any:
    """Read everything on a device that saw less than there is now; None for a typed error."""
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(behind, home)
    try:
        with closing(Client.resume(Device(home))) as client:
            return [vault.name for vault in client.vaults()], person.values(client)
    except (Broken, Failure):
        return None


def test_no_changed_leaf_is_believed(
    person: Person, evil: Evil, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    behind, home = tmp_path / "behind", tmp_path / "home"
    shutil.copytree(person.device.home, behind)
    with closing(person.fresh()) as ahead:
        person.put(ahead, A="newer", C="value c")
        person.remove(ahead, "B")
    answers: dict[str, Any] = {}
    vault = f"/api/keys/vaults/{person.vault_id}"
    lines = (
        "GET /api/account/keyring",
        "GET /api/account/vaults",
        f"GET {vault}/secrets",
        f"GET {vault}/commits",
        f"POST {vault}/secrets/read",
    )
    for line in lines:
        evil.answer(line, lambda media, line=line: answers.setdefault(line, media))  # type: ignore[misc]
    honest = read(person, behind, home)
    evil.transforms.clear()
    assert answers.keys() == set(lines)
    assert honest == (["work"], {"A": ("newer", 2), "C": ("value c", 1)})

    tried, refused, silent = 0, 0, []
    for line in lines:
        for steps in leaves(answers[line]):
            for name, operator in OPERATORS.items():
                try:
                    lie = changed(answers[line], steps, operator)
                except (TypeError, ValueError):
                    continue  # this operator says nothing about such a value
                evil.transforms = {line: lambda _, lie=lie: lie}  # type: ignore[misc]
                found = read(person, behind, home)
                tried, refused = tried + 1, refused + (found is None)
                if found is not None and found != honest:
                    silent.append((line, steps, name, found))

    record_property("changes", tried)
    record_property("refused", refused)
    assert silent == []
    assert refused > 200
