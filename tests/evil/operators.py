"""What an evil server can do to one place of an answer: the operators of the threat list.

``older``, ``another user's`` and ``another item's`` take what really was given elsewhere: earlier,
to somebody else, or in another place of the same answer.
"""

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

Steps = tuple[str | int, ...]
GONE = object()
NOTHING = object()
SAME_LENGTH = 8


@dataclass
class Elsewhere:
    """Answers from earlier and of other people, by the last name on the way to each value."""

    older: dict[str, list[Any]] = field(default_factory=dict)
    others: dict[str, list[Any]] = field(default_factory=dict)

    def note_older(self, medias: Iterable[Any]) -> None:
        """Remember what was given before."""
        _note(self.older, medias)

    def note_others(self, medias: Iterable[Any]) -> None:
        """Remember what somebody else was given."""
        _note(self.others, medias)


def _note(known: dict[str, list[Any]], medias: Iterable[Any]) -> None:
    for media in medias:
        for steps in places(media):
            known.setdefault(name_of(steps), []).append(at(media, steps))


def places(media: Any, steps: Steps = ()) -> Iterator[Steps]:
    """Name the way to every value, and to every list and object as a whole.

    The items of a list are alike: what is in them is named for the last one.
    """
    if steps:
        yield steps
    if isinstance(media, dict):
        for name, value in media.items():
            yield from places(value, (*steps, name))
    elif isinstance(media, list) and media:
        if len(media) > 1:
            yield (*steps, 0)
        yield from places(media[-1], (*steps, len(media) - 1))


def at(media: Any, steps: Steps) -> Any:
    """Give the value of one place."""
    for step in steps:
        media = media[step]
    return media


def name_of(steps: Steps) -> str:
    """Give the last name on the way: the items of a list are called like the list."""
    return next((step for step in reversed(steps) if isinstance(step, str)), "")


def lies(media: Any, steps: Steps, elsewhere: Elsewhere) -> Iterator[tuple[str, Any]]:
    """Give every lie about one place, by its operator: the whole answer with that change."""
    value, name = at(media, steps), name_of(steps)
    siblings = [other for other in places(media) if other != steps]
    same = [at(media, other) for other in siblings if name_of(other) == name]
    unlike = [at(media, other) for other in siblings if name_of(other) != name]
    operators = {
        "flip": _flipped(value),
        "null": None,
        "drop": GONE,
        "duplicate": value * 2 if isinstance(value, str | list) else [value, value],
        "older": _earlier(value, elsewhere.older.get(name, ())),
        "another user's": _first_of_kind(value, elsewhere.others.get(name, ())),
        "another item's": _first_of_kind(value, same),
        "another type's": _first_of_kind(value, unlike),
        "extra": _more(value),
    }
    for operator, other in operators.items():
        if other is not NOTHING and other != value:
            yield operator, changed(media, steps, other)


def changed(media: Any, steps: Steps, value: Any) -> Any:
    """Give an answer with another value in one place, or none where it is `GONE`."""
    media = copy.deepcopy(media)
    holder = at(media, steps[:-1])
    if value is GONE:
        del holder[steps[-1]]
    else:
        holder[steps[-1]] = value
    return media


def _flipped(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        middle = len(value) // 2
        return (
            value[:middle]
            + ("1" if value[middle : middle + 1] == "0" else "0")
            + value[middle + 1 :]
        )
    return value[::-1] if isinstance(value, list) else 0


def _earlier(value: Any, known: Iterable[Any]) -> Any:
    found = _first_of_kind(value, known)
    if found is NOTHING and str(value).isdecimal() and int(value) > 0:
        return type(value)(int(value) - 1)
    return found


def _first_of_kind(value: Any, known: Iterable[Any]) -> Any:
    """Give another value that looks alike, the same length first."""
    alike = [one for one in known if type(one) is type(value) and one != value]
    if isinstance(value, str):
        alike.sort(key=lambda one: abs(len(one) - len(value)) > SAME_LENGTH)
    return alike[0] if alike else NOTHING


def _more(value: Any) -> Any:
    if isinstance(value, dict):
        return value | {"extra": 1}
    if isinstance(value, list):
        return [*value, {"extra": 1}]
    return f"{value}A" if isinstance(value, str) else NOTHING
