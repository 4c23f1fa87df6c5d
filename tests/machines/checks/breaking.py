"""One change to one file, what a rule says of it, and the file as it was."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Breaking:
    """The checkout in *root*, and how to *ask* a rule about it."""

    root: Path
    ask: Callable[[str], list[str]]

    def by(self, rule: str, path: str, old: str, new: str) -> list[str]:
        """Put *new* where *old* stands first in the file *path*; what breaks *rule* then."""
        assert self.ask(rule) == []
        with self._changed(self.root / path, old, new):
            return self.ask(rule)

    @contextmanager
    def _changed(self, file: Path, old: str, new: str) -> Iterator[None]:
        text = file.read_text()
        assert old in text, f"{file.name} has no {old!r}"
        file.write_text(text.replace(old, new, 1))
        try:
            yield
        finally:
            file.write_text(text)
