"""Which backups stay: the newest of each of the last days, weeks and months."""

import datetime as dt
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

from handlers.jobs.failures import Failure


@dataclass(frozen=True)
class Keep:
    """How many days, weeks and months have a backup each; those without one do not count."""

    daily: int = 7
    weekly: int = 4
    monthly: int = 12

    @classmethod
    def from_env(cls) -> Self:
        """Read BACKUP_KEEP, if it is set."""
        kept = os.environ.get("BACKUP_KEEP", "")
        try:
            return cls.parse(kept) if kept else cls()
        except ValueError as ex:
            raise Failure(f"BACKUP_KEEP: {ex}.") from ex

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``7/4/12``; raise ValueError. The newest backup always stays: a day is the least."""
        numbers = [int(number) if number.isdecimal() else -1 for number in text.split("/")]
        match numbers:
            case [daily, weekly, monthly] if daily > 0 and weekly >= 0 and monthly >= 0:
                return cls(daily, weekly, monthly)
            case _:
                raise ValueError(f"{text} is not days/weeks/months, such as {cls()}")

    def __str__(self) -> str:
        return f"{self.daily}/{self.weekly}/{self.monthly}"

    def kept(self, times: Iterable[dt.datetime]) -> set[dt.datetime]:
        """Return those of *times* whose backups stay.

        All of the last day do: the one before a mistake is not removed by the one after it.
        """
        newest_first = sorted(times, reverse=True)
        periods: list[tuple[int, Callable[[dt.datetime], object]]] = [
            (self.daily, lambda at: at.date()),
            (self.weekly, lambda at: at.isocalendar()[:2]),
            (self.monthly, lambda at: (at.year, at.month)),
        ]
        kept = {at for at in newest_first if at.date() == newest_first[0].date()}
        for number, period in periods:
            newest: dict[object, dt.datetime] = {}
            for at in newest_first:
                newest.setdefault(period(at), at)
            kept |= set(list(newest.values())[:number])
        return kept
