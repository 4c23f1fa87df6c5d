"""Every place of every answer, changed in every way: the same as before is told, or a typed error.

The answers are those that the real services gave to each client in each of its stories: syncing,
reading anew, looking at the past, writing, changing the key, joining by link, accepting a share,
hearing of one's removal, logging in, recomputing everything, reading a one-time link; what is
answered to a change is changed as well. What only the server says (addresses, times of joining,
counts) is no part of what a story tells: both clients mark it as such. A server that keeps news
back whole, so that a client sees exactly what it knew before, lies about nothing; that is counted
by itself.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared.keyarc.keyring import Keyring
from tests.evil.adversary import Adversary
from tests.evil.conftest import Recorded
from tests.evil.operators import lies, places
from tests.evil.server import Answer, Transform
from tests.evil.tape import Pretence, Tape, tell
from tests.evil.told import Refused, Side

Lie = tuple[str, str, str]
VARIABLE = re.compile("[0-9a-f-]{36}|(?<!since=)[0-9]+")
OF_MEMBERS = {"sync", "anew", "past", "write", "rotate", "rest", "login"}
OF_THE_TEAM = {"sync", "anew", "past", "write"}


def every_lie(client: Recorded, tape: Tape, told: set[Lie]) -> Iterator[tuple[str, str, str, Any]]:
    """Give every lie about every answer: the line, the place, the operator, the other answer.

    What was told about the same place of the same route before is left out, and noted in *told*.
    """
    for line, answer in (tape.answers | tape.made).items():
        if answer.status not in {200, 201} or not answer.content:
            continue
        media = answer.media
        for steps in places(media):
            place = ".".join("*" if isinstance(step, int) and step else str(step) for step in steps)
            for operator, lie in lies(media, steps, client.elsewhere):
                kind = (VARIABLE.sub("*", line), place, operator)
                if kind not in told:
                    told.add(kind)
                    yield line, ".".join(map(str, steps)), operator, lie


class Judge:
    """Holds what comes of each lie to what came of none."""

    def __init__(self, client: Recorded, story: str) -> None:
        self._client, self._story = client, story
        self._tape = client.tapes[story]
        self._adversary = Adversary(client.world)
        self.count: Counter[str] = Counter()
        self.wrong: list[tuple[str, ...]] = []
        assert tell(client.world, client.side, story, self._tape.answers) == self._tape.facts
        self._honest = client.side.keyring(story)

    def hear(self, line: str, place: str, operator: str, lie: Any) -> None:
        """Tell a lie, and judge what the client makes of it."""
        client, answers = self._client, self._tape.answers
        said = (client.side.name, self._story, line, place, operator)
        try:
            if line in answers:
                lied = answers | {line: Answer.of(answers[line].status, lie)}
                told = tell(client.world, client.side, self._story, lied)
            else:
                again = self._of_a_change(place, operator)
                told = tell(client.world, client.side, self._story, answers, **{line: again})
        except Refused as ex:
            self.count["refused"] += 1
            for fault in self._after(ex, line):
                self.wrong.append((*said, fault))
        else:
            withheld = told == self._tape.before != self._tape.facts
            self.count["withheld" if withheld else "same"] += 1
            if told != self._tape.facts and not withheld:
                self.wrong.append((*said, "another thing is told", str(told)))
        for found in self._adversary.finds(client.world.evil.requests):
            self.wrong.append((*said, found))

    def _of_a_change(self, place: str, operator: str) -> Transform:
        """Give the lie about what is answered to a change, which is another one each time."""

        def lie(media: Any) -> Any:
            for steps in places(media):
                if ".".join(map(str, steps)) == place:
                    return dict(lies(media, steps, self._client.elsewhere)).get(operator, media)
            return media

        return lie

    def _after(self, refused: Refused, line: str) -> Iterator[str]:
        """Say what is wrong after a refusal: requests, or something else that was kept."""
        evil, side = self._client.world.evil, self._client.side
        asked = [request.line for request in evil.requests]
        pretence = Pretence(self._client.world)
        last = max((at for at, one in enumerate(asked) if one == line), default=-1)
        if refused.alarm and any(
            one.startswith("POST") and pretence.is_change(one) for one in asked[last + 1 :]
        ):
            yield f"{refused}: something was sent afterwards"
        if not agrees(side.keyring(self._story), self._honest):
            yield f"{refused}: something else was kept"
        if refused.alarm and self._story in OF_THE_TEAM:
            evil.requests.clear()
            if not refuses_again(side) or evil.requests:
                yield f"{refused}: the client goes on"


def refuses_again(side: Side) -> bool:
    """Tell whether the client still refuses the vault that was lied about."""
    try:
        side.again()
    except Refused:
        return True
    return False


def agrees(kept: Keyring, honest: Keyring) -> bool:
    """Tell whether everything that was kept is what honest answers led to, or came before it."""
    for vault_id, vault in kept.vaults.items():
        other = honest.vaults.get(vault_id)
        lasting = {epoch for epoch in vault.keys if not vault.is_candidate(epoch)}
        if other is None or any(vault.keys[one] != other.keys.get(one) for one in lasting):
            return False
        if vault.pin is None or other.pin is None:
            continue
        if vault.pin.seq == other.pin.seq and vault.pin.head != other.pin.head:
            return False
        if vault.pin.seq > other.pin.seq:
            return False
    return kept.people.items() <= honest.people.items()


def test_no_lie_changes_what_is_told(
    client: Recorded,
    capsys: pytest.CaptureFixture[str],
    record_property: Callable[[str, object], None],
) -> None:
    """M09, M10, M11, M12, M13, M21: nothing but what was sealed and signed is ever told."""
    count: Counter[str] = Counter()
    told: dict[bool, set[Lie]] = {True: set(), False: set()}
    wrong: list[tuple[str, ...]] = []

    for story, tape in client.tapes.items():
        judge = Judge(client, story)
        for lie in every_lie(client, tape, told[story in OF_MEMBERS]):
            judge.hear(*lie)
        count += judge.count
        wrong += judge.wrong

    lied, name = sum(count.values()), client.side.name
    with capsys.disabled():
        sys.stdout.write(
            f"\n{name}: {lied} lies, {count['refused']} refused, {count['same']} without effect,"
            f" {count['withheld']} news kept back whole, {len(wrong)} silent\n"
        )
    record_property("lies", lied)
    record_property("refused", count["refused"])
    assert wrong == []
    assert lied > 2000
