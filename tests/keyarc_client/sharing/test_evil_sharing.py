"""An evil server between people who share: it brings in no key, no person and no vault."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from shared.keyarc import directory, members, open_invitations, removals, waiting
from shared.keyarc.commits import Role
from shared.keyarc.encoding import Broken, b64, unb64
from shared.keyarc.errors import Failure, KeyMissing, NotFound
from shared.keyarc.joining import join, parse_link, read_link
from tests.evil.server import Evil
from tests.keyarc_client.people import People, Someone, add, invite, tomorrow

SHARES = "GET /api/account/shares"
VAULTS = "GET /api/account/vaults"
INVITATION = "GET /api/account/invitations/"


def changed(media: Any, name: str) -> Any:
    """Flip the last bit of some bytes."""
    raw = unb64(media[name])
    return media | {name: b64(raw[:-1] + bytes([raw[-1] ^ 1]))}


def first(edit: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda media: media | {"items": [edit(one) for one in media["items"]]}


@pytest.mark.parametrize("name", ["blob", "buckets", "vault_id", "head", "profile", "seq"])
def test_an_altered_invitation_is_refused_and_not_answered(
    owner: Someone, guest: Someone, vault: UUID, evil: Evil, name: str
) -> None:
    """M37: whoever holds a link joins what its maker sealed, or nothing."""
    link = open_invitations.share_by_link(owner.client, vault, Role.MEMBER, tomorrow())
    lies: dict[str, Callable[[Any], Any]] = {
        "vault_id": lambda media: media | {name: str(owner.id)},
        "head": lambda media: media | {name: changed(media[name], "state")},
        "profile": lambda media: media | {name: media[name] | {"seq": "2"}},
        "seq": lambda media: media | {"head": media["head"] | {"seq": "2"}},
    }
    evil.answer(INVITATION, lies.get(name, lambda media: changed(media, name)))
    before = guest.client.opened.keyring.keyring.encode()

    with pytest.raises(Broken):
        read_link(guest.client, parse_link(link)[1])

    assert not [line for line in evil.lines() if line.startswith("POST /api/account/invitations")]
    assert guest.client.opened.keyring.keyring.encode() == before


def test_the_secret_of_a_link_reaches_no_server(
    owner: Someone, guest: Someone, vault: UUID, evil: Evil
) -> None:
    """M35: it stands behind the # alone, and in no request."""
    link = open_invitations.share_by_link(owner.client, vault, Role.MEMBER, tomorrow())
    join(guest.client, read_link(guest.client, parse_link(link)[1]))

    sent = "".join(f"{one.line} {one.body}" for one in evil.requests)

    assert link.split("#")[1] not in sent
    assert str(vault) in sent


def test_a_link_serves_once_though_its_answer_was_lost(
    owner: Someone, guest: Someone, everybody: People, vault: UUID, evil: Evil
) -> None:
    """M36: the joiner is in once, and nobody after them."""
    link = open_invitations.share_by_link(owner.client, vault, Role.VIEWER, tomorrow())
    offer = read_link(guest.client, parse_link(link)[1])
    evil.lost.append(f"POST /api/account/invitations/{offer.link.invite_id}")

    join(guest.client, offer)

    assert guest.values(vault) == {"A": "value a"}
    with pytest.raises(NotFound):
        read_link(everybody["third"].client, parse_link(link)[1])


@pytest.mark.parametrize("name", ["ciphertext", "signature", "head", "sender_id", "recipient_id"])
def test_a_forged_share_mounts_nothing(
    owner: Someone, guest: Someone, vault: UUID, evil: Evil, name: str
) -> None:
    """M21: a vault comes from a member who signed for it, and only after a yes.

    It keeps no other away, and can be refused.
    """
    other = owner.client.create_vault("other")
    for one in (vault, other):
        members.add(owner.client, one, guest.known, Role.MEMBER)

    def lied(one: Any) -> Any:
        return one | {name: str(vault)} if name.endswith("id") else changed(one, name)

    evil.answer(
        SHARES,
        first(lambda one: lied(one) if one["vault_id"] == str(vault) else one),
    )

    found, closed = waiting.waiting(guest.client)

    assert ([one.vault_id for one in found], list(closed)) == ([other], [vault])
    assert vault not in guest.client.opened.keyring.keyring.vaults
    client = guest.again()
    for one in (vault, other):
        waiting.decline(client, one)
    assert owner.client.sync(vault).state.roster.keys() == {owner.id}


def test_who_shares_is_believed_after_their_words_only(
    owner: Someone, everybody: People, vault: UUID
) -> None:
    third = everybody["third"]
    members.add(owner.client, vault, third.known, Role.MEMBER)
    (offer,) = waiting.waiting(third.client)[0]

    assert offer.verified is None
    with pytest.raises(Failure):
        waiting.accept(third.client, offer)
    assert vault not in third.client.opened.keyring.keyring.vaults
    waiting.decline(third.client, vault)
    assert waiting.waiting(third.client) == ([], {})


def test_other_keys_for_a_known_address_are_refused(
    owner: Someone, guest: Someone, everybody: People, vault: UUID, evil: Evil
) -> None:
    """M20: once known, somebody's keys change only by a signature of the old ones."""
    invite(owner, guest, vault)
    owner.client.sync(vault)
    third = everybody["third"].client.opened.keys
    evil.lines()
    for user_id in (third.user_id, guest.id):
        reply = {"user_id": str(user_id), "idcert": b64(third.idcert.raw)}
        evil.replies["GET /api/account/people"] = reply
        with pytest.raises((Failure, Broken)):
            directory.look_up(owner.client, guest.email)

    assert not [line for line in evil.lines() if line.startswith("POST")]
    assert owner.client.opened.keyring.keyring.people[guest.id].idcert == guest.known.idcert


def test_recipients_come_from_the_signed_roster(
    owner: Someone, guest: Someone, everybody: People, vault: UUID, evil: Evil
) -> None:
    """M19: a list that names an adversary's keys for a member gives them nothing."""
    third = everybody["third"]
    invite(owner, guest, vault)
    owner.client.sync(vault)
    swapped = b64(third.client.opened.keys.idcert.raw)
    lie = {"idcert": swapped}
    evil.answer(VAULTS, first(lambda one: one | {"members": [it | lie for it in one["members"]]}))

    members.rotate(owner.again(), vault)

    evil.transforms.clear()
    assert guest.values(vault) == {"A": "value a"}


def test_a_new_key_that_is_kept_back_is_missed_until_it_comes(
    owner: Someone, guest: Someone, vault: UUID, evil: Evil
) -> None:
    add(owner, guest, vault)
    members.rotate(owner.client, vault)
    owner.put(vault, B="value b")
    evil.answer(SHARES, lambda media: media | {"items": []})

    with pytest.raises(KeyMissing):
        guest.client.sync(vault)

    evil.transforms.clear()
    assert guest.values(vault) == {"A": "value a", "B": "value b"}


@pytest.mark.parametrize("name", ["ciphertext", "sender_id"])
def test_a_new_key_that_does_not_open_keeps_no_other_vault_away(
    owner: Someone, guest: Someone, vault: UUID, evil: Evil, name: str
) -> None:
    """M33: whoever changes a key can send anything; to who gets it the key has not come."""
    add(owner, guest, vault)
    own = guest.client.create_vault("own")
    members.rotate(owner.client, vault)
    lie = {"sender_id": str(vault)}.get(name)
    evil.answer(SHARES, first(lambda one: one | {name: lie} if lie else changed(one, name)))
    client = guest.again()

    found = client.vaults()

    assert own in [one.id for one in found]
    assert client.keyless == [vault]
    evil.transforms.clear()
    assert vault in [one.id for one in client.vaults()]


def test_a_vault_that_is_kept_back_is_no_removal(
    owner: Someone, guest: Someone, vault: UUID, evil: Evil
) -> None:
    add(owner, guest, vault)
    evil.answer(VAULTS, lambda media: media | {"items": []})
    guest.client.vaults()

    gone, kept_back = removals.settle_withheld(guest.client)

    assert vault in kept_back
    assert vault not in [one.vault_id for one in gone]
    assert not guest.client.opened.keyring.keyring.vaults[vault].left


@pytest.mark.parametrize("lie", ["the last commit is left out", "a signature is changed"])
def test_a_removal_that_nobody_signed_is_none(
    owner: Someone, guest: Someone, vault: UUID, evil: Evil, lie: str
) -> None:
    """M39: who is removed hears it from the signed history, or not at all."""
    add(owner, guest, vault)
    members.remove(owner.client, vault, guest.id)
    lies: dict[str, Callable[[Any], Any]] = {
        "the last commit is left out": lambda media: media | {"items": media["items"][:-1]},
        "a signature is changed": first(lambda one: changed(one, "signature")),
    }
    evil.answer(f"GET /api/account/vaults/{vault}/removal?after=0", lies[lie])
    path = f"GET /api/account/vaults/{vault}/removal"
    evil.replies |= {f"{path}?after={seq}": {"items": [], "next": None} for seq in range(1, 9)}
    guest.client.vaults()

    with pytest.raises(Broken):
        removals.settle_withheld(guest.client)

    assert not guest.client.opened.keyring.keyring.vaults[vault].left
    assert 2 not in guest.client.opened.keyring.keyring.vaults[vault].keys
    evil.transforms.clear()
    evil.replies.clear()
    honest = guest.again()
    honest.vaults()
    assert vault in [one.vault_id for one in removals.settle_withheld(honest)[0]]
