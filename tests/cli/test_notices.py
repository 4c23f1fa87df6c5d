"""A recovery that somebody has begun is told to whoever is logged in."""

from contextlib import closing
from uuid import UUID

import pytest

from shared.keyarc import kdf
from shared.keyarc.encoding import b64
from shared.keyarc.http import Transport
from tests.cli.conftest import NewDevice
from tests.cli.keyarc import Keyarc

STOP = "keyarc recovery stop"


@pytest.fixture
def keyarc(device: NewDevice) -> Keyarc:
    """Someone whose recovery code another has found and begun to use."""
    someone = device()
    shown = someone("signup").out.splitlines()[1].split()[-1]
    user_id = UUID(someone("account", "show", "--json").json["user_id"])
    master_key = kdf.derive_recovery_master_key(kdf.parse_recovery_code(shown), user_id)
    body = {
        "email": someone.email,
        "recovery_auth": b64(kdf.derive_auth(master_key)),
        "device": "a stranger's \u202elaptop",
    }
    with closing(Transport(someone.server)) as transport:
        assert transport.ask("POST", "/auth/recovery", body).status == 202
    return someone


def test_status_and_ls_tell_of_it_and_how_it_is_stopped(keyarc: Keyarc) -> None:
    status, listing = keyarc("status"), keyarc("ls")

    for told in (status.err, listing.err):
        assert STOP in told
        assert "a stranger's \ufffdlaptop" in told
    assert STOP in keyarc("account", "show").err


def test_programs_read_of_it_in_json(keyarc: Keyarc) -> None:
    recovery = keyarc("status", "--json").json["recovery"]

    assert recovery.keys() == {"begun_at", "ready_at", "device", "network"}
    assert keyarc("account", "show", "--json").json["recovery"] == recovery
    assert keyarc("ls", "--json").json["secrets"] == []


def test_without_one_nothing_is_said(device: NewDevice) -> None:
    someone = device()
    someone("signup")

    assert STOP not in someone("ls").err + someone("status").err
    assert someone("status", "--json").json["recovery"] is None


def test_another_password_ends_it(keyarc: Keyarc) -> None:
    keyarc.variables["KEYARC_NEW_PASSWORD"] = "another horse, another battery"

    keyarc("account", "password")

    assert STOP not in keyarc("ls").err
