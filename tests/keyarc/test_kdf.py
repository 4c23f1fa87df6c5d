"""One path leads from a password to its keys, and nothing that a server says bends it."""

import inspect
import unicodedata
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from hypothesis import example, given
from hypothesis import strategies as st

from shared.keyarc import account_keys, hkdf, kdf, seal
from shared.keyarc.encoding import Broken, Mistyped, ObjectType, verifier
from tests.vectors.material import some, some_id

USER = some_id("user")
SALT, ACCOUNT_KEY = some("salt", 16), some("account key", 16)
PASSWORD = "correct horse battery staple"
BY_PASSWORD = ObjectType.USER_KEY_BY_PASSWORD


def test_the_parameters_of_the_derivation_are_constants() -> None:
    parameters = {name: inspect.signature(getattr(kdf, name)).parameters for name in kdf_names()}

    assert list(parameters["stretch"]) == ["password", "salt"]
    assert list(parameters["derive_master_key"]) == ["stretched", "account_key", "user_id"]
    assert list(parameters["derive_auth"]) == ["master_key"]
    assert list(parameters["derive_kek"]) == ["master_key"]
    expected = Argon2id(salt=SALT, length=32, iterations=3, lanes=4, memory_cost=65536)
    assert kdf.stretch(PASSWORD, SALT) == expected.derive(PASSWORD.encode())


def kdf_names() -> list[str]:
    return ["stretch", "derive_master_key", "derive_auth", "derive_kek"]


@given(st.binary(max_size=80).filter(lambda salt: len(salt) != 16))
def test_a_salt_has_16_bytes(salt: bytes) -> None:
    with pytest.raises(Broken):
        kdf.stretch(PASSWORD, salt)


@given(st.binary(max_size=40))
def test_account_keys_and_recovery_codes_have_their_lengths(raw: bytes) -> None:
    if len(raw) != 16:
        with pytest.raises(Broken):
            kdf.derive_master_key(bytes(32), raw, USER)
    if len(raw) != 20:
        with pytest.raises(Broken):
            kdf.derive_recovery_master_key(raw, USER)


def test_without_the_account_key_the_true_password_opens_nothing() -> None:
    user_key = some("user key", 32)
    stretched = kdf.stretch(PASSWORD, SALT)
    master_key = kdf.derive_master_key(stretched, ACCOUNT_KEY, USER)
    auth, kek = kdf.derive_auth(master_key), kdf.derive_kek(master_key)
    blob = account_keys.wrap_user_key(user_key, kek, BY_PASSWORD, USER, 1)
    assert account_keys.unwrap_user_key(blob, kek, BY_PASSWORD, USER, 1) == user_key

    # What a server that saw the password could try: all it has, in every role.
    known = [stretched, auth, verifier(USER, auth), hkdf.expand(auth, b"keyarc/ka1/kek", 32)]
    for guess in (bytes(16), SALT, USER.bytes, stretched[:16], auth[:16]):
        guessed = kdf.derive_master_key(stretched, guess, USER)
        known += [guessed, kdf.derive_kek(guessed), kdf.derive_auth(guessed)]
    known += [kdf.derive_kek(key) for key in list(known)]

    for key in known:
        with pytest.raises(Broken):
            account_keys.unwrap_user_key(blob, key, BY_PASSWORD, USER, 1)


def test_two_people_with_one_password_salt_and_account_key_share_nothing() -> None:
    stretched = kdf.stretch(PASSWORD, SALT)

    keys = [kdf.derive_master_key(stretched, ACCOUNT_KEY, some_id(one)) for one in "ab"]

    assert len({*keys, *map(kdf.derive_auth, keys), *map(kdf.derive_kek, keys)}) == 6


def test_password_and_recovery_code_never_derive_alike() -> None:
    code = some("code", 20)

    by_code = kdf.derive_recovery_master_key(code, USER)

    assert by_code != hkdf.derive(code, bytes(32), b"keyarc/ka1/2skd\0", 32)
    assert kdf.derive_auth(by_code) != kdf.derive_kek(by_code)


@given(st.text(min_size=12, max_size=200))
def test_every_way_to_type_a_password_gives_the_same_bytes(password: str) -> None:
    forms = [unicodedata.normalize(form, password) for form in ("NFC", "NFD", "NFKC", "NFKD")]
    try:
        raw = kdf.normalise_password(password)
    except Mistyped:
        for form in forms:
            with pytest.raises(Mistyped):
                kdf.normalise_password(form)
        return

    assert {kdf.normalise_password(form) for form in forms} == {raw}
    assert raw.decode() == unicodedata.normalize("NFKC", password)


@given(st.integers(0, 1100), st.sampled_from(["x", "\0", " ", "é", "€", "🔑"]))
@example(64, "x")
@example(65, "x")
@example(1024, "x")
def test_a_password_has_12_characters_and_1024_bytes_at_most(length: int, character: str) -> None:
    password = character * length

    if length >= 12 and len(password.encode()) <= 1024:
        assert kdf.normalise_password(password) == password.encode()
    else:
        with pytest.raises(Mistyped):
            kdf.normalise_password(password)


def test_half_a_character_is_mistyped() -> None:
    with pytest.raises(Mistyped):
        kdf.normalise_password("x" * 12 + "\ud83d")


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=20, max_size=20))
def test_shown_codes_come_back(account_key: bytes, recovery_code: bytes) -> None:
    key, code = kdf.show_account_key(account_key), kdf.show_recovery_code(recovery_code)

    assert [len(group) for group in key.split("-")] == [4] * 8
    assert [len(group) for group in code.split("-")] == [4] * 10
    assert kdf.parse_account_key(key) == account_key
    assert kdf.parse_recovery_code(code) == recovery_code
    with pytest.raises(Mistyped):
        kdf.parse_account_key(code)
    with pytest.raises(Mistyped):
        kdf.parse_recovery_code(key)


@given(st.binary(min_size=16, max_size=16), st.integers(0, 31), st.integers(0, 31))
def test_one_wrong_letter_is_noticed(account_key: bytes, at: int, letter: int) -> None:
    digits = kdf.show_account_key(account_key).replace("-", "")
    wrong = digits[:at] + "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[letter] + digits[at + 1 :]

    if wrong != digits:
        with pytest.raises(Mistyped):
            kdf.parse_account_key(wrong)


@given(st.text(max_size=60))
def test_any_other_text_is_mistyped(text: str) -> None:
    for parse in (kdf.parse_account_key, kdf.parse_recovery_code):
        with pytest.raises(Mistyped):
            parse(text)


def test_codes_are_random() -> None:
    assert len({kdf.make_account_key() for _ in range(100)}) == 100
    assert len({kdf.make_recovery_code() for _ in range(100)}) == 100


def test_a_kek_wraps_keys_and_the_auth_opens_none() -> None:
    master_key = some("master key", 32)
    blob = seal.seal(kdf.derive_kek(master_key), BY_PASSWORD, [UUID(int=1).bytes], bytes(32))

    with pytest.raises(Broken):
        seal.open(kdf.derive_auth(master_key), BY_PASSWORD, [UUID(int=1).bytes], blob)
