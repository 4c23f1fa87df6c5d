"""A server that lies while somebody logs in (rows M01, M03, M05 of the threats)."""

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from uuid import UUID

import pytest

from machines.stack import Stack
from shared.keyarc import kdf
from shared.keyarc.account_keys import Identity
from shared.keyarc.device import Device
from shared.keyarc.encoding import Broken
from tests.evil.server import Evil, evil_before
from tests.keyarc_client.conftest import Person, signed_up

LIBRARY = Path(__file__).parents[2] / "shared" / "keyarc"
PRELOGIN = "POST /auth/prelogin"
LOGIN = "POST /auth/sessions"
MAKERS = {"make_account_key", "make_recovery_code", "make_user_key", "make_vault_key"}


@pytest.fixture(scope="module")
def one_evil(stack: Stack) -> Iterator[Evil]:
    with evil_before(stack.url) as server:
        yield server


@pytest.fixture(scope="module")
def person(one_evil: Evil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """One person for all these tests: none of them gets far enough to change anything."""
    with signed_up(one_evil, tmp_path_factory.mktemp("home") / "first") as made:
        yield made


@pytest.fixture
def evil(one_evil: Evil) -> Evil:
    """The same server, honest again."""
    one_evil.transforms.clear()
    one_evil.lines()
    return one_evil


@pytest.mark.parametrize(
    "change",
    [
        *({"suite": suite} for suite in (0, 2, 255, "1", None, True, 1.0, [1])),
        *({"salt": salt} for salt in (None, "", "AAAA", "A" * 21, "A" * 23, "=" * 22, 16)),
        *({"user_id": user_id} for user_id in (None, "", "x", 1)),
        {"m": 65536, "t": 3, "p": 4},
        {"memory": 1},
        {"kdf": None},
    ],
    ids=str,
)
def test_nothing_follows_a_prelogin_that_is_not_exactly_right(
    person: Person, evil: Evil, change: dict[str, Any]
) -> None:
    evil.answer(PRELOGIN, lambda media: media | change)

    with pytest.raises(Broken):
        person.fresh()

    assert evil.lines() == [PRELOGIN]


@pytest.mark.parametrize("missing", ["user_id", "suite", "salt"])
def test_nothing_follows_a_prelogin_that_lacks_something(
    person: Person, evil: Evil, missing: str
) -> None:
    evil.answer(PRELOGIN, lambda media: {k: v for k, v in media.items() if k != missing})

    with pytest.raises(Broken):
        person.fresh()

    assert evil.lines() == [PRELOGIN]


def test_a_known_device_logs_in_to_no_other_account(person: Person, evil: Evil) -> None:
    other = "7c0ffee0-0000-4000-8000-000000000000"
    evil.answer(PRELOGIN, lambda media: media | {"user_id": other})

    with pytest.raises(Broken):
        person.fresh(person.device)

    assert evil.lines() == [PRELOGIN]


@contextmanager
def made_keys() -> Iterator[list[str]]:
    """Collect the calls that make a key while the block runs."""
    made = []

    def note(frame: FrameType, event: str, _: Any) -> None:
        name = frame.f_code.co_qualname if event == "call" else ""
        if name in MAKERS or name == "Identity.make":
            made.append(name)

    sys.setprofile(note)
    try:
        yield made
    finally:
        sys.setprofile(None)


def test_a_sign_up_is_seen_to_make_keys() -> None:
    """What the tests beside this one watch by would notice a key that is made."""
    with made_keys() as made:
        kdf.make_account_key()
        Identity.make(UUID(int=0))

    assert made == ["make_account_key", "Identity.make"]


def dropped(media: Any, field: str) -> Any:
    return {name: value for name, value in media.items() if name != field}


SPOILS: dict[str, Callable[[Any, str], Any]] = {
    "missing": dropped,
    "null": lambda media, field: media | {field: None},
    "empty": lambda media, field: media | {field: ""},
    "short": lambda media, field: media | {field: media[field][:-4]},
    "its header alone": lambda media, field: media | {field: media[field][:8]},
    "twice": lambda media, field: media | {field: media[field] * 2},
    "of another kind": lambda media, field: media | {field: 7},
    "in a list": lambda media, field: media | {field: [media[field]]},
}


CUTS = {"short", "its header alone", "twice"}


@pytest.mark.parametrize("spoil", SPOILS)
@pytest.mark.parametrize(
    "field", ["user_key", "identity", "idcert", "salt", "user_id", "keyset", "keyring", "blob"]
)
def test_a_login_without_each_whole_key_is_broken_and_ends_there(
    person: Person, evil: Evil, tmp_path: Path, field: str, spoil: str
) -> None:
    """M05: nothing follows, nothing is kept, and no key is made in the place of one."""
    if field == "keyset" and spoil in CUTS:
        evil.answer(LOGIN, lambda media: media | {field: "2"})
    elif field == "blob" or (field == "keyring" and spoil in CUTS):
        evil.answer(LOGIN, lambda media: media | {"keyring": spoiled(media["keyring"], "blob")})
    else:
        evil.answer(LOGIN, lambda media: spoiled(media, field))
    spoiled, device = SPOILS[spoil], Device(tmp_path / "second")
    device.choose_store("file")

    with made_keys() as made, pytest.raises(Broken):
        person.fresh(device)

    assert made == []
    assert evil.lines() == [PRELOGIN, LOGIN]
    assert device.current() is None
    assert not (device.home / "secrets.json").exists()


def flipped(blob: str) -> str:
    middle = len(blob) // 2
    return blob[:middle] + ("B" if blob[middle] == "A" else "A") + blob[middle + 1 :]


@pytest.mark.parametrize("field", ["user_key", "identity", "idcert", "keyring"])
def test_a_key_that_was_touched_logs_nobody_in(person: Person, evil: Evil, field: str) -> None:
    def touch(media: Any) -> Any:
        holder, name = (media["keyring"], "blob") if field == "keyring" else (media, field)
        holder[name] = flipped(holder[name])
        return media

    evil.answer(LOGIN, touch)

    with pytest.raises(Broken):
        person.fresh()

    assert evil.lines() == [PRELOGIN, LOGIN]


@pytest.mark.parametrize(("field", "other"), [("identity", "user_key"), ("user_key", "identity")])
def test_one_sealed_key_does_not_pass_for_another(
    person: Person, evil: Evil, field: str, other: str
) -> None:
    evil.answer(LOGIN, lambda media: media | {field: media[other]})

    with pytest.raises(Broken):
        person.fresh()


def test_keys_are_made_by_those_alone_whom_their_owner_asked() -> None:
    """M05: what reads a login, a session or a keyring knows no function that makes a key."""
    users = {
        path.name
        for path in LIBRARY.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Name | ast.alias) and _name(node) in MAKERS)
        or (isinstance(node, ast.Attribute) and (node.attr in MAKERS or _is_make(node)))
    }

    of_vaults = {"roster_changes.py", "vaults.py"}
    of_people = {"new_keys.py", "recovered.py", "rotation.py", "sign_up.py"}
    assert users <= of_people | of_vaults | {"machines.py"}


def _name(node: ast.Name | ast.alias) -> str:
    return node.id if isinstance(node, ast.Name) else node.name


def _is_make(node: ast.Attribute) -> bool:
    return node.attr == "make" and isinstance(node.value, ast.Name) and node.value.id == "Identity"
