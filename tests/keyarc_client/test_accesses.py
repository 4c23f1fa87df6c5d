"""The access log: rows are followed from what was seen, and none of them can be changed."""

from collections.abc import Callable
from contextlib import closing
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.keyarc.accesses import BEGINNING, Access
from shared.keyarc.client import Client
from shared.keyarc.encoding import Broken, b64
from shared.keyarc.errors import AuditBroken
from shared.keyarc.memories import AuditPin
from shared.keyarc.verification import verify
from tests.evil.server import Answer, Evil, Request
from tests.keyarc_client.lies import changes, log_of
from tests.keyarc_client.people import Someone

Lie = Callable[[Any], Any]


def first(name: str, value: Any) -> Lie:
    return lambda media: media | {"items": [media["items"][0] | {name: value}, *media["items"][1:]]}


ACCESS_LIES: dict[str, Lie] = {
    "a row is left out": lambda media: media | {"items": media["items"][1:]},
    "all rows are left out": lambda media: media | {"items": []},
    "a row comes twice": lambda media: media | {"items": [media["items"][0], *media["items"]]},
    "another action": first("action", "secret.listed"),
    "another time": first("at_ms", "1"),
    "another person": first("user_id", str(uuid4())),
    "nobody": first("user_id", None),
    "another session": first("session_id", str(uuid4())),
    "another secret": first("object_ids", [str(uuid4())]),
    "another address": first("address", "192.0.2.9"),
    "an address without its salt": first("salt", None),
}


@pytest.mark.parametrize("lie", ACCESS_LIES)
def test_an_access_log_that_does_not_go_on_is_refused(
    someone: Someone, vault: UUID, liar: Evil, lie: str
) -> None:
    view = someone.client.sync(vault)
    for secret_id in view.secrets:
        someone.client.details(view, [secret_id])
    liar.answer(log_of(vault), ACCESS_LIES[lie])
    reader = someone.again()

    with pytest.raises(AuditBroken):
        reader.sync(vault)

    liar.lines()
    with pytest.raises(Broken):
        reader.sync(vault)
    assert liar.lines() == []


def test_an_access_log_that_another_device_saw_longer_is_refused(
    someone: Someone, elsewhere: Client, vault: UUID, liar: Evil
) -> None:
    """M14: with each change the end of the access log goes into the keyring."""
    old: list[Any] = []

    def keep(media: Any) -> Any:
        old.append(media["audit"])
        return media

    liar.answer(changes(vault), keep)
    someone.client.sync(vault)
    assert someone.values(vault)
    someone.put(vault, A="newer")
    elsewhere.vaults()
    liar.answer(changes(vault), lambda media: media | {"audit": old[0]})

    with pytest.raises(AuditBroken):
        Client(elsewhere.opened).sync(vault)


def test_a_check_of_everything_holds_the_access_log_to_what_was_seen(
    someone: Someone, vault: UUID, liar: Evil
) -> None:
    """M14: a log that adds up by itself, but without an access that was seen before."""
    assert someone.values(vault)
    view = someone.client.sync(vault)
    path, asking = f"/api/keys/vaults/{vault}", someone.again().opened.connection
    rows = asking.get(f"{path}/audit?after=0")["items"][:-1]
    at = BEGINNING
    for row in rows:
        access = Access.of(row)
        at = AuditPin(access.seq, access.hash(vault, at.hash))
    shown = {"seq": str(at.seq), "hash": b64(at.hash)}
    assert view.audit is not None
    assert at.seq < view.audit.seq

    def whole(request: Request) -> Answer | None:
        if request.path != f"{path}/secrets":
            return None
        media = asking.get(f"{path}/secrets?since=0")
        return Answer.of(200, media | {"audit": shown})

    liar.made[f"GET {path}/secrets"] = whole
    liar.made[f"GET {path}/audit"] = lambda _: Answer.of(200, {"items": rows, "next": None})

    with pytest.raises(AuditBroken):
        verify(someone.client, vault)


def test_an_action_longer_than_any_is_broken(someone: Someone, vault: UUID, liar: Evil) -> None:
    assert someone.values(vault)
    liar.answer(log_of(vault), first("action", "x" * 65_536))

    with closing(someone.again()) as reader, pytest.raises(Broken):
        reader.sync(vault)
