"""The keyrings of two devices of one person join, and neither forgets for the other."""

from copy import deepcopy

import pytest

from shared.keyarc.errors import Fork
from tests.vectors.accounts import idcert
from tests.vectors.keyrings import keyring
from tests.vectors.material import some
from tests.vectors.stories import VAULT, story, vault_key


def test_two_keyrings_join_to_the_same_whichever_comes_first() -> None:
    fewer, more = keyring(6), keyring(15)
    more.know(idcert("owner"), "link")
    fewer.vaults[VAULT].left = True

    one, other = deepcopy(fewer), deepcopy(more)
    one.take(more)
    other.take(fewer)

    assert one == other
    assert one.vaults[VAULT].pin == more.vaults[VAULT].pin
    assert not one.vaults[VAULT].left


def test_keyrings_of_two_histories_do_not_join() -> None:
    one, other = keyring(6), keyring(6)
    fork = deepcopy(story().steps[5].after)
    fork.head = some("another head", 32)
    other.vaults[VAULT].pin = fork

    with pytest.raises(Fork):
        one.take(other)


@pytest.mark.parametrize("first", ["the one that saw the change", "the one that did not"])
def test_of_two_new_keys_the_one_that_the_history_has_stays(first: str) -> None:
    changed, beaten = keyring(15), keyring(6)
    beaten.add_vault_key(VAULT, 2, some("beaten", 32))
    base, other = (changed, beaten) if first == "the one that saw the change" else (beaten, changed)

    base.take(other)

    assert base.vault_key(VAULT, 2) == vault_key(2)


def test_a_new_key_that_another_took_the_place_of_is_forgotten() -> None:
    held, after = keyring(6), story().steps[14].after
    held.add_vault_key(VAULT, 2, some("beaten", 32))
    held.add_vault_key(VAULT, 9, some("not begun", 32))

    held.drop_beaten(after)

    assert held.vaults[VAULT].keys.keys() == {1, 9}
    held.add_vault_key(VAULT, 2, vault_key(2))
    held.drop_beaten(after)
    assert held.vaults[VAULT].keys.keys() == {1, 2, 9}
