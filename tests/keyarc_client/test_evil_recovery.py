"""A server that lies to somebody who recovers an account."""

import functools
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from machines.stack import Stack
from shared.keyarc import recovery
from shared.keyarc.client import Client
from shared.keyarc.device import Device
from shared.keyarc.encoding import Broken, b64, unb64
from shared.keyarc.errors import NotLoggedIn, WrongCredentials
from shared.keyarc.http import Transport
from shared.keyarc.recovered import NewAccess
from shared.keyarc.recovery import Recovered, Recovery
from shared.keyarc.sign_up import NewAccount
from tests.evil.server import Evil
from tests.factories import Person as Other
from tests.keyarc_client.conftest import PASSWORD

BEGIN, KEYS, FINISH = (f"POST /auth/recovery{step}" for step in ("", "/keys", "/finish"))
NEW_PASSWORD = "another horse, another battery"


@dataclass
class Lost:
    """Somebody with a vault, who has nothing left but the recovery code."""

    new: NewAccount
    transport: Transport
    begun: Recovery
    device: Device

    def open(self) -> Recovered:
        return recovery.open_keys(self.transport, self.begun, self.new.recovery_code, self.device)


@pytest.fixture
def lost(stack: Stack, evil: Evil, tmp_path: Path) -> Iterator[Lost]:
    new = Client.prepare_sign_up(evil.url, f"{uuid4().hex}@example.com", PASSWORD)
    with closing(Client.sign_up(new)) as client:
        client.create_vault("work")
    device = Device(tmp_path / "device")
    device.choose_store("file")
    with closing(Transport(evil.url)) as transport:
        begun = recovery.begin(transport, new.email, new.recovery_code, device)
        with psycopg.connect(stack.database_url) as conn:
            conn.execute("UPDATE recoveries SET ready_at = now() WHERE user_id = %s", [new.user_id])
        evil.lines()
        yield Lost(new, transport, begun, device)


def flipped(text: str) -> str:
    raw = unb64(text)
    return b64(raw[:-1] + bytes([raw[-1] ^ 1]))


Lie = Callable[[Any], Any]
OTHER = Other().registration
LIES: dict[str, Lie] = {
    "somebody else": lambda media: {**media, "user_id": str(uuid4())},
    "an earlier keyset": lambda media: {**media, "keyset": "0"},
    "a later keyset": lambda media: {**media, "keyset": "2"},
    "a code of later": lambda media: {**media, "recovery_keyset": "2"},
    "a code of never": lambda media: {**media, "recovery_keyset": "0"},
    "another user key": lambda media: {**media, "recovery_user_key": OTHER["recovery_user_key"]},
    "a user key by password": lambda media: {**media, "recovery_user_key": OTHER["user_key"]},
    "a changed user key": lambda media: {
        **media,
        "recovery_user_key": flipped(media["recovery_user_key"]),
    },
    "another identity": lambda media: {**media, "identity": OTHER["identity"]},
    "another certificate": lambda media: {**media, "idcert": OTHER["idcert"]},
    "another keyring": lambda media: {
        **media,
        "keyring": {"revision": "1", "blob": OTHER["keyring"]},
    },
    "another revision": lambda media: {**media, "keyring": {**media["keyring"], "revision": "9"}},
    "nothing": lambda _: {},
}
NEEDED = ("user_id", "keyset", "recovery_user_key", "identity", "idcert", "keyring")


def test_whatever_does_not_open_is_broken_and_no_key_is_made(lost: Lost, evil: Evil) -> None:
    """Every lie about the keys ends it, and nothing more is sent."""
    honest = lost.open()

    lies: list[Lie] = list(LIES.values())
    lies += [functools.partial(_changed, name, None) for name in NEEDED]
    for lie in lies:
        evil.answer(KEYS, lie)
        evil.lines()
        with pytest.raises(Broken):
            lost.open()
        assert evil.lines() == [KEYS]
    assert honest.keys.user_id == lost.new.user_id


def test_a_known_device_is_not_led_to_another_account(lost: Lost, evil: Evil) -> None:
    device, code = lost.device, lost.new.recovery_code
    with closing(Client.log_in(evil.url, lost.new.email, PASSWORD, lost.new.account_key,
                               device=device)):  # fmt: skip
        evil.lines()
    evil.answer("POST /auth/prelogin", lambda media: {**media, "user_id": str(uuid4())})

    with pytest.raises(Broken):
        recovery.begin(lost.transport, lost.new.email, code, device)
    assert evil.lines() == ["POST /auth/prelogin"]


def test_a_beginning_of_another_shape_is_broken(lost: Lost, evil: Evil) -> None:
    for name, odd in (("recovery", "AAAA"), ("ready_in", -1), ("mail", 1), ("mail", None)):
        evil.answer(BEGIN, functools.partial(_changed, name, odd))
        with pytest.raises(Broken):
            recovery.begin(lost.transport, lost.new.email, lost.new.recovery_code)


def _changed(name: str, odd: Any, media: Any) -> Any:
    return {**media, name: odd}


def test_a_session_of_other_keys_is_not_kept(lost: Lost, evil: Evil) -> None:
    """The answer must be the account that was opened, under the keys that were sent."""
    recovered = lost.open()
    sealed = recovered.account.identity
    evil.answer(FINISH, lambda media: {**media, "identity": sealed})

    with pytest.raises(Broken):
        NewAccess(recovered, NEW_PASSWORD).send(lost.transport, lost.device)

    assert lost.device.current() is None
    with pytest.raises(NotLoggedIn):
        Client.resume(lost.device)


def test_an_answer_that_got_lost_loses_no_account(lost: Lost, evil: Evil) -> None:
    new = NewAccess(lost.open(), NEW_PASSWORD)
    evil.lost.append(FINISH)

    opened = new.send(lost.transport, lost.device)

    assert opened.keys.user_id == lost.new.user_id
    with closing(Client.resume(lost.device)) as client:
        assert [one.name for one in client.vaults()] == ["work"]
    assert [line for line in evil.lines() if line == FINISH] == [FINISH] * 2


def test_a_recovery_that_was_stopped_ends_in_no_session(
    lost: Lost, stack: Stack, evil: Evil
) -> None:
    new = NewAccess(lost.open(), NEW_PASSWORD)
    with psycopg.connect(stack.database_url) as conn:
        conn.execute("DELETE FROM recoveries WHERE user_id = %s", [lost.new.user_id])

    with pytest.raises(WrongCredentials):
        new.send(lost.transport, lost.device)

    old = Client.log_in(evil.url, lost.new.email, PASSWORD, lost.new.account_key)
    old.close()
    assert lost.device.current() is None


def test_what_is_sent_opens_nothing_by_itself(lost: Lost, evil: Evil) -> None:
    recovered = lost.open()
    new = NewAccess(recovered, NEW_PASSWORD)
    new.send(lost.transport, lost.device)

    sent = str(evil.requests)

    for secret in (new.account_key, new.recovery_code, lost.new.recovery_code, NEW_PASSWORD):
        assert secret not in sent
    assert b64(recovered.keys.user_key) not in sent
