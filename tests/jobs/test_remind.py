"""People hear of what is due: once a day, once of each, and never of what."""

import datetime as dt
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
import pytest

from handlers.jobs import remind, run
from shared.db import Connection
from shared.keyarc.commits import Role
from tests import vaults
from tests.installations import Installation
from tests.mail_relay import MailRelay
from tests.vaults import Person, Vault

TODAY = dt.datetime.now(dt.UTC).date()


@pytest.fixture
def conn(installation: Installation) -> Iterator[Connection]:
    with psycopg.connect(installation.url, autocommit=True) as conn:
        yield conn


@pytest.fixture
def vault(installation: Installation) -> Vault:
    return installation.filled(5, inside=128)


@pytest.fixture
def _no_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mail is set up, and nobody takes it: letters stay in the database."""
    monkeypatch.setenv("MAIL_FROM", "keyarc@example.com")
    monkeypatch.setenv("SMTP_URL", "smtp://127.0.0.1:9")
    monkeypatch.setattr(remind, "PATIENCE_S", 0)


def live(vault: Vault) -> Sequence[UUID]:
    return [secret_id for rows in vault.state.secrets.values() for secret_id in rows]


def remember(conn: Connection, vault: Vault, *days: int) -> None:
    """Set reminders of as many secrets, *days* from today."""
    for secret_id, days_on in zip(live(vault), days, strict=False):
        conn.execute(
            """INSERT INTO reminders (vault_id, secret_id, day) VALUES (%s, %s, %s)
               ON CONFLICT ON CONSTRAINT reminders_pkey DO UPDATE SET day = excluded.day""",
            (vault.id, secret_id, TODAY + dt.timedelta(days=days_on)),
        )


def night_passes(conn: Connection) -> None:
    """Let what was done today have been done yesterday."""
    conn.execute("UPDATE users SET reminded_on = reminded_on - 1")


def letters(conn: Connection) -> list[tuple[str, str]]:
    """Return the letters that wait, by recipient."""
    return conn.execute("SELECT recipient, subject FROM mails ORDER BY mail_id").fetchall()


def member(conn: Connection, vault: Vault, role: Role = Role.VIEWER) -> Person:
    person = vaults.person(conn)
    vault.admit(conn, person, role)
    return person


def test_a_letter_tells_how_many_and_not_which(
    installation: Installation,
    conn: Connection,
    vault: Vault,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    remember(conn, vault, 0, -3, 1)
    monkeypatch.setenv("MAIL_FROM", "keyarc@example.com")
    with MailRelay() as relay:
        monkeypatch.setenv("SMTP_URL", f"smtp://localhost:{relay.port}")

        result = run.run("remind", installation.url)

    assert result == {"people": 1, "sent": 1, "waiting": 0}
    (received,) = relay.received
    assert received.recipients == [vault.owner.email]
    assert received.message["Subject"] == "KeyArc reminds you of 2 secrets"
    assert "2 secrets in 1 vault of yours" in received.body
    assert str(vault.id) not in received.raw.decode()
    assert letters(conn) == []


@pytest.mark.usefixtures("_no_relay")
def test_nobody_is_told_twice_nor_twice_a_day(
    installation: Installation, conn: Connection, vault: Vault
) -> None:
    remember(conn, vault, 0)
    remind.work(installation.url)
    again = remind.work(installation.url)
    remember(conn, vault, 0, 0)  # another one, on the same day
    third = remind.work(installation.url)
    night_passes(conn)
    fourth = remind.work(installation.url)
    night_passes(conn)
    fifth = remind.work(installation.url)

    people = [result["people"] for result in (again, third, fourth, fifth)]
    assert people == [0, 0, 1, 0]
    assert [subject for _, subject in letters(conn)] == ["KeyArc reminds you of 1 secret"] * 2


@pytest.mark.usefixtures("_no_relay")
def test_what_moved_is_told_again_on_its_new_day(
    installation: Installation, conn: Connection, vault: Vault
) -> None:
    remember(conn, vault, -1)
    remind.work(installation.url)
    night_passes(conn)
    remember(conn, vault, 7)
    early = remind.work(installation.url)
    remember(conn, vault, 0)

    assert early["people"] == 0
    assert remind.work(installation.url)["people"] == 1


@pytest.mark.usefixtures("_no_relay")
def test_days_that_the_job_missed_make_one_letter(
    installation: Installation, conn: Connection, vault: Vault
) -> None:
    remember(conn, vault, -40, -3, 0)
    conn.execute(
        "INSERT INTO job_runs (job, day, started_at, finished_at, result)"
        " VALUES ('remind', %s, now(), now(), '{}')",
        (TODAY - dt.timedelta(days=5),),
    )

    run.run("remind", installation.url)

    assert letters(conn) == [(vault.owner.email, "KeyArc reminds you of 3 secrets")]
    days = conn.execute("SELECT count(*) FROM job_runs WHERE job = 'remind'").fetchone()
    assert days == (6,)


@pytest.mark.usefixtures("_no_relay")
def test_of_two_jobs_at_once_one_writes(
    installation: Installation, conn: Connection, vault: Vault
) -> None:
    remember(conn, vault, 0, 0)
    for _ in range(20):
        member(conn, vault)

    with ThreadPoolExecutor(4) as executor:
        asked = [executor.submit(remind.work, installation.url) for _ in range(4)]
        people = [each.result()["people"] for each in asked]

    assert sum(people) == 21
    recipients = [recipient for recipient, _ in letters(conn)]
    assert len(recipients) == len(set(recipients)) == 21


@pytest.mark.usefixtures("_no_relay")
def test_only_people_who_are_of_the_vault_and_want_it_are_told(
    installation: Installation, conn: Connection, vault: Vault
) -> None:
    viewer, left, silent, machine, waiting = (member(conn, vault) for _ in range(5))
    conn.execute("UPDATE vault_members SET role = NULL WHERE user_id = %s", (left.user_id,))
    conn.execute("UPDATE users SET reminders = false WHERE user_id = %s", (silent.user_id,))
    conn.execute("UPDATE vault_members SET accepted = false WHERE user_id = %s", (waiting.user_id,))
    conn.execute(
        "UPDATE users SET email = NULL, salt = NULL WHERE user_id = %s", (machine.user_id,)
    )
    vaults.begin(conn)  # somebody else's
    remember(conn, vault, 0)

    first = remind.work(installation.url)
    conn.execute("UPDATE users SET reminders = true WHERE user_id = %s", (silent.user_id,))
    remind.work(installation.url)

    told = [recipient for recipient, _ in letters(conn)]
    assert first["people"] == 2
    assert sorted(told[:2]) == sorted([vault.owner.email, viewer.email])
    assert told[2:] == [silent.email]


def test_without_mail_nobody_counts_as_told(
    installation: Installation, conn: Connection, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(conn, vault, -1)
    assert run.run("remind", installation.url) == {"mail": "not set up"}

    monkeypatch.setenv("MAIL_FROM", "keyarc@example.com")
    monkeypatch.setenv("SMTP_URL", "smtp://127.0.0.1:9")
    monkeypatch.setattr(remind, "PATIENCE_S", 0)
    later = run.run("remind", installation.url, again=True)

    assert later == {"people": 1, "sent": 0, "waiting": 1}


@pytest.mark.usefixtures("_no_relay")
def test_people_come_in_batches_and_all_of_them(
    installation: Installation, conn: Connection, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remind, "BATCH", 2)
    for _ in range(4):
        member(conn, vault)
    remember(conn, vault, 0)

    assert remind.work(installation.url)["people"] == 5
    assert len(letters(conn)) == 5


@pytest.mark.usefixtures("_no_relay")
def test_what_no_relay_took_for_a_day_is_told_by_the_next_letter(
    installation: Installation, conn: Connection, vault: Vault
) -> None:
    remember(conn, vault, -1, 0)
    remind.work(installation.url)
    conn.execute("UPDATE mails SET created_at = created_at - interval '25 hours'")
    night_passes(conn)

    lost = remind.work(installation.url)["people"]
    run.run("purge", installation.url)
    again = remind.work(installation.url)["people"]

    assert (lost, again) == (0, 1)
    assert letters(conn) == [(vault.owner.email, "KeyArc reminds you of 2 secrets")]


def test_a_relay_is_waited_for_that_takes_one_letter_and_then_another(
    installation: Installation, conn: Connection, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(conn, vault, 0)
    member(conn, vault)
    monkeypatch.setenv("MAIL_FROM", "keyarc@example.com")
    first = "UPDATE mails SET next_try_at = now() WHERE mail_id = (SELECT min(mail_id) FROM mails)"
    with MailRelay(answer="450 later") as relay:
        monkeypatch.setenv("SMTP_URL", f"smtp://localhost:{relay.port}")

        def waited(_seconds: float) -> None:
            relay.answer = "250 OK"
            conn.execute(first)

        monkeypatch.setattr("handlers.jobs.remind.time.sleep", waited)

        result = remind.work(installation.url)

    assert result == {"people": 2, "sent": 2, "waiting": 0}
