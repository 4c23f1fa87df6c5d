"""What a resource says of its responders, for the OpenAPI documents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Operation:
    """One responder: its marshmallow schemas, its status, and its query by name and meaning.

    *also* has the schemas of other answers that are no problems, by their status.

    A resource lists its own as ``operations = {"on_post": Operation(request=…, …)}``; the summary
    is the responder's docstring, or the resource's.
    """

    request: Any = None
    response: Any = None
    status: int = 200
    also: Mapping[int, Any] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
