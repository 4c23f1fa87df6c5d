"""A new device asks, a signed-in one answers, and only who asked receives the answer."""

import os
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from falcon.testing import Result

from shared.db import Connection
from shared.keyarc.account_keys import derive_x_pk
from shared.keyarc.encoding import b64
from tests import factories, second_factors
from tests.clients import Client
from tests.second_factors import Guarded

ASK = "/auth/device-requests"
SEALED = b64(bytes(1152))


@dataclass
class NewDevice:
    """A device without the account key."""

    auth: Client
    email: str
    x_pk: bytes = field(default_factory=lambda: derive_x_pk(os.urandom(32)))
    request_id: str = ""
    secret: str = ""

    def ask(self) -> Result:
        body = {"email": self.email, "public_key": b64(self.x_pk), "device": "a phone"}
        response = self.auth.post(ASK, json=body)
        if response.status_code == 201:
            self.request_id, self.secret = response.json["request_id"], response.json["secret"]
        return response

    def answer(self, secret: str | None = None) -> Result:
        path = f"{ASK}/{self.request_id}/answer"
        return self.auth.post(path, json={"secret": secret or self.secret})


@pytest.fixture
def owner(auth: Client, account: Client) -> Guarded:
    return second_factors.unguarded(auth, account)


@pytest.fixture
def device(owner: Guarded) -> NewDevice:
    made = NewDevice(owner.auth, owner.person.email)
    assert made.ask().status_code == 201
    return made


def listed(owner: Guarded) -> list[str]:
    return [one["request_id"] for one in owner.ask("GET", "device-requests").json["items"]]


def approved(owner: Guarded, device: NewDevice) -> Result:
    assert owner.prove().status_code == 204
    path = f"device-requests/{device.request_id}"
    return owner.ask("PUT", path, json={"sealed": SEALED})


def test_a_signed_in_device_sees_who_asks_and_answers(
    owner: Guarded, device: NewDevice, conn: Connection
) -> None:
    (asked,) = owner.ask("GET", "device-requests").json["items"]
    before = device.answer()
    answered = approved(owner, device)

    assert asked["public_key"] == b64(device.x_pk)
    assert (asked["device"], asked["network"]) == ("a phone", "192.0.2.7")
    assert before.json == {"sealed": None}
    assert answered.status_code == 204
    assert listed(owner) == []
    assert device.answer().json == {"sealed": SEALED}
    assert factories.actions(conn)[-1] == "device.approved"


def test_the_answer_is_handed_out_once(owner: Guarded, device: NewDevice) -> None:
    approved(owner, device)
    device.answer()

    assert device.answer().status_code == 404


def test_only_who_asked_receives_the_answer(owner: Guarded, device: NewDevice) -> None:
    approved(owner, device)

    stranger = device.answer(secret=b64(os.urandom(32)))

    assert stranger.status_code == 404
    assert device.answer().json == {"sealed": SEALED}


def test_a_device_that_was_refused_is_told_that_it_is_over(
    owner: Guarded, device: NewDevice, conn: Connection
) -> None:
    refused = owner.ask("DELETE", f"device-requests/{device.request_id}")

    assert refused.status_code == 204
    assert device.answer().status_code == 404
    assert factories.actions(conn)[-1] == "device.refused"


def test_a_request_lasts_ten_minutes(owner: Guarded, device: NewDevice, conn: Connection) -> None:
    conn.execute("UPDATE device_requests SET expires_at = now()")

    assert listed(owner) == []
    assert device.answer().status_code == 404
    assert approved(owner, device).status_code == 404


def test_handing_the_account_key_over_takes_a_fresh_proof(
    owner: Guarded, device: NewDevice
) -> None:
    path = f"device-requests/{device.request_id}"

    unproved = owner.ask("PUT", path, json={"sealed": SEALED})

    assert unproved.json["type"] == "/problems/proof-needed"
    assert device.answer().json == {"sealed": None}


def test_nobody_sees_or_answers_what_is_asked_of_somebody_else(
    auth: Client, account: Client, device: NewDevice
) -> None:
    """M41: the address that was asked for is the caller's own, or there is nothing."""
    stranger = second_factors.unguarded(auth, account)

    assert listed(stranger) == []
    assert approved(stranger, device).status_code == 404
    path = f"device-requests/{device.request_id}"
    assert stranger.ask("DELETE", path).status_code == 404
    assert device.answer().json == {"sealed": None}


def test_a_second_answer_does_not_replace_the_first(owner: Guarded, device: NewDevice) -> None:
    approved(owner, device)
    assert owner.prove().status_code == 204

    path = f"device-requests/{device.request_id}"
    again = owner.ask("PUT", path, json={"sealed": b64(b"\1" * 1152)})

    assert again.status_code == 404
    assert device.answer().json == {"sealed": SEALED}


def test_an_address_without_account_is_asked_in_the_same_way(
    auth: Client, device: NewDevice, conn: Connection
) -> None:
    """S06: whoever asks learns nothing, and nobody is told."""
    nobody = NewDevice(auth, "nobody@example.com")

    asked = nobody.ask()

    assert asked.status_code == 201
    assert asked.json.keys() == {"request_id", "secret", "expires_in"}
    assert nobody.answer().content == device.answer().content
    query = "SELECT user_id FROM device_requests WHERE request_id = %s"
    assert conn.execute(query, [UUID(nobody.request_id)]).fetchone() == (None,)


def test_what_is_no_key_is_not_taken(auth: Client) -> None:
    nobody = NewDevice(auth, "nobody@example.com", x_pk=bytes(1215))

    assert nobody.ask().status_code == 422


def test_an_unknown_request_is_over(auth: Client) -> None:
    unknown = NewDevice(auth, "nobody@example.com", request_id=str(uuid4()), secret=b64(bytes(32)))

    assert unknown.answer().status_code == 404


def test_asking_again_and_again_gets_slow(auth: Client) -> None:
    device = NewDevice(auth, "nobody@example.com")

    statuses = [device.ask().status_code for _ in range(8)]

    assert statuses[:5] == [201] * 5
    assert statuses[-1] == 429


def test_a_stranger_cannot_fill_the_database_with_requests_that_nobody_made(
    auth: Client, conn: Connection
) -> None:
    """S07: what is counted for each is counted for the network too, and refused leaves nothing."""

    def ask() -> int:
        path, body = f"/auth/device-requests/{uuid4()}/answer", {"secret": b64(os.urandom(32))}
        headers = {"X-KeyArc-Client-IP": "192.0.2.7"}
        return auth.post(path, json=body, headers=headers).status_code

    first = ask()
    conn.execute("UPDATE limits SET attempts = 10000")
    before = [ask(), conn.execute("SELECT count(*) FROM limits").fetchone()]
    after = [ask(), conn.execute("SELECT count(*) FROM limits").fetchone()]

    assert (first, before[0], after[0]) == (404, 404, 429)
    assert after[1] == before[1]
