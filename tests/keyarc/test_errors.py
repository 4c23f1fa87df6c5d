"""What a person is told when public data is not what was signed."""

import pytest

from shared.keyarc.encoding import Broken
from shared.keyarc.errors import (
    Altered,
    AuditBroken,
    Distrust,
    Fork,
    KeyMissing,
    Rollback,
    Unsigned,
)

KINDS = (Altered, AuditBroken, Fork, KeyMissing, Rollback, Unsigned)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_distrust_says_what_was_kept_and_what_to_do(kind: type[Distrust]) -> None:
    sentence = str(kind())

    assert issubclass(kind, Broken)
    assert sum(sentence == str(other()) for other in KINDS) == 1
    assert "kept" in sentence or "nothing" in sentence
    assert any(word in sentence for word in ("Ask", "Do not go on", "do not go on"))
    assert not sentence.endswith(".")


def test_a_seal_that_does_not_open_says_nothing() -> None:
    assert str(Broken()) == ""
