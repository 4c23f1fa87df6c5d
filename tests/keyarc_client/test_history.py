"""What was before: versions, the trash, a vault as it was, and a vault recomputed whole."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest

from machines.stack import Stack
from shared.keyarc import members
from shared.keyarc.changes import Removal
from shared.keyarc.client import Client
from shared.keyarc.commits import Role
from shared.keyarc.encoding import Broken, b64, unb64
from shared.keyarc.errors import Altered, AuditBroken, Conflict, Failure, NotFound
from shared.keyarc.history import Log, read_log
from shared.keyarc.past import at, details_at, find, pasts, purge, restore, trash
from shared.keyarc.uses import uses
from shared.keyarc.verification import verify
from tests.evil.server import Evil
from tests.keyarc_client.people import Someone, invite, people


@pytest.fixture(scope="module")
def guest(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Someone]:
    """Somebody else with an account at the same services."""
    with people(stack.url, tmp_path_factory.mktemp("guest"), "guest") as found:
        yield found["guest"]


def removed(someone: Someone, vault_id: UUID, name: str) -> UUID:
    found: list[UUID] = []

    def plan(view: Any) -> list[Removal]:
        found[:] = [view.find(name).id]
        return [Removal(found[0])]

    someone.client.change(vault_id, plan)
    return found[0]


def names_at(client: Client, log: Log, seq: int) -> dict[str, str]:
    """Read the vault as it was: the value of each secret by its name."""
    return {
        one.overview.name: details_at(client, log, one.version).value
        for one in at(client, log, seq)
        if one.overview
    }


def test_every_version_has_its_author_time_and_value(someone: Someone, vault: UUID) -> None:
    someone.put(vault, A="second")
    secret_id = removed(someone, vault, "A")

    log = read_log(someone.client, vault)

    versions = log.versions[secret_id]
    assert [(one.number, one.seq, one.put is None) for one in versions] == [
        (1, 2, False),
        (2, 4, False),
        (3, 5, True),
    ]
    assert {one.author_id for one in versions} == {someone.id}
    assert [one.time_ms for one in versions] == [log.commit(one.seq).time_ms for one in versions]
    values = [details_at(someone.client, log, one).value for one in versions[:2]]
    assert values == ["value a", "second"]
    with pytest.raises(NotFound):
        details_at(someone.client, log, versions[2])


def test_a_vault_is_shown_as_it_was_after_any_change(someone: Someone, vault: UUID) -> None:
    someone.put(vault, A="second", C="value c")
    removed(someone, vault, "B")

    log = read_log(someone.client, vault)

    shown = [names_at(someone.client, log, seq) for seq in range(1, 6)]
    assert shown == [
        {},
        {"A": "value a"},
        {"A": "value a", "B": "value b"},
        {"A": "second", "B": "value b", "C": "value c"},
        {"A": "second", "C": "value c"},
    ]
    with pytest.raises(NotFound, match="the last one is 5"):
        at(someone.client, log, 6)


def test_an_old_version_comes_back_as_the_newest(someone: Someone, vault: UUID) -> None:
    someone.put(vault, A="second")
    log = read_log(someone.client, vault)
    secret_id = someone.client.sync(vault).find("A").id
    [first] = pasts(someone.client, log, log.versions[secret_id][:1])

    view = restore(someone.client, log, first)

    assert view.secrets[secret_id].put.version == 3
    assert someone.values(vault) == {"A": "value a", "B": "value b"}


def test_what_was_removed_comes_back_or_goes_for_good(someone: Someone, vault: UUID) -> None:
    gone, kept = removed(someone, vault, "A"), removed(someone, vault, "B")
    log = read_log(someone.client, vault)
    thrown = trash(someone.client, log)
    assert [one.overview and one.overview.name for one in thrown] == ["A", "B"]

    restore(someone.client, log, find(thrown, "B"))
    purge(someone.client, vault, gone)
    with pytest.raises(Conflict):
        purge(someone.client, vault, kept)

    log = read_log(someone.client, vault)
    assert trash(someone.client, log) == []
    assert someone.values(vault) == {"B": "value b"}
    with pytest.raises(NotFound, match="for good"):
        details_at(someone.client, log, log.versions[gone][0])
    report = verify(someone.client, vault)
    assert (report.versions, report.purged, report.deleted) == (3, 1, 1)


def test_memberships_have_a_beginning_and_an_end(
    someone: Someone, guest: Someone, vault: UUID
) -> None:
    invite(someone, guest, vault)
    members.set_role(someone.client, vault, guest.id, Role.VIEWER)
    members.remove(someone.client, vault, guest.id)

    log = read_log(someone.client, vault)

    spans = [(one.role, one.since, one.until) for one in log.spans_of(guest.id)]
    assert spans == [(Role.MEMBER, 5, 6), (Role.VIEWER, 6, 7)]
    assert log.roster_at(5) == {someone.id: Role.OWNER, guest.id: Role.MEMBER}
    assert log.roster_at(7) == {someone.id: Role.OWNER}
    assert log.idcerts[guest.id] == guest.client.opened.keys.idcert


def test_a_viewer_verifies_and_cannot_purge(someone: Someone, guest: Someone, vault: UUID) -> None:
    gone = removed(someone, vault, "A")
    invite(someone, guest, vault, Role.VIEWER)

    report = verify(guest.client, vault)

    assert (report.commits, report.members, report.secrets) == (6, 2, 1)
    with pytest.raises(Failure, match="owners and admins"):
        purge(guest.client, vault, gone)


def test_who_came_later_is_told_what_cannot_be_read(
    someone: Someone, guest: Someone, vault: UUID
) -> None:
    """What was written under an older key, and has been replaced since, stays closed."""
    members.rotate(someone.client, vault)
    someone.put(vault, A="second", B="second")
    invite(someone, guest, vault)

    log = read_log(guest.client, vault)

    assert {one.state for one in at(guest.client, log, 3)} == {"unreadable"}
    assert verify(guest.client, vault).unreadable == 2
    assert names_at(guest.client, log, log.state.seq) == {"A": "second", "B": "second"}


def test_the_last_use_of_a_secret_is_told(someone: Someone, vault: UUID) -> None:
    view = someone.client.sync(vault)
    secret_id = view.find("A").id
    assert uses(someone.client, vault) == {}

    someone.client.details(view, [secret_id])

    used = uses(someone.client, vault)
    assert {one.user_id for one in used.values()} == {someone.id}
    assert set(used) == {secret_id}


def older(media: Any) -> Any:
    """Show the overview of another version under this one's number."""
    media["items"][0]["overview"], media["items"][1]["overview"] = (
        media["items"][1]["overview"],
        media["items"][0]["overview"],
    )
    return media


def spoiled(media: Any) -> Any:
    row = bytearray(unb64(media["items"][0]["overview"]))
    row[-1] ^= 1
    media["items"][0]["overview"] = b64(bytes(row))
    return media


LIES: dict[str, tuple[str, Any, type[Broken]]] = {
    "versions are exchanged": ("POST {}/versions/overviews", older, Altered),
    "a version is spoiled": ("POST {}/versions/overviews", spoiled, Altered),
    "a version is missing": (
        "POST {}/versions/overviews",
        lambda media: media | {"items": media["items"][1:]},
        Altered,
    ),
    "a secret is dropped": (
        "GET {}/secrets",
        lambda media: media | {"secrets": media["secrets"][1:]},
        Altered,
    ),
    "the first accesses are gone": (
        "GET {}/audit",
        lambda media: media | {"items": media["items"][1:]},
        AuditBroken,
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_vault_that_is_not_whole_does_not_verify(
    someone: Someone, vault: UUID, liar: Evil, lie: str
) -> None:
    """M12: whatever the server shows of the past is held to the signed history."""
    someone.client.sync(vault)
    line, change, kind = LIES[lie]
    with closing(someone.again()) as reader:
        reader.sync(vault)
        liar.answer(line.format(f"/api/keys/vaults/{vault}"), change)

        with pytest.raises(kind):
            verify(reader, vault)


def test_nothing_is_signed_on_a_deletion_that_the_history_numbers_otherwise(
    someone: Someone, vault: UUID, liar: Evil
) -> None:
    """M13: no head signs which version a deletion took, and a first list tells it."""
    gone = [{"secret_id": str(removed(someone, vault, "A")), "version": "7", "seq": "9"}]
    shutil.rmtree(someone.device.home / "cache")
    with closing(someone.again()) as reader:
        liar.answer(
            f"GET /api/keys/vaults/{vault}/secrets", lambda media: media | {"deleted": gone}
        )

        with pytest.raises(Altered):
            read_log(reader, vault)
