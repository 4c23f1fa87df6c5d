"""M02: a server that chooses the salt, and has the password, opens nothing without account key."""

from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from shared.keyarc import kdf
from shared.keyarc.client import Client
from shared.keyarc.device import Device
from shared.keyarc.encoding import Broken, ObjectType, b64
from shared.keyarc.errors import WrongCredentials
from shared.keyarc.sign_up import NewAccount
from tests.evil.oracle import Oracle
from tests.evil.server import Evil
from tests.keyarc_client.conftest import PASSWORD

PRELOGIN = "POST /auth/prelogin"
CHOSEN = bytes(16)


@pytest.fixture
def account(evil: Evil, tmp_path: Path) -> NewAccount:
    """Someone who signed up, and wrote a secret, at a server that keeps what it is sent."""
    device = Device(tmp_path / "device")
    device.choose_store("file")
    new = Client.prepare_sign_up(evil.url, f"{uuid4().hex}@example.com", PASSWORD)
    with closing(Client.sign_up(new, device)) as client:
        client.create_vault("work")
    return new


def test_all_that_a_server_has_and_the_password_open_nothing(
    evil: Evil, account: NewAccount
) -> None:
    """M02: with the account key the same attempts open everything: the oracle does try."""
    oracle = Oracle(account.user_id, PASSWORD, (request.body for request in evil.requests))
    sealed = {blob[3] for blob in oracle.blobs}

    alone = oracle.opens()
    helped = oracle.opens([kdf.parse_account_key(account.account_key)])

    assert alone == set()
    assert helped == {ObjectType.USER_KEY_BY_PASSWORD, ObjectType.IDENTITY, ObjectType.KEYRING}
    assert sealed == {*helped, ObjectType.USER_KEY_BY_RECOVERY_CODE, ObjectType.VAULT_PROFILE}


def test_a_chosen_salt_brings_a_proof_that_fits_nothing_and_nobody_else(
    evil: Evil, account: NewAccount
) -> None:
    """M02: one salt for everybody does not let one guess serve for two people."""
    other = Client.prepare_sign_up(evil.url, f"{uuid4().hex}@example.com", PASSWORD)
    Client.sign_up(other).close()
    evil.answer(PRELOGIN, lambda media: media | {"salt": b64(CHOSEN)})
    before = len(evil.requests)

    for one in (account, other):
        with pytest.raises(WrongCredentials):
            Client.log_in(evil.url, one.email, PASSWORD, one.account_key)

    sent = [request.body["auth"] for request in evil.requests[before:] if "auth" in request.body]
    assert len(set(sent)) == 2
    assert Oracle(account.user_id, PASSWORD, (one.body for one in evil.requests)).opens() == set()


def test_a_login_that_is_answered_with_ones_own_salt_is_broken(
    evil: Evil, account: NewAccount
) -> None:
    """M02: what the salt was at the beginning of a login is what it must be at its end."""
    evil.answer("POST /auth/sessions", lambda media: media | {"salt": b64(CHOSEN)})

    with pytest.raises(Broken):
        Client.log_in(evil.url, account.email, PASSWORD, account.account_key)
