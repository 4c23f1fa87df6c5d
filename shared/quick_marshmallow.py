"""marshmallow, without the tenth of a cold start that it spends on a pattern nobody here uses.

Its pattern of e-mail domains ignores case over nearly all of Unicode, and compiles for 25 to 40 ms
as the module loads (marshmallow 4.4). Here it compiles when it is first asked for: never, since
`shared.schemas.Email` has its own. Import marshmallow from here, or what is made of it from there.
"""

import importlib
import re
from types import ModuleType
from typing import Any

__all__ = ["RAISE", "Schema", "ValidationError", "fields"]

DOMAINS = "\uffff"  # the end of the range that makes it slow


class _Later:
    """A pattern that compiles at its first use."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # classes look for marks on what they hold
            raise AttributeError(name)
        return getattr(re.compile(self._pattern, self._flags), name)


def _load() -> ModuleType:
    now = re.compile

    def later(pattern: Any, flags: int = 0) -> Any:
        slow = isinstance(pattern, str) and DOMAINS in pattern
        return _Later(pattern, flags) if slow else now(pattern, flags)

    re.compile = later
    try:
        return importlib.import_module("marshmallow")
    finally:
        re.compile = now


_load()

from marshmallow import RAISE, Schema, ValidationError, fields  # noqa: E402 - after its patterns
