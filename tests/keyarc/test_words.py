"""The words by which two people compare a key."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from shared.keyarc.words import word_list, words
from tests.vectors.material import person, some_id


def test_the_list_is_the_long_one_of_eff() -> None:
    known = word_list()

    assert len(known) == len(set(known)) == 7776
    assert list(known) == sorted(known)
    assert (known[0], known[-1]) == ("abacus", "zoom")
    assert {word for word in known if "-" in word} == {"drop-down", "felt-tip", "t-shirt", "yo-yo"}


@given(st.binary(min_size=32, max_size=32), st.integers(1, 2**63 - 1))
def test_words_are_the_digits_of_the_hash(ed_pk: bytes, key_epoch: int) -> None:
    user_id, x_pk = some_id("user"), person("owner").x_pk

    shown = words(user_id, ed_pk, x_pk, key_epoch)

    number = sum(word_list().index(word) * 7776**at for at, word in enumerate(shown))
    said = user_id.bytes + ed_pk + x_pk + key_epoch.to_bytes(8, "big")
    hashed = hashlib.sha256(b"keyarc/ka1/fp\0" + said).digest()
    assert len(shown) == 7
    assert number == int.from_bytes(hashed, "big") % 7776**7


def test_each_part_of_an_identity_changes_the_words() -> None:
    owner, admin = person("owner"), person("admin")
    shown = [
        words(owner.user_id, owner.ed_pk, owner.x_pk, 1),
        words(admin.user_id, owner.ed_pk, owner.x_pk, 1),
        words(owner.user_id, admin.ed_pk, owner.x_pk, 1),
        words(owner.user_id, owner.ed_pk, admin.x_pk, 1),
        words(owner.user_id, owner.ed_pk, owner.x_pk, 2),
    ]

    assert len({tuple(one) for one in shown}) == 5
