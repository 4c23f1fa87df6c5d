"""A one-time link holds what its maker sealed, for whoever has its secret and nobody else."""

import pytest

from shared.keyarc import one_time_links
from shared.keyarc.encoding import Broken, Mistyped, unb64
from shared.keyarc.errors import Failure
from shared.keyarc.one_time_links import LinkKeys, Message
from tests.keyarc.test_vectors import read, refuses
from tests.vectors.one_time_links import KEYS, MESSAGE, SECRET


def test_the_link_of_the_vectors_opens() -> None:
    vectors = read("one_time_link.json")
    server, keys = one_time_links.parse(f"https://keyarc.example/once#{vectors['fragment']}")

    opened = Message.open(keys, bytes.fromhex(vectors["blob"]))

    assert (server, keys) == ("https://keyarc.example", KEYS)
    assert keys.seal_key.hex() == vectors["seal_key"]
    assert str(keys.link_id) == vectors["link_id"]
    assert opened.encode().decode() == vectors["plaintext"]
    assert opened == MESSAGE


def test_what_the_vectors_refuse_is_broken() -> None:
    for case in refuses(read("one_time_link.json")["refused"]):
        with pytest.raises(Broken):
            Message.open(KEYS, bytes.fromhex(case["blob"]))


def test_another_secret_opens_nothing_and_has_another_id() -> None:
    other = LinkKeys.derive(SECRET[:-1] + bytes([SECRET[-1] ^ 1]))

    assert other.link_id != KEYS.link_id
    with pytest.raises(Broken):
        Message.open(other, MESSAGE.seal(KEYS))


FRAGMENT = read("one_time_link.json")["fragment"]


@pytest.mark.parametrize(
    "link",
    [
        "",
        FRAGMENT,
        f"/once#{FRAGMENT}",
        f"https://keyarc.example/join#{FRAGMENT}",
        f"https://keyarc.example/once/#{FRAGMENT}",
        f"https://keyarc.example/once?then=1#{FRAGMENT}",
        f"https://keyarc.example/once#{FRAGMENT[:-1]}",
        f"https://keyarc.example/once#{FRAGMENT}=",
        "https://keyarc.example/once",
        f"https://[keyarc/once#{FRAGMENT}",
    ],
)
def test_what_is_no_link_is_said_to_be_none(link: str) -> None:
    with pytest.raises(Mistyped, match="no one-time link"):
        one_time_links.parse(link)


def test_a_link_does_not_leave_over_a_line_that_others_read() -> None:
    with pytest.raises(Failure, match="use https"):
        one_time_links.read(f"http://keyarc.example/once#{FRAGMENT}")


def test_neither_secret_nor_notes_are_shown_by_accident() -> None:
    assert unb64(FRAGMENT) == SECRET
    assert str(KEYS.seal_key) not in repr(KEYS)
    assert MESSAGE.notes not in repr(MESSAGE)
    assert MESSAGE.fields[0].value not in repr(MESSAGE)
