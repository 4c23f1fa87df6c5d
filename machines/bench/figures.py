"""One figure, what it is held against, and how it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """A value beside its yardstick; an aim is the most that value, or ratio, should be."""

    bench: str
    subject: str
    value: float
    unit: str
    yardstick: str | None = None
    yardstick_value: float | None = None
    most: float | None = None
    most_ratio: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many yardsticks long it is."""
        return self.value / self.yardstick_value if self.yardstick_value else None

    @property
    def reached(self) -> bool | None:
        """Whether the aim is reached; None where there is none."""
        if self.most is not None:
            return self.value <= self.most
        if self.most_ratio is not None and self.ratio is not None:
            return self.ratio <= self.most_ratio
        return None

    @property
    def media(self) -> dict[str, Any]:
        """The figure as one JSON object."""
        return {
            "bench": self.bench,
            "subject": self.subject,
            "value": round(self.value, 4),
            "unit": self.unit,
            "yardstick": self.yardstick,
            "yardstick_value": _rounded(self.yardstick_value),
            "ratio": _rounded(self.ratio),
        }

    @property
    def cells(self) -> tuple[str, ...]:
        """The figure as a row of the table."""
        against = ""
        if self.yardstick is not None and self.yardstick_value is not None:
            against = f"{self.yardstick} {shown(self.yardstick_value)} {self.unit}"
        return (
            self.subject,
            f"{shown(self.value)} {self.unit}",
            f"{self.ratio:.2f} ×" if self.ratio is not None else "",
            against,
            self._aim(),
        )

    def _aim(self) -> str:
        if self.reached is None:
            return ""
        bound = f"{self.most_ratio:g} ×" if self.most is None else f"{self.most:g} {self.unit}"
        return f"≤ {bound} {'reached' if self.reached else 'MISSED'}"


def table(figures: Sequence[Figure]) -> str:
    """Return the figures of one bench as lines of text."""
    heads = (figures[0].bench, "value", "ratio", "yardstick", "aim")
    rows = [heads, *(figure.cells for figure in figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        # Numbers end where their units do; words begin at the left.
        cells = [
            cell.rjust(width) if place in {1, 2} else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join((*lines, ""))


def shown(value: float) -> str:
    """Return a number with the digits that mean something."""
    for least, digits in ((100, 0), (10, 1)):
        if abs(value) >= least:
            return f"{value:,.{digits}f}"
    return f"{value:.2f}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
