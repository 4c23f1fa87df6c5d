"""One world for all tests here: people, their devices, and the evil server before the services."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache

import pytest

from machines.stack import Stack
from shared.keyarc import kdf
from tests.evil.browsers import Browsers
from tests.evil.library import Library
from tests.evil.operators import Elsewhere
from tests.evil.server import Evil, evil_before
from tests.evil.tape import Tape, record
from tests.evil.told import Side
from tests.evil.world import World, before_it_happened


@dataclass
class Recorded:
    """A client, and what the honest services answer to it.

    *elsewhere* is what they said else, *older* what they said before things happened.
    """

    world: World
    side: Side
    tapes: dict[str, Tape]
    elsewhere: Elsewhere
    older: Tape


@pytest.fixture(scope="package")
def server(stack: Stack) -> Iterator[Evil]:
    with evil_before(stack.url) as found:
        yield found


@pytest.fixture(scope="package")
def both(server: Evil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Recorded]]:
    with (
        pytest.MonkeyPatch.context() as patch,
        before_it_happened(server, tmp_path_factory.mktemp("evil")) as world,
    ):
        # A login is told hundreds of times; Argon2id gives the same for the same salt.
        patch.setattr(kdf, "stretch", lru_cache(kdf.stretch))
        library, page = Library(world), Browsers(world)
        library.keep("reader", "leaver", "newcomer")
        page.keep("reader", "leaver", "newcomer")
        older = {side.name: Older(world, side) for side in (library, page)}
        world.before = older["page"].anew.answers
        server.honest()
        world.happen()
        library.keep("owner")
        page.keep("owner")
        with closing(library):
            yield {side.name: recorded(world, side, older[side.name]) for side in (library, page)}


class Older:
    """What a client was told before things happened."""

    def __init__(self, world: World, side: Side) -> None:
        self.anew = record(world, side, "anew")
        self.not_removed = record(world, side, "removed").facts


def recorded(world: World, side: Side, older: Older) -> Recorded:
    """Record all stories of a client."""
    tapes = {story: record(world, side, story) for story in side.stories}
    tapes["removed"].before = older.not_removed
    elsewhere = Elsewhere()
    answers = older.anew.answers.values()
    elsewhere.note_older(answer.media for answer in answers if answer.content)
    for story in ("join", "accept"):
        answers = tapes[story].answers.values()
        elsewhere.note_others(answer.media for answer in answers if answer.content)
    world.evil.honest()
    return Recorded(world, side, tapes, elsewhere, older.anew)


@pytest.fixture(params=["library", "page"])
def client(request: pytest.FixtureRequest, both: dict[str, Recorded]) -> Iterator[Recorded]:
    """Each of the two clients."""
    found = both[request.param]
    yield found
    found.world.evil.honest()
