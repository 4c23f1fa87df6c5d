"""What anybody may ask about an address."""

from uuid import UUID

import pytest

from shared.db import Connection
from shared.keyarc.encoding import b64, unb64
from tests import factories
from tests.clients import Client


def test_an_account_has_its_salt(auth: Client) -> None:
    person = factories.signed_up(auth)

    response = auth.post("/auth/prelogin", json={"email": f" {person.email.upper()}"})

    assert response.json == {
        "user_id": str(person.user_id),
        "suite": 1,
        "salt": b64(person.salt),
    }


def test_an_address_without_account_has_one_answer_of_the_same_shape(auth: Client) -> None:
    known = auth.post("/auth/prelogin", json={"email": factories.signed_up(auth).email})

    first = auth.post("/auth/prelogin", json={"email": "nobody@example.com"})
    second = auth.post("/auth/prelogin", json={"email": "Nobody@Example.com"})
    other = auth.post("/auth/prelogin", json={"email": "nobody.else@example.com"})

    assert first.text == second.text
    assert first.json["user_id"] != other.json["user_id"]
    assert first.json["salt"] != other.json["salt"]
    assert first.json.keys() == known.json.keys()
    assert len(first.content) == len(known.content)
    assert first.headers.keys() == known.headers.keys()
    assert UUID(first.json["user_id"]).version == 4
    assert len(unb64(first.json["salt"])) == 16


def test_another_installation_has_other_decoys(auth: Client, conn: Connection) -> None:
    here = auth.post("/auth/prelogin", json={"email": "nobody@example.com"})

    conn.execute("UPDATE installation SET decoy_key = sha256(decoy_key)")
    there = auth.post("/auth/prelogin", json={"email": "nobody@example.com"})

    assert here.json["user_id"] != there.json["user_id"]
    assert here.json["salt"] != there.json["salt"]


@pytest.mark.parametrize(
    "email",
    ["", "@", "a@", "@b", "a b@example.com", "a@b@c", "a@b\x00", "a@b\n", "a@" + "b" * 254, None],
)
def test_what_is_no_address_is_refused(auth: Client, email: str | None) -> None:
    response = auth.post("/auth/prelogin", json={"email": email})

    # A line's end is stripped like any blank before it is looked at.
    assert response.status_code == (200 if email == "a@b\n" else 422)
