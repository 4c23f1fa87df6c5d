"""Answers of the real services, recorded once: thousands of lies are told about the same ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.keyarc.commits import Commit, parse
from shared.keyarc.encoding import b64, parse_u64, unb64
from tests.evil.server import Answer, Request, Transform
from tests.evil.told import Side
from tests.evil.world import World

KEYRING = "/api/account/keyring"


class Pretence:
    """Takes every change and makes none, so that all can be repeated."""

    def __init__(self, world: World) -> None:
        self._keyring: Answer | None = None
        self.made = {
            f"GET {KEYRING}": lambda _: self._keyring,
            f"PUT {KEYRING}": self._save,
            f"POST /api/account/vaults/{world.team}/commits": stored,
            f"POST /api/keys/vaults/{world.team}/commits": stored,
            "POST /api/account/invitations/": stored,
            f"PUT /api/keys/vaults/{world.team}/reminders": lambda _: Answer(204, (), b""),
        }

    def is_change(self, line: str) -> bool:
        """Tell whether the services would change something."""
        return line[0] == "P" and any(line.startswith(one) for one in self.made)

    def _save(self, request: Request) -> Answer:
        revision = str(parse_u64(request.body["replaces"]) + 1)
        self._keyring = Answer.of(200, {"revision": revision, "blob": request.body["blob"]})
        return Answer.of(200, {"revision": revision})


def stored(request: Request) -> Answer:
    """Say that a commit was stored, as the services do."""
    commit = parse(unb64(request.body["commit"]), unb64(request.body["signature"]))
    return Answer.of(201, {"seq": str(commit.seq), "hash": b64(commit.hash)})


@dataclass
class Tape:
    """What was answered to each line of a story, and what it told then and *before* all news."""

    facts: Any
    before: Any = None
    answers: dict[str, Answer] = field(default_factory=dict)
    made: dict[str, Answer] = field(default_factory=dict)


def tell(
    world: World, side: Side, story: str, answers: Mapping[str, Answer], **changes: Transform
) -> Any:
    """Let a story happen between a client and what was recorded; the rest is asked of services."""
    world.evil.honest()
    world.evil.made = Pretence(world).made
    world.evil.tape = answers
    world.evil.transforms = changes
    world.evil.requests.clear()
    return side.tell(story)


def record(world: World, side: Side, story: str) -> Tape:
    """Let a story happen between a client and the real services."""
    world.evil.heard.clear()
    tape = Tape(tell(world, side, story, {}))
    pretence = Pretence(world)
    for request, answer in world.evil.heard:
        if answer is world.before.get(request.line):
            continue
        made = pretence.is_change(request.line)
        (tape.made if made else tape.answers).setdefault(request.line, answer)
    world.evil.honest()
    return tape


def head_of(commit: Commit) -> dict[str, str]:
    """Give what a list says of its head."""
    return {"seq": str(commit.seq), "hash": b64(commit.hash), "state": b64(commit.state)}


def signed(commit: Commit) -> dict[str, str]:
    """Give a commit as a page of them has it."""
    raw = {"commit": b64(commit.raw), "signature": b64(commit.signature)}
    return {"seq": str(commit.seq), **raw}
