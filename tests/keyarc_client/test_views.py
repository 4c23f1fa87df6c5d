"""Syncing by what changed, from memory and from a device's copy, and lies about either."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.keyarc.changes import Removal
from shared.keyarc.client import Client
from shared.keyarc.encoding import Broken, b64
from shared.keyarc.errors import Altered, Fork, Rollback, Unsigned
from tests.evil.server import Answer, Evil
from tests.keyarc_client.lies import changes, written
from tests.keyarc_client.people import Someone

Lie = Callable[[Any], Any]


def names(client: Client, vault_id: UUID) -> set[str]:
    return {one.overview.name for one in client.sync(vault_id).secrets.values()}


def copies(someone: Someone, vault_id: UUID) -> Path:
    return someone.device.home / "cache" / str(someone.id) / f"{vault_id}.rows"


def test_only_what_changed_is_asked_for(someone: Someone, vault: UUID, liar: Evil) -> None:
    """What there was is neither listed nor verified again."""
    someone.client.sync(vault)
    someone.put(vault, C="value c")
    someone.client.sync(vault)
    liar.lines()

    assert names(someone.client, vault) == {"A", "B", "C"}

    assert liar.lines() == [f"{changes(vault)}?since=4"]


def test_nothing_new_is_an_answer_without_a_list(someone: Someone, vault: UUID, liar: Evil) -> None:
    liar.tagged = True
    for _ in range(2):
        someone.client.sync(vault)
    liar.heard.clear()

    assert names(someone.client, vault) == {"A", "B"}

    [(request, answer)] = liar.heard
    assert (request.line, answer.status) == (f"{changes(vault)}?since=3", 304)


def test_the_next_command_goes_on_from_the_copy(
    someone: Someone, vault: UUID, elsewhere: Client, liar: Evil
) -> None:
    elsewhere.vaults()
    someone.client.sync(vault)
    secret = elsewhere.sync(vault).find("A").id
    liar.lines()

    next_command = someone.again()

    assert names(next_command, vault) == {"A", "B"}
    assert next_command.details(next_command.sync(vault), [secret])[secret].value == "value a"
    asked = [line for line in liar.lines() if line.startswith(changes(vault))]
    assert asked[0] == f"{changes(vault)}?since=3"


def test_one_s_own_change_follows_a_copy_that_had_nothing_new(
    someone: Someone, vault: UUID
) -> None:
    someone.again().sync(vault)
    someone.again().sync(vault)

    written(someone, someone.again(), vault)

    assert someone.values(vault) == {"A": "newer", "B": "value b"}


@pytest.mark.parametrize("spoil", ["cut", "flipped", "another vault's", "gone"])
def test_a_copy_that_is_not_whole_is_fetched_anew(
    someone: Someone, vault: UUID, liar: Evil, spoil: str
) -> None:
    copy = copies(someone, vault)
    raw = copy.read_bytes()
    other = someone.client.create_vault("other")
    someone.put(other, Z="z")
    spoiled = {
        "cut": raw[:-1],
        "flipped": raw[:300] + bytes([raw[300] ^ 1]) + raw[301:],
        "another vault's": copies(someone, other).read_bytes(),
        "gone": b"",
    }
    copy.write_bytes(spoiled[spoil])
    liar.lines()

    assert names(someone.again(), vault) == {"A", "B"}

    assert changes(vault) in liar.lines()


def test_logging_out_leaves_no_copy(someone: Someone, vault: UUID) -> None:
    assert copies(someone, vault).exists()

    someone.again().views.forget()

    assert not (someone.device.home / "cache").exists()


def injected(media: Any) -> Any:
    extra = media["secrets"][0] | {"secret_id": str(uuid4())}
    return media | {"secrets": [*media["secrets"], extra]}


def other_hash(media: Any) -> Any:
    return media | {"secrets": [media["secrets"][0] | {"details_hash": b64(bytes(32))}]}


LIES: dict[str, tuple[Lie, type[Broken]]] = {
    "a change is left out": (lambda media: media | {"secrets": []}, Altered),
    "a change comes twice": (lambda media: media | {"secrets": media["secrets"] * 2}, Altered),
    "a secret is brought in": (injected, Altered),
    "a removal is left out": (lambda media: media | {"deleted": []}, Altered),
    "a hash is another": (other_hash, Altered),
    "the head is another": (
        lambda media: media | {"head": media["head"] | {"hash": b64(bytes(32))}},
        Fork,
    ),
    "the head is older": (
        lambda media: media | {"head": media["head"] | {"seq": "1"}, "secrets": [], "deleted": []},
        Rollback,
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_list_of_changes_that_is_not_what_was_signed_is_refused(
    someone: Someone, elsewhere: Client, vault: UUID, liar: Evil, lie: str
) -> None:
    """M12, M13, M14: the next list of changes is held to the commits that it is said to be of."""
    reader = someone.again()
    reader.sync(vault)
    written(someone, elsewhere, vault)
    elsewhere.change(vault, lambda view: [Removal(view.find("B").id)])
    change, kind = LIES[lie]
    liar.answer(changes(vault), change)

    with pytest.raises(kind):
        reader.sync(vault)

    liar.lines()
    with pytest.raises(Broken):
        reader.sync(vault)
    assert liar.lines() == []


def test_nothing_new_is_not_believed_where_another_device_saw_more(
    someone: Someone, elsewhere: Client, vault: UUID, liar: Evil
) -> None:
    """M14: the pins of one's other devices bound what a 304 can keep back."""
    liar.tagged = True
    reader = someone.again()
    reader.sync(vault)
    reader.sync(vault)
    written(someone, elsewhere, vault)
    reader.opened.keyring.load()
    liar.made[changes(vault)] = lambda _: Answer(304, (), b"")

    with pytest.raises(Rollback):
        reader.sync(vault)


def test_nothing_new_is_no_answer_to_a_first_question(
    elsewhere: Client, vault: UUID, liar: Evil
) -> None:
    elsewhere.vaults()
    liar.made[changes(vault)] = lambda _: Answer(304, (), b"")

    with pytest.raises(Broken):
        Client(elsewhere.opened).sync(vault)


def test_a_commit_with_another_signature_is_nobody_s(
    someone: Someone, elsewhere: Client, vault: UUID, liar: Evil
) -> None:
    """M17: what no member signed is refused by name."""
    reader = someone.again()
    reader.sync(vault)
    written(someone, elsewhere, vault)

    def forged(media: Any) -> Any:
        return media | {"items": [media["items"][0] | {"signature": b64(bytes(64))}]}

    liar.answer(f"GET /api/keys/vaults/{vault}/commits", forged)

    with pytest.raises(Unsigned):
        reader.sync(vault)
