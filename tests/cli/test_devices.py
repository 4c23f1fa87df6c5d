"""A new device is let in by one that is logged in, and both show the same words."""

import re
from concurrent.futures import ThreadPoolExecutor

from tests.cli.conftest import NewDevice
from tests.cli.keyarc import Keyarc, Result
from tests.waiting import until

WORDS = re.compile(r"^  ((?:[a-z-]+ ){6}[a-z-]+)\r?$", re.MULTILINE)


def words(result: Result) -> list[str]:
    return WORDS.findall(result.err)


def asked(owner: Keyarc) -> str:
    """Return the words of the one device that asks, once it does."""
    found = until(lambda: owner("device", "ls", "--json").json["requests"])
    return " ".join(found[0]["words"])


def log_in(new: Keyarc, answer: str, code: int) -> Result:
    talk = [("show these words? [y/N]", f"{answer}\n")]
    return new.on_terminal("login", "--approve", talk=talk, code=code)


def approve(owner: Keyarc, answer: str, code: int) -> Result:
    talk = [("the words there? [y/N]", f"{answer}\n")]
    return owner.on_terminal("device", "approve", talk=talk, code=code)


def test_a_new_device_gets_the_account_key_from_another(keyarc: Keyarc, device: NewDevice) -> None:
    keyarc("set", "work/KEY", given=b"value")
    new = device(keyarc.email)

    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(log_in, new, "y", 0)
        listed = asked(keyarc)
        approved = approve(keyarc, "y", 0)
        logged_in = waiting.result()

    assert new("get", "work/KEY").out == "value"
    assert words(approved) == words(logged_in)
    assert words(approved)[0] == listed
    assert len(set(words(approved))) == 2
    assert keyarc("device", "ls").err == "No device asks.\n"


def test_different_words_end_it_on_either_side(keyarc: Keyarc, device: NewDevice) -> None:
    new = device(keyarc.email)

    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(log_in, new, "n", 1)
        asked(keyarc)
        unsure = approve(keyarc, "n", 1)
        approve(keyarc, "y", 0)
        refused = waiting.result()

    assert "nothing was handed over" in unsure.err
    assert "the words differ" in refused.err
    new("ls", code=3)


def test_a_device_that_is_refused_is_told(keyarc: Keyarc, device: NewDevice) -> None:
    new = device(keyarc.email)

    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(new.on_terminal, "login", "--approve", talk=[], code=1)
        asked(keyarc)
        keyarc("device", "refuse")
        refused = waiting.result()

    assert "the request was refused" in refused.err
    keyarc("device", "refuse", code=4)


def test_without_a_terminal_nobody_could_compare(keyarc: Keyarc, device: NewDevice) -> None:
    assert "compare words" in device(keyarc.email)("login", "--approve", code=2).err
    assert "compare words" in keyarc("device", "approve", code=2).err
