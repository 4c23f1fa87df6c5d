"""The vector files say what this library computes, and it refuses what they refuse."""

import json
from copy import deepcopy
from typing import Any
from uuid import UUID

import pytest

from shared.keyarc import commits, encoding, kdf, seal, sharing
from shared.keyarc.account_keys import Identity
from shared.keyarc.commits import Forbidden, Stale, State
from shared.keyarc.encoding import Broken, Mistyped, ObjectType
from shared.keyarc.identity import IdCert, check_ed_pk, check_x_pk, parse_idcert, verify
from shared.keyarc.machine_keys import MachineToken
from tests.vectors import make
from tests.vectors.material import person


def read(name: str) -> Any:
    return json.loads(make.path(name).read_text(encoding="ascii"))


def unhex(case: dict[str, Any], *names: str) -> list[bytes]:
    return [bytes.fromhex(case[name]) for name in names]


def refuses(cases: list[Any]) -> list[Any]:
    """Return the cases of a list, which must not be empty for a test to mean anything."""
    assert cases
    return cases


@pytest.mark.parametrize("name", make.FILES)
def test_a_file_of_vectors_is_what_the_code_computes(name: str) -> None:
    assert make.path(name).read_text(encoding="ascii") == make.text(name)


def test_every_file_of_vectors_is_made_by_the_generator() -> None:
    assert {file.name for file in make.path("make.py").parent.glob("*.json")} == set(make.FILES)


def test_every_type_of_object_is_in_the_vectors() -> None:
    assert {case["type"] for case in read("seal.json")["sealed"]} == set(ObjectType)


def test_the_sealed_objects_of_the_vectors_open() -> None:
    for case in refuses(read("seal.json")["sealed"]):
        key, blob, plaintext = unhex(case, "key", "blob", "plaintext")
        fields = [bytes.fromhex(field) for field in case["fields"]]

        assert seal.open(key, ObjectType(case["type"]), fields, blob) == plaintext


def test_the_openings_that_the_vectors_refuse_are_broken() -> None:
    for case in refuses(read("seal.json")["refused"]):
        key, blob = unhex(case, "key", "blob")
        fields = [bytes.fromhex(field) for field in case["fields"]]

        with pytest.raises(Broken):
            seal.open(key, ObjectType(case["type"]), fields, blob)


@pytest.mark.parametrize(
    ("part", "read_one"),
    [("base64url", encoding.unb64), ("u64", encoding.parse_u64), ("id", encoding.parse_id)],
)
def test_texts_that_the_vectors_refuse_are_broken(part: str, read_one: Any) -> None:
    for text in refuses(read("encoding.json")[part]["refused"]):
        with pytest.raises(Broken):
            read_one(text)


def test_texts_that_the_vectors_accept_are_read() -> None:
    vectors = read("encoding.json")

    for case in refuses(vectors["base64url"]["accepted"]):
        assert encoding.unb64(case["text"]) == bytes.fromhex(case["bytes"])
    for text in refuses(vectors["u64"]["accepted"]):
        assert str(encoding.parse_u64(text)) == text
    for text in refuses(vectors["id"]["accepted"]):
        assert str(encoding.parse_id(text)) == text


def test_json_that_the_vectors_refuse_is_broken() -> None:
    vectors = read("encoding.json")["json"]

    for text in refuses(vectors["refused"]):
        with pytest.raises(Broken):
            encoding.strict_json(text)
    for raw in refuses(vectors["refused_utf8"]):
        with pytest.raises(Broken):
            encoding.strict_json(bytes.fromhex(raw))


def test_padding_that_the_vectors_refuse_is_broken() -> None:
    for case in refuses(read("encoding.json")["padding"]["refused"]):
        with pytest.raises(Broken):
            seal.unpad(bytes.fromhex(case["padded"]))


def test_what_the_vectors_call_mistyped_is_mistyped() -> None:
    vectors = read("kdf.json")

    for case in refuses(vectors["passwords_mistyped"]):
        with pytest.raises(Mistyped):
            kdf.normalise_password(case["password"])
    for text in refuses(vectors["account_keys_mistyped"]):
        with pytest.raises(Mistyped):
            kdf.parse_account_key(text)
    for text in refuses(vectors["recovery_codes_mistyped"]):
        with pytest.raises(Mistyped):
            kdf.parse_recovery_code(text)
    for text in refuses(vectors["machine_tokens_mistyped"]):
        with pytest.raises(Mistyped):
            MachineToken.parse(text)


def test_every_way_to_type_a_code_in_the_vectors_is_read() -> None:
    vectors = read("kdf.json")

    for case in refuses(vectors["account_keys"]):
        for text in refuses(case["typed"]):
            assert kdf.parse_account_key(text).hex() == case["account_key"]
    for case in refuses(vectors["recovery_codes"]):
        for text in refuses(case["typed"]):
            assert kdf.parse_recovery_code(text).hex() == case["recovery_code"]
    for case in refuses(vectors["machine_tokens"]):
        for text in refuses(case["copied"]):
            assert MachineToken.parse(text).show() == case["shown"]


def test_certificates_and_keys_that_the_vectors_refuse_are_broken() -> None:
    vectors = read("identity.json")

    for case in refuses(vectors["idcerts_refused"]):
        previous, raw = unhex(case, "previous", "idcert")
        with pytest.raises(Broken):
            parse_idcert(raw, parse_idcert(previous) if previous else None)
    for case in refuses(vectors["ed25519_public_keys_refused"]):
        with pytest.raises(Broken):
            check_ed_pk(bytes.fromhex(case["key"]))
    for case in refuses(vectors["xwing_public_keys_refused"]):
        with pytest.raises(Broken):
            check_x_pk(bytes.fromhex(case["key"]))
    for case in refuses(vectors["signatures_refused"]):
        with pytest.raises(Broken):
            verify(*unhex(case, "ed_pk", "message", "signature"))


def test_the_sealed_identities_of_the_vectors_open() -> None:
    for case in refuses(read("identity.json")["sealed"]):
        user_key, blob = unhex(case, "user_key", "blob")
        user_id = UUID(case["user_id"])

        opened = Identity.open(user_key, blob, user_id, case["keyset"], case["key_epoch"])

        assert [opened.ed_pk.hex(), opened.x_pk.hex()] == [case["ed_pk"], case["x_pk"]]


def _told() -> dict[int, State]:
    """Return the states of the history in the vectors, by the number of the last commit."""
    vectors = read("history.json")
    state = State(UUID(vectors["vault_id"]))
    states = {0: deepcopy(state)}
    for case in refuses(vectors["commits"]):
        commits.apply(state, commits.parse(*unhex(case, "commit", "signature")))
        states[case["seq"]] = deepcopy(state)
    return states


def test_the_history_of_the_vectors_leads_to_its_states() -> None:
    states = _told()

    for case in read("history.json")["commits"]:
        state = states[case["seq"]]
        assert [state.head.hex(), state.hash().hex()] == [case["hash"], case["state"]]


def test_every_op_is_in_the_history_of_the_vectors() -> None:
    told = read("history.json")["commits"]

    assert {op["code"] for case in told for op in case["ops"]} == set(range(0x01, 0x0D))


def test_commits_that_the_vectors_refuse_leave_the_state_as_it_was() -> None:
    errors = {"broken": Broken, "forbidden": Forbidden, "stale": Stale}
    states = _told()

    for case in refuses(read("history.json")["refused"]):
        state = states[case["after_seq"]]
        before = deepcopy(state)
        with pytest.raises(Broken) as caught:
            commits.apply(state, commits.parse(*unhex(case, "commit", "signature")))
        assert caught.type is errors[case["error"]], case["why"]
        assert state == before, case["why"]


def _share(case: dict[str, Any]) -> sharing.Share:
    return sharing.Share(case["epoch"], *unhex(case, "head", "ciphertext", "signature"))


def _granter(raw: str) -> IdCert:
    return parse_idcert(bytes.fromhex(raw))


def test_the_share_of_the_vectors_opens_and_its_forgeries_do_not() -> None:
    vectors = read("share.json")
    state = _told()[vectors["after_seq"]]
    granter = _granter(vectors["sender"]["idcert"])

    opened = sharing.open_share(person("admin"), granter, state, _share(vectors))

    assert {str(epoch): key.hex() for epoch, key in opened.items()} == vectors["keys"]
    for case in refuses(vectors["refused"]):
        by = _granter(case["sender_idcert"])
        with pytest.raises(Broken):
            sharing.open_share(person("admin"), by, state, _share(case))
