"""Days: set with a secret, listed, told to the server, and taken along as a calendar."""

import stat
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from machines.stack import Stack
from shared.keyarc import reminders
from shared.keyarc.client import Client
from shared.keyarc.device import Device
from tests.cli.conftest import NewDevice, signed_up
from tests.cli.keyarc import Keyarc
from tests.evil.server import evil_before

TODAY = datetime.now(UTC).date()


def on(days: int) -> str:
    return str(TODAY + timedelta(days=days))


def due(keyarc: Keyarc, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = keyarc("expiring", *words, "--json").json["secrets"]
    return found


def days_at_the_server(keyarc: Keyarc) -> list[date]:
    with closing(Client.resume(Device(keyarc.home))) as client:
        vault_id = client.vault("work").id
        return sorted(reminders.days(client.opened.connection, vault_id).values())


def test_days_go_with_a_secret_from_setting_to_removing(keyarc: Keyarc, tmp_path: Path) -> None:
    keyarc("set", "work/A", "--expires", on(20), "--remind", "14", given=b"needle")
    keyarc("set", "work/db/B", "--rotate-days", "90", "--remind", "0", given=b"needle")
    keyarc("set", "work/C", "--expires", on(-3), given=b"needle")
    told = days_at_the_server(keyarc)

    soon, late = due(keyarc), due(keyarc, "work", "--within", "13w")
    file = tmp_path / "days.ics"
    keyarc("expiring", "--ics", str(file))

    assert [str(day) for day in told] == [on(6), on(90)]
    assert [(one["name"], one["due"], one["days_left"]) for one in soon] == [
        ("C", on(-3), -3),
        ("A", on(20), 20),
    ]
    assert (late[2]["name"], late[2]["why"], late[2]["reminder_day"]) == ("B", "rotate", on(90))
    assert file.read_bytes().count(b"BEGIN:VEVENT") == 3
    assert b"needle" not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "3 d ago" in keyarc("expiring").out

    keyarc("set", "work/A", "--keep", "--expires", "none", "--remind", "none")
    keyarc("rm", "work/db/B")

    assert keyarc("get", "work/A").out == "needle"
    assert days_at_the_server(keyarc) == []
    assert [one["name"] for one in due(keyarc, "--within", "52w")] == ["C"]


def test_what_the_server_has_otherwise_is_told_again(keyarc: Keyarc) -> None:
    keyarc("set", "work/A", "--expires", on(20), "--remind", "1", given=b"x")
    keyarc("set", "work/B", "--expires", on(20), given=b"x")
    with closing(Client.resume(Device(keyarc.home))) as client:
        view, connection = client.sync(client.vault("work").id), client.opened.connection
        known = {one.overview.name: one.id for one in view.secrets.values()}
        wrong = {known["A"]: TODAY, known["B"]: TODAY}
        reminders.tell(connection, view.vault_id, wrong)
        before = reminders.days(connection, view.vault_id, TODAY)

    keyarc("expiring")

    assert before == wrong
    assert [str(day) for day in days_at_the_server(keyarc)] == [on(19)]


def test_what_is_due_is_listed_though_the_server_cannot_be_told(
    stack: Stack, device: NewDevice
) -> None:
    with evil_before(stack.url) as server:
        someone = device()
        someone.server = server.url
        keyarc = signed_up(lambda _=None: someone)
        server.withheld.add("PUT /api/keys/vaults/")

        kept = keyarc("set", "work/A", "--expires", on(3), "--remind", "1", given=b"x", code=1)
        listed = keyarc("expiring")

    assert "the change was kept" in kept.err
    assert listed.out.splitlines()[1].split()[:2] == ["work/A", on(3)]
    assert "was not told the days of work" in listed.err


WRONG = (
    (["--expires", "2027-02-30"], "2027-02-30"),
    (["--expires", "soon"], "soon"),
    (["--rotate-days", "0"], "--rotate-days 0"),
    (["--rotate-days", "3651"], "3651"),
    (["--remind", "-1", "--expires", "2027-06-30"], "-1"),
    (["--remind", "7"], "needs a day"),
    (["--keep"], "nothing else was given"),
)


def test_days_that_make_no_sense_are_named(keyarc: Keyarc) -> None:
    for words, named in WRONG:
        assert named in keyarc("set", "work/A", *words, given=b"x", code=2).err


def test_letters_are_switched_off(keyarc: Keyarc) -> None:
    keyarc("reminders", "off")

    assert keyarc("account", "show", "--json").json["reminders"] is False
    assert "no letters" in keyarc("account", "show").out
