"""One-time links: a value for somebody without an account."""

from contextlib import closing
from datetime import datetime, timedelta

from shared.keyarc.changes import Edit, Write
from shared.keyarc.client import Client
from shared.keyarc.device import Device
from shared.keyarc.items import Details, Field
from shared.keyarc.sync import VaultView
from tests.cli.conftest import NewDevice
from tests.cli.keyarc import Keyarc


def test_somebody_without_an_account_opens_a_link_once(keyarc: Keyarc, device: NewDevice) -> None:
    keyarc("set", "work/db/KEY", given=b"needle\nof two lines")
    made = keyarc("link", "create", "work/db/KEY", "--expires", "2h", "--json").json
    stranger = device()
    stranger.server = stranger.email = stranger.password = ""

    opened = stranger("link", "open", made["link"])
    again = stranger("link", "open", "-", given=made["link"].encode(), code=4)

    left = datetime.fromisoformat(made["expires_at"]) - datetime.now().astimezone()
    assert timedelta(hours=1, minutes=50) < left < timedelta(hours=2, minutes=1)
    assert opened.out == "needle\nof two lines"
    assert "burnt" in opened.err
    assert "taken back" in again.err
    assert not stranger.home.exists()


def test_links_are_listed_and_taken_back(keyarc: Keyarc, device: NewDevice) -> None:
    words = ("link", "create", "-", "--name", "door", "--reads", "3")
    link = keyarc(*words, given=b"needle\n").out.strip()
    opened = device()("link", "open", link, "--json").json
    (listed,) = keyarc("link", "ls", "--json").json["links"]

    keyarc("link", "rm", "-", given=link.encode())

    field = {"name": "value", "value": "needle", "concealed": True}
    assert opened == {
        "keyarc": 1,
        "name": "door",
        "fields": [field],
        "notes": "",
        "reads_left": 2,
    }
    assert (listed["reads_left"], listed["last_read_at"] is None) == (2, False)
    assert keyarc("link", "ls", "--json").json["links"] == []
    device()("link", "open", link, code=4)
    keyarc("link", "rm", listed["id"], code=4)


WRONG = (
    (["--reads", "0"], "--reads 0"),
    (["--reads", "101"], "--reads 101"),
    (["--expires", "31d"], "31d"),
    (["--expires", "1s"], "1s"),
    (["--expires", "soon"], "soon"),
)


def test_a_link_that_cannot_be_is_named(keyarc: Keyarc) -> None:
    for words, named in WRONG:
        assert named in keyarc("link", "create", "-", *words, given=b"x", code=2).err


def test_what_is_no_link_is_asked_of_nobody(device: NewDevice) -> None:
    wrong = device()("link", "open", "https://keyarc.invalid/once#abc", code=2)

    assert "no one-time link" in wrong.err


def test_a_link_hands_over_the_value_or_the_fields_that_are_named(
    keyarc: Keyarc, device: NewDevice
) -> None:
    keyarc("set", "work/KEY", given=b"needle")
    with closing(Client.resume(Device(keyarc.home))) as client:
        fields = tuple(Field(name, f"{name}!") for name in ("value", "user", "pin"))

        def plan(view: VaultView) -> list[Edit]:
            secret = view.find("KEY")
            return [Write(secret.overview, Details(fields, notes="kept"), secret.id)]

        client.change(client.vault("work").id, plan)

    value = keyarc("link", "create", "work/KEY").out.encode()
    two = keyarc("link", "create", "work/KEY", "--field", "pin", "--field", "user").out.encode()
    keyarc("link", "create", "work/KEY", "--field", "none", code=4)
    keyarc("link", "create", "-", "--field", "pin", given=b"x", code=2)

    stranger = device()
    assert stranger("link", "open", "-", given=value).out == "value!"
    assert stranger("link", "open", "-", given=two).out == "pin: pin!\nuser: user!\n"
