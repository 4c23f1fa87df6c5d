"""People who are taken for others: by the server's word, by a link, by a key that they had."""

import time
from uuid import UUID

import pytest

from shared.keyarc import directory, members, past, vaults, waiting
from shared.keyarc.account_keys import Identity
from shared.keyarc.changes import Removal, Write
from shared.keyarc.commits import Add, Genesis, How, Op, Profile, Role, Rotate, State, apply, write
from shared.keyarc.commits.state import BUCKETS
from shared.keyarc.encoding import Broken, b64, sha256
from shared.keyarc.errors import Conflict, Rollback, Unsigned
from shared.keyarc.history import read_log
from shared.keyarc.invitations import Invitation, InvitationKeys, make_secret
from shared.keyarc.items import Details, Field, Overview
from shared.keyarc.joining import join, read_link
from shared.keyarc.keyring import Keyring
from shared.keyarc.memories import Known
from shared.keyarc.roster_changes import post_commit
from shared.keyarc.vault_keys import make_vault_key, vk_commit
from tests.evil.server import Evil
from tests.keyarc_client.people import People, Someone, add, invite, tomorrow


def test_a_link_renames_nobody_whose_words_were_compared() -> None:
    """M36: who sends a link, or holds one, may call themselves what they like."""
    keyring, somebody = Keyring(), Identity.make(UUID(int=1)).idcert()
    keyring.know(somebody, "words", "somebody@example.com")

    keyring.know(somebody, "link", "other@example.com")

    assert keyring.people[somebody.user_id] == Known(somebody, "words", "somebody@example.com")
    keyring.know(somebody, "words", "moved@example.com")
    assert keyring.people[somebody.user_id].email == "moved@example.com"


def test_compared_words_count_for_keys_that_no_known_way_leads_to() -> None:
    """M20: somebody with other keys than before is known again by words, and by nothing less."""
    first, third = Identity.make(UUID(int=1)), Identity.make(UUID(int=1), 3)
    later, other = Identity.make(UUID(int=1), 4).idcert(previous=third), Identity.make(UUID(int=2))
    keyring = Keyring()
    keyring.know(first.idcert(), "link", "somebody@example.com")
    keyring.know(other.idcert(), "link", "other@example.com")
    with pytest.raises(Broken):
        keyring.know(later, "words")

    keyring.meet(later, "other@example.com")

    assert keyring.people[later.user_id] == Known(later, "words", "other@example.com")
    assert keyring.people[other.user_id].email == ""
    with pytest.raises(Rollback):
        keyring.meet(first.idcert(), "somebody@example.com")


def test_whoever_calls_themselves_by_anothers_address_is_not_them(
    owner: Someone, guest: Someone, everybody: People, evil: Evil
) -> None:
    """M20: of two who are known by one address the server does not choose."""
    third = everybody["third"].client.opened.keys
    keyring = owner.client.opened.keyring.keyring
    before = dict(keyring.people)
    keyring.know(guest.client.opened.keys.idcert, "words", guest.email)
    keyring.know(third.idcert, "link", guest.email)
    reply = {"user_id": str(third.user_id), "idcert": b64(third.idcert.raw)}
    evil.replies["GET /api/account/people"] = reply

    found, known = directory.look_up(owner.client, guest.email)

    assert (found, known) == (third.idcert, None)
    keyring.people = before


class Forged:
    """A vault that an adversary makes up, under an id that others know."""

    def __init__(self, vault_id: UUID) -> None:
        self.author = Identity.make(UUID(int=7))
        self.state = State(vault_id)
        self.keys: dict[int, bytes] = {}
        self.head = b""

    def sign(self, *ops: Op) -> None:
        commit = write(self.state, self.author, time.time_ns() // 1_000_000, ops)
        apply(self.state, commit)

    def key(self) -> bytes:
        epoch = len(self.keys) + 1
        self.keys[epoch] = make_vault_key()
        return vk_commit(self.keys[epoch], self.state.vault_id, epoch)


def forged_offer(vault_id: UUID, link: InvitationKeys) -> dict[str, object]:
    """Give what a server answers that helps the adversary; its history is the longer one."""
    forged = Forged(vault_id)
    forged.sign(Genesis(forged.author.idcert(), forged.key()))
    for epoch in range(2, 9):
        forged.sign(Rotate(epoch, forged.key()))
    epoch, seq = forged.state.epoch, forged.state.seq + 1
    shown = vaults.Vault(vault_id, "team", "", "", Role.OWNER, 0)
    blob = vaults.sealed_profile(shown, forged.keys[epoch], epoch, seq)
    forged.sign(Profile(epoch, sha256(blob)))
    invite_op = link.invite(Role.MEMBER, tomorrow())
    forged.sign(invite_op)
    state, current = forged.state, {epoch: forged.keys[epoch]}
    sender = (forged.author.idcert(), "owner@example.com", Role.MEMBER, invite_op.expires_ms)
    sealed = Invitation(*sender, state.public(), current).seal(link)
    return {
        "vault_id": str(vault_id),
        "blob": b64(sealed),
        "expires_at": "2030-01-01T00:00:00Z",
        "head": {"seq": str(state.seq), "hash": b64(state.head), "state": b64(state.signed)},
        "buckets": b64(bytes(32 * BUCKETS)),
        "idcerts": [b64(forged.author.idcert().raw)],
        "profile": {"epoch": str(epoch), "seq": str(seq), "blob": b64(blob)},
    }


def test_a_link_to_a_vault_that_one_is_of_puts_no_other_history_in_its_place(
    owner: Someone, guest: Someone, vault: UUID, evil: Evil
) -> None:
    """M37: whoever was removed, with the server, draws nobody into a vault of their own making."""
    invite(owner, guest, vault)
    guest.client = guest.again()
    secret = make_secret()
    link = InvitationKeys.derive(secret)
    evil.replies[f"GET /api/account/invitations/{link.invite_id}"] = forged_offer(vault, link)
    evil.lines()
    pin = guest.client.opened.keyring.keyring.vaults[vault].pin
    client = guest.again()

    with pytest.raises(Conflict):
        join(client, read_link(client, secret))

    assert not [line for line in evil.lines() if line.startswith("POST /api/account/invitations")]
    kept = client.opened.keyring.keyring.vaults[vault]
    assert (kept.pin, kept.left) == (pin, False)


def test_other_keys_in_ones_own_name_are_no_membership(
    owner: Someone, everybody: People, vault: UUID
) -> None:
    """M21: a roster that has somebody else's keys for one mounts nothing."""
    third = everybody["third"]
    members.add(owner.client, vault, third.known, Role.MEMBER)
    (offer,) = [one for one in waiting.waiting(third.client)[0] if one.vault_id == vault]
    fake = Identity.make(third.id).idcert()
    forged = Forged(vault)
    forged.sign(Genesis(forged.author.idcert(), forged.key()))
    forged.sign(Add(fake, Role.MEMBER, How.WORDS))

    with pytest.raises(Unsigned):
        waiting.check_own(forged.state, third.client.opened.keys.idcert)

    waiting.check_own(offer.state, third.client.opened.keys.idcert)
    waiting.decline(third.client, vault)


def test_whoever_knows_an_old_key_names_no_vault(
    owner: Someone, guest: Someone, vault: UUID, evil: Evil
) -> None:
    """M17: a name counts by the commit that made it; a new key would seal a forged one for good."""
    add(owner, guest, vault)
    old = guest.client.opened.keyring.keyring.vault_key(vault, 1)
    members.remove(owner.client, vault, guest.id)
    shown = vaults.Vault(vault, "mine now", "", "", Role.OWNER, 0)
    forged = {"epoch": "1", "seq": "99", "blob": b64(vaults.sealed_profile(shown, old, 1, 99))}

    def lie(media: dict[str, list[dict[str, object]]]) -> object:
        return {
            **media,
            "items": [
                one | {"profile": forged} if one["vault_id"] == str(vault) else one
                for one in media["items"]
            ],
        }

    evil.answer("GET /api/account/vaults", lie)

    with pytest.raises(Broken):
        owner.again().vaults()


class Nonsense(Overview):
    """What a member may sign in place of an overview."""

    def encode(self) -> bytes:
        return b"nonsense"


def test_no_member_shuts_a_vault_by_what_they_sign(
    owner: Someone, guest: Someone, vault: UUID
) -> None:
    """M18: a name and a row that do not open are shown as such, removed, and so is their author."""
    add(owner, guest, vault, Role.ADMIN)
    details = Details((Field("value", "x"),))
    guest.client.change(vault, lambda _: [Write(Nonsense("B"), details)])
    view = guest.client.sync(vault)
    shown = vaults.Vault(vault, "team", "", "", Role.OWNER, 1)
    sealed = vaults.sealed_profile(shown, make_vault_key(), 1, view.state.seq + 1)
    own, now = guest.client.opened.keys.identity, time.time_ns() // 1_000_000
    commit = write(view.state, own, now, (Profile(1, sha256(sealed)),))
    body = {"profile": b64(sealed), "shares": [], "invitations": []}
    assert post_commit(guest.client, f"/api/account/vaults/{vault}/commits", commit, body)
    client = owner.again()

    seen = client.sync(client.vault(str(vault)).id)
    (row,) = [one for one in seen.secrets.values() if one.overview.name != "A"]
    client.change(vault, lambda _: [Removal(row.id)])
    members.remove(client, vault, guest.id)

    assert (row.overview.name, row.overview.tags) == (str(row.id), ("does not open",))
    assert client.vault(str(vault)).name == str(vault)
    assert client.sync(vault).state.roster.keys() == {owner.id}
    (gone,) = past.trash(client, read_log(client, vault))
    assert (gone.version.secret_id, gone.overview) == (row.id, None)
