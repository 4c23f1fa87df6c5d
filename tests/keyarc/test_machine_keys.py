"""A machine token: one secret, from which everything follows, and which nothing tells."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.keyarc import crockford, hkdf, kdf, machine_keys
from shared.keyarc.encoding import Mistyped
from shared.keyarc.machine_keys import PREFIX, MachineToken

TOKEN = MachineToken.make()
SHOWN = TOKEN.show()
AT = st.integers(len(PREFIX), len(SHOWN) - 1)


def test_a_token_is_read_as_it_was_shown() -> None:
    again = MachineToken.parse(f"  {SHOWN}\r\n")

    assert again == TOKEN
    assert SHOWN.startswith("kat1_")
    assert len(SHOWN) == 5 + 88
    assert SHOWN.lower() == SHOWN


@given(at=AT, digit=st.sampled_from(crockford.ALPHABET.lower()))
def test_a_slip_anywhere_is_found_out_offline(at: int, digit: str) -> None:
    slipped = SHOWN[:at] + digit + SHOWN[at + 1 :]

    if slipped != SHOWN:
        with pytest.raises(Mistyped) as caught:
            MachineToken.parse(slipped)
        assert slipped not in str(caught.value)


@given(at=AT)
def test_neighbours_that_changed_places_are_found_out(at: int) -> None:
    swapped = SHOWN[: at - 1] + SHOWN[at] + SHOWN[at - 1] + SHOWN[at + 1 :]

    if swapped != SHOWN:
        with pytest.raises(Mistyped):
            MachineToken.parse(swapped)


@given(st.text(max_size=120))
def test_whatever_is_no_token_is_called_so_and_not_repeated(text: str) -> None:
    with pytest.raises(Mistyped) as caught:
        MachineToken.parse(PREFIX + text + "!")

    assert len(text) < 8 or text not in str(caught.value)


def test_a_token_hides_its_secret_and_its_keys() -> None:
    hidden = (TOKEN.secret, TOKEN.user_key, TOKEN.auth, TOKEN.master_key)

    shown = repr(TOKEN)

    assert str(TOKEN.machine_id) in shown
    assert [each for each in hidden if repr(each) in shown] == []


def test_what_the_server_gets_does_not_lead_to_the_keys() -> None:
    """M02: proof and user key are siblings: neither is derived from the other."""
    master_key = TOKEN.master_key

    assert TOKEN.auth == kdf.derive_auth(master_key)
    assert TOKEN.user_key == hkdf.expand(master_key, b"keyarc/ka1/user-key", 32)
    assert len({TOKEN.auth, TOKEN.user_key, kdf.derive_kek(master_key), master_key}) == 4


def test_another_id_makes_other_keys_of_the_same_secret() -> None:
    other = MachineToken(MachineToken.make().machine_id, TOKEN.secret)

    assert {other.auth, other.user_key}.isdisjoint({TOKEN.auth, TOKEN.user_key})


def test_nothing_of_the_derivation_is_a_parameter() -> None:
    assert list(inspect.signature(machine_keys.MachineToken).parameters) == ["machine_id", "secret"]
