"""The account key on its way to a new device: who can open it, and what two screens show."""

import json
import os
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.keyarc import approval
from shared.keyarc.account_keys import derive_x_pk
from shared.keyarc.approval import Asked
from shared.keyarc.encoding import Broken
from shared.keyarc.sharing import SUITE, hpke_public_key
from tests.vectors import make

EMAIL = "someone@example.com"
ACCOUNT_KEY = bytes(range(16))


def asked(seed: bytes) -> Asked:
    return Asked(uuid4(), EMAIL, derive_x_pk(seed))


def vectors() -> Any:
    return json.loads(make.path("approval.json").read_text(encoding="ascii"))


def case_of(case: dict[str, Any]) -> tuple[Asked, bytes, bytes]:
    """Read what was asked, the seed to open with, and the answer, out of a vector."""
    seed, x_pk, sealed = (bytes.fromhex(case[name]) for name in ("seed", "x_pk", "sealed"))
    return Asked(UUID(case["user_id"]), case["email"], x_pk), seed, sealed


def test_the_device_that_asked_opens_what_was_sealed_for_it() -> None:
    seed = os.urandom(32)
    question = asked(seed)

    sealed = approval.seal_account_key(question, ACCOUNT_KEY)

    assert len(sealed) == 1152
    assert approval.open_account_key(question, seed, sealed) == ACCOUNT_KEY


def test_an_answer_is_for_one_device_of_one_person_under_one_address() -> None:
    seed, other = os.urandom(32), os.urandom(32)
    question = asked(seed)
    sealed = approval.seal_account_key(question, ACCOUNT_KEY)

    for different, opening in (
        (Asked(uuid4(), EMAIL, question.x_pk), seed),
        (Asked(question.user_id, "someone.else@example.com", question.x_pk), seed),
        (Asked(question.user_id, EMAIL, derive_x_pk(other)), seed),
        (question, other),
    ):
        with pytest.raises(Broken):
            approval.open_account_key(different, opening, sealed)


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_nothing_but_an_account_key_is_sealed_or_taken(length: int) -> None:
    seed = os.urandom(32)
    question = asked(seed)
    public_key = hpke_public_key(question.x_pk)
    odd = SUITE.encrypt(bytes(length), public_key, approval.approval_info(question))

    with pytest.raises(Broken):
        approval.seal_account_key(question, bytes(length))
    with pytest.raises(Broken):
        approval.open_account_key(question, seed, odd)


def test_a_key_that_is_none_is_refused_before_anything_is_sealed() -> None:
    with pytest.raises(Broken):
        approval.seal_account_key(Asked(uuid4(), EMAIL, b"\xff" * 1216), ACCOUNT_KEY)


def test_the_words_differ_as_soon_as_anything_does() -> None:
    one, other = derive_x_pk(os.urandom(32)), derive_x_pk(os.urandom(32))

    shown = [
        approval.request_words(EMAIL, one),
        approval.request_words(EMAIL, other),
        approval.request_words("someone.else@example.com", one),
        approval.approved_words(EMAIL, one, b"sealed"),
        approval.approved_words(EMAIL, one, b"sealed otherwise"),
        approval.approved_words(EMAIL, other, b"sealed"),
    ]

    assert {len(words) for words in shown} == {7}
    assert len({tuple(words) for words in shown}) == len(shown)


def test_the_vectors_open_to_their_account_key() -> None:
    question, seed, sealed = case_of(vectors())

    assert approval.open_account_key(question, seed, sealed).hex() == vectors()["account_key"]


def test_what_the_vectors_refuse_is_broken() -> None:
    cases = [case_of(case) for case in vectors()["refused"]]

    assert cases
    for question, seed, sealed in cases:
        with pytest.raises(Broken):
            approval.open_account_key(question, seed, sealed)
