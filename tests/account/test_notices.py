"""People are written to when their keys change: by whom else, they may not know."""

import pytest

from handlers.account import routes
from shared import mail
from shared.db import Connection
from tests import key_changes, mail_relay
from tests.clients import ADDRESS, Client
from tests.conftest import verifier
from tests.databases import OneTransaction
from tests.key_changes import Make
from tests.second_factors import Guarded

TOLD = [
    (key_changes.password, "the password or account key of your KeyArc account was changed"),
    (key_changes.recovery, "your KeyArc account got a new recovery code"),
    (key_changes.keys, "all keys of your KeyArc account were replaced"),
]


@pytest.mark.parametrize(("make", "told"), TOLD, ids=["password", "recovery", "keys"])
def test_a_change_of_keys_is_told_to_the_person(
    conn: Connection, person: Guarded, make: Make, told: str
) -> None:
    pool, post = OneTransaction(conn, "keyarc_account"), mail.Post(mail_relay.NOWHERE)
    person.account = Client(routes.create_app(pool, verifier("account"), post))
    person.account.audience = "account"
    change = make(person.person)
    assert change.send(person).status_code == 403
    person.prove()

    assert change.send(person).status_code == 200

    ((recipient, _, body),) = mail_relay.letters(conn)
    assert recipient == person.person.email
    assert told in body
    assert "Device: a laptop" in body
    assert f"Network: {ADDRESS}" in body
