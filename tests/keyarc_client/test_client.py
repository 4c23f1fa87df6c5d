"""The client on honest services: several devices, lost answers, sessions that end."""

import json
import threading
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from shared.keyarc.changes import Write
from shared.keyarc.client import Client
from shared.keyarc.device import Device
from shared.keyarc.errors import Conflict, Failure, NotFound, NotLoggedIn
from shared.keyarc.items import Details, Field, Overview
from tests.evil.server import Evil
from tests.keyarc_client.conftest import PASSWORD, Person


def test_what_one_device_writes_another_reads(person: Person, tmp_path: Path) -> None:
    first, second = person.client(), person.fresh(Device(tmp_path / "second"))

    person.put(second, A="from the second", C="new")
    person.remove(first, "B")

    expected = {"A": ("from the second", 2), "C": ("new", 1)}
    assert person.values(first) == expected
    assert person.values(second) == expected


def test_a_secret_that_is_written_again_has_the_next_version(person: Person) -> None:
    client = person.client()

    for number in range(3):
        person.put(client, A=str(number))

    assert person.values(client)["A"] == ("2", 4)


def test_a_change_without_edits_sends_nothing(person: Person, evil: Evil) -> None:
    client = person.client()
    evil.lines()

    client.change(person.vault_id, lambda _: [])

    assert {line.partition(" ")[0] for line in evil.lines()} == {"GET"}


def test_many_values_come_with_one_request(person: Person, evil: Evil) -> None:
    client = person.client()
    view = client.sync(person.vault_id)
    evil.lines()

    assert len(client.details(view, view.secrets)) == 2
    assert evil.lines() == [f"POST /api/keys/vaults/{person.vault_id}/secrets/read"]


def test_a_value_that_changed_since_the_list_is_read_anew(person: Person) -> None:
    client, other = person.client(), person.fresh()
    view = client.sync(person.vault_id)
    secret_id = view.find("A").id
    person.put(other, A="newer")

    details = client.details(view, [secret_id])

    assert details[secret_id].value == "newer"
    assert view.find("A").put.version == 2


def test_a_value_that_is_gone_since_the_list_is_not_found(person: Person) -> None:
    client, other = person.client(), person.fresh()
    view = client.sync(person.vault_id)
    person.remove(other, "A")

    with pytest.raises(NotFound):
        client.details(view, [view.find("A").id])


def test_a_commit_whose_answer_was_lost_is_made_once(person: Person, evil: Evil) -> None:
    line = f"POST /api/keys/vaults/{person.vault_id}/commits"
    evil.lost.append(line)
    client = person.client()

    person.put(client, A="once", C="once")

    assert person.values(client) == {"A": ("once", 2), "B": ("value b", 1), "C": ("once", 1)}
    assert not evil.lost


def test_a_lost_answer_is_found_again_behind_another_change(person: Person, evil: Evil) -> None:
    line = f"POST /api/keys/vaults/{person.vault_id}/commits"
    other = person.fresh()
    evil.lost.append(line)
    evil.meanwhile = lambda: person.put(other, B="meanwhile")
    client = person.client()

    person.put(client, A="once")

    assert person.values(client) == {"A": ("once", 2), "B": ("meanwhile", 2)}


def test_a_keyring_whose_saving_was_not_answered_is_saved_once(person: Person, evil: Evil) -> None:
    evil.lost.append("PUT /api/account/keyring")
    client = person.client()

    person.put(client, A="newer")

    assert not evil.lost
    assert person.values(person.client())["A"] == ("newer", 2)


def test_devices_that_save_the_keyring_at_once_lose_no_vault(person: Person) -> None:
    devices = [person.fresh() for _ in range(3)]

    made = [client.create_vault(f"vault {place}") for place, client in enumerate(devices)]

    for client in (*devices, person.client()):
        assert {vault.id for vault in client.vaults()} == {person.vault_id, *made}


def test_logins_in_two_threads_at_once_end(person: Person) -> None:
    opened: list[Client] = []
    threads = [
        threading.Thread(target=lambda: opened.append(person.fresh()), daemon=True)
        for _ in range(3)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert len(opened) == 3


def test_a_vault_is_found_by_name_or_id_and_never_guessed(person: Person) -> None:
    client = person.client()
    client.create_vault("twice")
    client.create_vault("twice")

    assert client.vault("work").id == client.vault(str(person.vault_id)).id == person.vault_id
    with pytest.raises(Conflict, match="several"):
        client.vault("twice")
    with pytest.raises(NotFound):
        client.vault("wor")


def test_two_secrets_of_one_address_are_found_by_id_alone(person: Person) -> None:
    client = person.client()
    twins = [Write(Overview(name="TWIN"), Details((Field("value", text),))) for text in "12"]

    view = client.change(person.vault_id, lambda _: twins)

    ids = [secret.id for secret in view.named("TWIN")]
    with pytest.raises(Conflict, match=str(ids[0])):
        view.find("TWIN")
    assert view.find(str(ids[1])).id == ids[1]


def test_more_than_a_commit_can_hold_is_refused_before_it_is_sent(
    person: Person, evil: Evil
) -> None:
    client = person.client()
    many = [Write(Overview(name="x"), Details((Field("value", "y"),)))] * 10_001

    with pytest.raises(Failure, match="10000"):
        client.change(person.vault_id, lambda _: many)

    assert not any(line.startswith("POST") for line in evil.lines())


def test_a_session_that_was_ended_elsewhere_is_over(person: Person) -> None:
    one = person.client()
    person.client().log_out()

    with pytest.raises(NotLoggedIn):
        one.vaults()
    with pytest.raises(NotLoggedIn):
        Client.resume(person.device)


def test_an_access_token_that_ran_out_is_replaced_on_the_way(person: Person, evil: Evil) -> None:
    path = person.device.home / "secrets.json"
    kept = json.loads(path.read_text())
    session = json.loads(kept["secrets"]["session"]) | {"access_token": "over"}
    kept["secrets"]["session"] = json.dumps(session)
    path.write_text(json.dumps(kept))

    client = person.client()

    assert [vault.name for vault in client.vaults()] == ["work"]
    assert evil.lines()[:2] == ["GET /api/account/keyring", "POST /auth/sessions/refresh"]


def test_an_address_has_one_account(person: Person) -> None:
    new = Client.prepare_sign_up(person.server, f" {person.email.upper()} ", PASSWORD)

    with pytest.raises(Conflict, match="already"):
        Client.sign_up(new)


def test_a_library_can_do_without_a_device(person: Person) -> None:
    new = Client.prepare_sign_up(person.server, f"{uuid4().hex}@example.com", PASSWORD)

    with closing(Client.sign_up(new)) as client:
        vault_id = client.create_vault("mine")
        client.log_out()
    with closing(Client.log_in(person.server, new.email, PASSWORD, new.account_key)) as client:
        assert [vault.id for vault in client.vaults()] == [vault_id]
