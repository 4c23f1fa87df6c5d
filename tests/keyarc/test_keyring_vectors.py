"""The vectors of keyrings hold: what opens, what follows, what joins, what is refused."""

from uuid import UUID

import pytest

from shared.keyarc.encoding import Broken
from shared.keyarc.errors import Rollback
from shared.keyarc.keyring import Keyring
from tests.keyarc.test_vectors import read, refuses


def test_the_keyrings_of_the_vectors_open_and_follow_as_said() -> None:
    vectors = read("keyring.json")
    user_key, user_id = bytes.fromhex(vectors["user_key"]), UUID(vectors["user_id"])
    held: dict[int, Keyring] = {}
    for case in refuses(vectors["keyrings"]):
        opened = Keyring.open(user_key, user_id, case["revision"], bytes.fromhex(case["blob"]))
        assert opened.encode().decode() == case["plaintext"]
        held |= {vault.pin.seq: opened for vault in opened.vaults.values() if vault.pin}

    for earlier, later in refuses(vectors["pins_that_follow"]):
        held[later].check_follows(held[earlier])
    for earlier, later in refuses(vectors["pins_that_do_not"]):
        with pytest.raises(Rollback):
            held[later].check_follows(held[earlier])


def test_access_logs_of_the_vectors_are_pinned_as_said() -> None:
    audits = read("keyring.json")["audits"]
    earlier = Keyring.decode(audits["earlier"].encode())

    for text in refuses(audits["follow"]):
        Keyring.decode(text.encode()).check_follows(earlier)
    for text in refuses(audits["do_not"]):
        with pytest.raises(Rollback):
            Keyring.decode(text.encode()).check_follows(earlier)


def test_keyrings_of_the_vectors_join_as_said() -> None:
    for case in refuses(read("keyring.json")["joined"]):
        base, other, joined = (
            Keyring.decode(case[name].encode()) for name in ("base", "other", "joined")
        )

        base.take(other)

        assert base == joined


def test_keyrings_that_the_vectors_refuse_are_broken() -> None:
    for case in refuses(read("keyring.json")["refused"]):
        with pytest.raises(Broken):
            Keyring.decode(case["plaintext"].encode())
