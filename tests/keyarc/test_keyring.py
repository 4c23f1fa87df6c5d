"""A keyring remembers for good, and a server can neither take from it nor turn it back."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.keyarc import seal
from shared.keyarc.commits import Role, State
from shared.keyarc.encoding import SUITE, Broken, ObjectType
from shared.keyarc.errors import AuditBroken, Fork, Rollback
from shared.keyarc.keyring import Keyring, keyring_fields
from shared.keyarc.memories import AuditPin, SentInvitation, Verified
from tests.vectors.accounts import idcert
from tests.vectors.keyrings import audit, keyring
from tests.vectors.material import some, some_id
from tests.vectors.stories import VAULT, story, vault_key

USER, USER_KEY = some_id("owner"), some("user key", 32)


def state(seq: int) -> State:
    return story().steps[seq - 1].after


@given(
    st.dictionaries(
        st.uuids(), st.dictionaries(st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32))
    ),
    st.dictionaries(
        st.sampled_from(["owner", "admin", "member"]), st.sampled_from(["link", "words"])
    ),
    st.text(max_size=9),
    st.integers(0, 15),
)
def test_a_keyring_comes_back_from_its_seal(
    vaults: dict[object, dict[int, bytes]], people: dict[str, Verified], email: str, seq: int
) -> None:
    held = Keyring()
    for vault_id, keys in vaults.items():
        for epoch, key in keys.items():
            held.add_vault_key(some_id(str(vault_id)), epoch, key)
    for name, verified in people.items():
        held.know(idcert(name), verified, email)
        held.invitations[some_id(name)] = SentInvitation(VAULT, Role.VIEWER, email, seq)
    if seq:
        held.pin(state(seq))
        held.pin_audit(VAULT, audit(seq))
        held.vaults[VAULT].left = seq % 2 == 0

    assert Keyring.open(USER_KEY, USER, 7, held.seal(USER_KEY, USER, 7)) == held


def test_a_keyring_is_of_one_person_and_revision() -> None:
    blob = Keyring().seal(USER_KEY, USER, 7)

    for key, user_id, revision in (
        (some("other", 32), USER, 7),
        (USER_KEY, some_id("other"), 7),
        (USER_KEY, USER, 6),
        (USER_KEY, USER, 8),
    ):
        with pytest.raises(Broken):
            Keyring.open(key, user_id, revision, blob)


@given(st.lists(st.integers(1, 15), max_size=8))
def test_a_pin_only_rises(order: list[int]) -> None:
    held, highest = Keyring(), 0

    for seq in order:
        if seq < highest:
            with pytest.raises(Rollback):
                held.pin(state(seq))
        else:
            held.pin(state(seq))
            highest = seq
        pin = held.vaults[VAULT].pin
        assert pin is not None
        assert pin.seq == highest
        assert pin.head == state(highest).head


def test_another_history_of_the_same_length_is_a_fork() -> None:
    held, fork = Keyring(), deepcopy(state(6))
    held.pin(state(6))
    fork.head = some("another head", 32)

    with pytest.raises(Fork):
        held.pin(fork)


def test_a_pin_does_not_move_with_the_state_that_it_was_taken_from() -> None:
    held, moving = Keyring(), deepcopy(state(6))
    held.pin(moving)
    before = held.encode()

    moving.roster.clear()
    moving.invites.clear()
    moving.epochs.clear()

    assert held.encode() == before


@given(st.lists(st.integers(1, 15), max_size=8))
def test_the_pin_of_an_access_log_only_rises(order: list[int]) -> None:
    held, highest = Keyring(), 0

    for seq in order:
        if seq < highest:
            with pytest.raises(AuditBroken):
                held.pin_audit(VAULT, audit(seq))
        else:
            held.pin_audit(VAULT, audit(seq))
            highest = seq
        assert held.vaults[VAULT].audit == audit(highest)


def test_another_row_of_the_same_number_is_no_continuation() -> None:
    held = Keyring()
    held.pin_audit(VAULT, audit(20))

    with pytest.raises(AuditBroken):
        held.pin_audit(VAULT, AuditPin(20, some("another row", 32)))


def test_words_that_were_compared_and_an_address_stay_known() -> None:
    held = Keyring()
    held.know(idcert("member"), "words", "member@example.com")

    held.know(idcert("member"), "link")

    known = held.people[some_id("member")]
    assert (known.verified, known.email) == ("words", "member@example.com")


def test_the_smallest_suite_only_rises() -> None:
    held = Keyring()

    for asked in (0, 3, 2, 1):
        held.raise_min_suite(asked)

    assert held.min_suite == 3


@pytest.mark.parametrize("suite", [0, SUITE + 1, 255])
def test_a_keyring_that_wants_another_suite_is_for_another_client(suite: int) -> None:
    held = Keyring(min_suite=suite)
    blob = seal.seal(USER_KEY, ObjectType.KEYRING, keyring_fields(USER, 1), held.encode())

    with pytest.raises(Broken):
        Keyring.open(USER_KEY, USER, 1, blob)


def test_a_keyring_that_lowers_the_smallest_suite_does_not_follow() -> None:
    raised = Keyring()
    raised.raise_min_suite(SUITE + 1)

    Keyring().check_follows(Keyring())
    with pytest.raises(Rollback):
        Keyring().check_follows(raised)


def test_the_key_of_an_epoch_never_changes() -> None:
    held = Keyring()
    held.add_vault_key(VAULT, 1, some("a", 32))
    held.add_vault_key(VAULT, 1, some("a", 32))

    with pytest.raises(Broken):
        held.add_vault_key(VAULT, 1, some("b", 32))

    assert held.vault_key(VAULT, 1) == some("a", 32)


def test_a_key_that_the_history_does_not_have_yet_may_become_another() -> None:
    held = keyring(6)
    earlier = deepcopy(held)
    held.add_vault_key(VAULT, 2, some("a", 32))
    with_candidate = deepcopy(held)
    held.add_vault_key(VAULT, 2, vault_key(2))

    held.check_follows(with_candidate)
    earlier.check_follows(with_candidate)

    held.pin(state(15))
    with pytest.raises(Broken):
        held.add_vault_key(VAULT, 2, some("a", 32))


def test_a_key_that_is_not_there_is_broken_and_none_is_made_instead() -> None:
    held = Keyring()
    held.add_vault_key(VAULT, 1, some("a", 32))

    for vault_id, epoch in ((VAULT, 2), (some_id("other"), 1)):
        with pytest.raises(Broken):
            held.vault_key(vault_id, epoch)


def test_a_keyring_that_forgets_or_changes_something_does_not_follow() -> None:
    def changed() -> list[Keyring]:
        found = [deepcopy(earlier) for _ in range(5)]
        del found[0].vaults[VAULT]
        del found[1].vaults[VAULT].keys[1]
        found[2].vaults[VAULT].keys[1] = some("b", 32)
        found[3].vaults[VAULT].pin = None
        found[4].vaults[VAULT].pin = state(5).public()
        return found

    earlier = keyring(6)
    keyring(6).check_follows(earlier)
    keyring(15).check_follows(earlier)

    for later in changed():
        with pytest.raises(Rollback):
            later.check_follows(earlier)


def test_a_known_person_changes_by_a_certificate_that_the_old_key_signed_only() -> None:
    held = Keyring()
    held.know(idcert("owner"), "words")
    held.know(idcert("owner"), "words")

    held.know(idcert("owner", 2), "words")

    assert held.people[USER].idcert == idcert("owner", 2)
    for raw in (idcert("owner"), idcert("owner", 4)):
        with pytest.raises(Broken):
            held.know(raw, "words")
    assert held.people[USER].idcert == idcert("owner", 2)


def test_a_keyring_does_not_print_its_keys() -> None:
    held = Keyring()
    held.add_vault_key(VAULT, 1, some("a", 32))

    assert repr(some("a", 32)) not in repr(held)
