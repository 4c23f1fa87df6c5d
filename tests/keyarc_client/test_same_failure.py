"""M29: whatever was done to a sealed object, a client fails in one way, and then says no more."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest

from shared.keyarc import seal
from shared.keyarc.encoding import Broken, ObjectType, b64, unb64
from shared.keyarc.errors import Altered
from tests.evil.server import Evil
from tests.keyarc_client.conftest import Person
from tests.keyarc_client.lies import KEYRING, listing, reading, refused
from tests.vectors.material import some

KEY, FIELDS = some("key", 32), [some("place", 16)]
SAMPLES = 400
ROUNDS = 5
TAG_BYTES = 16


def flipped(at: int) -> Callable[[bytes], bytes]:
    def spoil(blob: bytes) -> bytes:
        place = at % len(blob)
        return blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :]

    return spoil


# What a server does not know before it asks: whether these pass is about keys and plaintext.
SECRET: dict[str, Callable[[bytes], bytes]] = {
    "salt": flipped(4),
    "commitment": flipped(36),
    "first byte": flipped(68),
    "padding": flipped(-TAG_BYTES - 1),
    "tag": flipped(-1),
}
SPOILS: dict[str, Callable[[bytes], bytes]] = SECRET | {
    "magic": flipped(0),
    "suite": flipped(2),
    "type": flipped(3),
    "cut": lambda blob: blob[:-1],
    "cut short": lambda blob: blob[:40],
    "longer": lambda blob: blob + b"\0",
}


def failure(key: bytes, fields: list[bytes], blob: bytes) -> Broken:
    with pytest.raises(Broken) as caught:
        seal.open(key, ObjectType.SECRET_DETAILS, fields, blob)
    return caught.value


def sealed(length: int = 300) -> bytes:
    return seal.seal(KEY, ObjectType.SECRET_DETAILS, FIELDS, some("text", length))


def test_every_failure_to_open_is_one_error_that_says_nothing() -> None:
    """M29: a wrong key, a wrong place and a changed byte leave the same object behind."""
    blob = sealed()

    failures = [failure(KEY, FIELDS, spoil(blob)) for spoil in SPOILS.values()]
    failures += [failure(some("other", 32), FIELDS, blob), failure(KEY, [bytes(16)], blob)]

    assert {(type(one), one.args, str(one), repr(one)) for one in failures} == {
        (Broken, (), "", "Broken()")
    }
    assert not any(hasattr(one, "__notes__") for one in failures)


def test_a_failure_takes_as_long_whichever_secret_it_is_about() -> None:
    """M29: a clock tells no wrong key from a changed byte, and no byte from another.

    Before the commitment nothing is decrypted (a few microseconds less, of which no request tells,
    since none follows). What is really told apart is so in every round; a busy machine in some.
    """
    for _ in range(ROUNDS):
        medians = measured()
        if alike(medians):
            return

    pytest.fail(f"told apart by their time, in ns: {medians}")


def measured() -> dict[str, float]:
    """Give the median time of each failure, of samples that are taken in turns."""
    blob = sealed()
    tries = {name: (KEY, spoil(blob)) for name, spoil in SECRET.items()}
    tries["another key"] = (some("other", 32), blob)
    took: dict[str, list[int]] = {name: [] for name in tries}
    for _ in range(SAMPLES):
        for name, (key, spoiled) in tries.items():
            began = time.perf_counter_ns()
            try:
                seal.open(key, ObjectType.SECRET_DETAILS, FIELDS, spoiled)
            except Broken:
                took[name].append(time.perf_counter_ns() - began)
    assert set(map(len, took.values())) == {SAMPLES}
    return {name: statistics.median(times) for name, times in took.items()}


def alike(medians: dict[str, float]) -> bool:
    steps = (("salt", "commitment", "another key"), ("first byte", "padding", "tag"))
    groups = [[medians[name] for name in names] for names in (*steps, medians)]
    return all(
        max(group) < limit * min(group) for group, limit in zip(groups, (1.3, 1.3, 2), strict=True)
    )


def in_details(spoil: Callable[[bytes], bytes]) -> Callable[[Any], Any]:
    def change(media: Any) -> Any:
        first = media["items"][0]
        first["details"] = b64(spoil(unb64(first["details"])))
        return media

    return change


def in_overview(spoil: Callable[[bytes], bytes]) -> Callable[[Any], Any]:
    def change(media: Any) -> Any:
        first = media["secrets"][0]
        first["overview"] = b64(spoil(unb64(first["overview"])))
        return media

    return change


def in_keyring(spoil: Callable[[bytes], bytes]) -> Callable[[Any], Any]:
    def change(media: Any) -> Any:
        revision = str(int(media["revision"]) + 1)
        return {"revision": revision, "blob": b64(spoil(unb64(media["blob"])))}

    return change


@pytest.mark.parametrize("spoil", ["salt", "commitment", "first byte", "tag", "cut"])
def test_after_a_failure_nothing_is_sent_whatever_it_was(
    person: Person, evil: Evil, spoil: str
) -> None:
    """M29: the request that brought it is the last one, for every object alike."""
    places = (
        (reading(person), in_details),
        (listing(person), in_overview),
        (KEYRING, in_keyring),
    )

    kinds = set()
    for line, place in places:
        evil.transforms.clear()
        client = person.unseen()
        evil.lines()
        evil.answer(line, place(SPOILS[spoil]))
        kinds.add(refused(evil, client, person, line))

    assert kinds <= {Broken, Altered}  # of a list its hash tells, before anything is opened
