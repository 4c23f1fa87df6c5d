"""Rows of the threat list, each against both clients."""

import itertools
from collections.abc import Mapping
from typing import Any

import pytest

from shared.keyarc.account_keys import Identity
from shared.keyarc.commits import Delete, write
from shared.keyarc.directory import look_up
from shared.keyarc.encoding import Broken, b64, parse_u64, unb64
from shared.keyarc.errors import Failure
from shared.keyarc.invitations import InvitationKeys, make_secret
from shared.keyarc.vaults import Beginning
from shared.keyarc.words import words_of_idcert
from tests.evil.adversary import Adversary
from tests.evil.conftest import Recorded
from tests.evil.server import Answer
from tests.evil.tape import head_of, signed, tell
from tests.evil.told import Refused
from tests.keyarc_client.test_evil_rotation import crowd, crowded


def line_of(client: Recorded, story: str, part: str) -> str:
    """Find the line of a story's first request whose path has that part."""
    return next(line for line in client.tapes[story].answers if part in line)


def refused(client: Recorded, story: str, lies: Mapping[str, Any]) -> str:
    """Hold that lies are refused, that nothing is sent afterwards, and nothing else is kept."""
    answers = {line: Answer.of(200, lie) for line, lie in lies.items()}
    with pytest.raises(Refused) as caught:
        tell(client.world, client.side, story, client.tapes[story].answers | answers)
    sent = [one for one in client.world.evil.requests if one.method == "POST"]
    assert not [one for one in sent if one.path.endswith(("/commits", "/secrets"))]
    assert Adversary(client.world).finds(client.world.evil.requests) == []
    client.world.evil.requests.clear()
    with pytest.raises(Refused):
        client.side.again()
    assert client.world.evil.requests == []
    return caught.value.kind.lower()


def test_parts_of_secrets_cannot_change_places(client: Recorded) -> None:
    """M09, M10: whatever is exchanged between two secrets, in every pair."""
    line = line_of(client, "anew", "/secrets")
    secrets = client.tapes["anew"].answers[line].media["secrets"]
    pairs = list(itertools.combinations(range(len(secrets)), 2))
    assert len(pairs) == 3

    for (one, other), name in itertools.product(pairs, ("overview", "details_hash", "secret_id")):
        media = client.tapes["anew"].answers[line].media
        left, right = media["secrets"][one], media["secrets"][other]
        left[name], right[name] = right[name], left[name]
        assert "altered" in refused(client, "anew", {line: media})


def test_an_old_version_or_a_removed_secret_does_not_come_back(client: Recorded) -> None:
    """M11, M13: neither the version before nor what was deleted is believed again."""
    line = line_of(client, "anew", "/secrets")
    old = {one["secret_id"]: one for one in client.older.answers[line].media["secrets"]}
    now = client.tapes["anew"].answers[line].media
    live = {one["secret_id"] for one in now["secrets"]}

    replayed = [old.get(one["secret_id"], one) for one in now["secrets"]]
    resurrected = [*now["secrets"], *(one for name, one in old.items() if name not in live)]

    for secrets in (replayed, resurrected):
        assert "altered" in refused(client, "anew", {line: now | {"secrets": secrets}})


def test_a_secret_that_no_member_signed_is_refused(client: Recorded) -> None:
    """M17, M18: in the owner's name without their key, or by a stranger who is no member."""
    world = client.world
    line, history = (line_of(client, "anew", part) for part in ("/secrets", "/commits"))
    view = world.people["owner"].client.sync(world.team)
    state = view.state
    secret = next(iter(view.secrets))
    forger = Identity.make(world.people["owner"].id)
    commit = write(state, forger, 0, [Delete(secret, state.next_version(secret))])
    media = client.tapes["anew"].answers[line].media
    left = [one for one in media["secrets"] if one["secret_id"] != str(secret)]
    page = client.tapes["anew"].answers[history].media

    lies = {
        line: media | {"secrets": left, "head": head_of(commit)},
        history: page | {"items": [*page["items"], signed(commit)]},
    }
    seq = parse_u64(media["head"]["seq"])
    lies[f"{history.partition('=')[0]}={seq}"] = {"items": [signed(commit)], "next": None}

    assert "unsigned" in refused(client, "anew", lies)


def test_another_vault_under_the_same_id_is_refused(client: Recorded) -> None:
    """M22: a beginning by somebody else does not take the place of the vault that is known."""
    world = client.world
    theirs = Beginning(Identity.make(world.people["owner"].id), "team", "", "", world.team)
    line, history = (line_of(client, "anew", part) for part in ("/secrets", "/commits"))
    vaults = client.tapes["anew"].answers["GET /api/account/vaults"].media
    profile = {"epoch": "1", "seq": "1", "blob": theirs.body["profile"]}
    vaults["items"][0] |= {"head": head_of(theirs.commit), "profile": profile}
    media = client.tapes["anew"].answers[line].media
    lies = {
        "GET /api/account/vaults": vaults,
        line: media | {"head": head_of(theirs.commit), "secrets": []},
        history: {"items": [signed(theirs.commit)], "next": None},
    }

    assert refused(client, "anew", lies).split(":")[0] in {"rollback", "fork", "altered"}


@pytest.mark.parametrize("flag", [True, False])
@pytest.mark.parametrize("story", ["write", "rotate"])
def test_policies_and_people_of_the_server_change_nothing(
    client: Recorded, story: str, flag: bool
) -> None:
    """M23, M24: flags, organizations, devices, contacts and recovery keys reach nothing sent."""
    world, tape = client.world, client.tapes[story]
    adversary = Adversary(world)
    names = ("auto_enroll", "enforce_recovery", "key_connector", "reset_password_enabled")
    more = crowded(adversary.own) | {"policies": dict.fromkeys(names, flag)}
    more |= dict.fromkeys(names, flag)
    tell(world, client.side, story, tape.answers)
    honest = [(one.line, shape(one.body)) for one in world.evil.requests if one.body]
    answers = {
        line: Answer.of(answer.status, crowd(answer.media, more) if answer.content else None)
        for line, answer in tape.answers.items()
    }

    tell(world, client.side, story, answers)

    assert [(one.line, shape(one.body)) for one in world.evil.requests if one.body] == honest
    assert adversary.finds(world.evil.requests) == []


def shape(media: Any) -> Any:
    """Give what is sent but for what is random: names, recipients, numbers."""
    if isinstance(media, dict):
        return {name: shape(value) for name, value in media.items() if name != "secret_id"}
    if isinstance(media, list):
        return [shape(one) for one in media]
    return media if isinstance(media, str) and len(media) < 40 else type(media).__name__


def test_other_keys_for_a_known_person_are_not_taken(client: Recorded) -> None:
    """M19, M20: what the directory says later does not take the place of what was verified."""
    world = client.world
    reader, stranger = world.people["reader"], Adversary(world).own.idcert()
    tell(world, client.side, "rotate", client.tapes["rotate"].answers)
    said = {"user_id": str(reader.id), "idcert": b64(stranger.raw)}
    world.evil.replies["GET /api/account/people"] = said

    if client.side.name == "library":
        with pytest.raises((Broken, Failure)):
            look_up(world.people["owner"].client, reader.email)
    else:
        found = world.pages["owner"].ask("members", "find", reader.email)
        assert found["words"] == words_of_idcert(reader.known.idcert)

    kept = client.side.keyring("rotate").people[reader.id]
    assert kept.idcert == reader.known.idcert


def test_two_members_with_different_histories_find_out(client: Recorded) -> None:
    """M16: whoever is shown another change of the same number than their own says so."""
    world = client.world
    tell(world, client.side, "write", client.tapes["write"].answers)
    made = dict(world.evil.made)
    world.evil.honest()
    world.people["owner"].put(world.team, E="by the owner")
    world.evil.made = made

    with pytest.raises(Refused, match=r"(?i)fork"):
        client.side.again()

    world.evil.requests.clear()
    with pytest.raises(Refused):
        client.side.again()
    assert world.evil.requests == []


def test_an_old_account_is_told_with_its_number_and_found_by_a_witness(client: Recorded) -> None:
    """M15: a device that knows no better shows how far the vault had come; others know better."""
    world, old = client.world, client.older.answers
    told = tell(world, client.side, "anew", old)
    ((seq, _),) = told.values()
    ((now, _),) = client.tapes["anew"].facts.values()
    assert seq < now

    tell(world, client.side, "anew", client.tapes["anew"].answers)
    line = line_of(client, "anew", "/secrets")
    later = f"{line.partition('?')[0]}?since={now}"
    world.evil.tape = {later: old[line], line: old[line]}

    with pytest.raises(Refused, match=r"(?i)rollback"):
        client.side.again()


def test_the_link_and_every_value_stay_here(client: Recorded) -> None:
    """M28, M35: only routes of KeyArc are asked, and none is told a link or a value."""
    for story, tape in client.tapes.items():
        tell(client.world, client.side, story, tape.answers)
        assert all(one.path.startswith(("/api/", "/auth/")) for one in client.world.evil.requests)
        assert Adversary(client.world).finds(client.world.evil.requests) == []


def test_an_invitation_by_another_secret_is_refused(client: Recorded) -> None:
    """M36, M37: what another link sealed, or an invitation that is over, lets nobody join."""
    world, tape = client.world, client.tapes["join"]
    line = line_of(client, "join", "/invitations/")
    other = InvitationKeys.derive(make_secret())
    blob = unb64(tape.answers[line].media["blob"])
    assert str(other.invite_id) not in line

    forged = blob[:100] + bytes([blob[100] ^ 1]) + blob[101:]
    for answer in (
        Answer.of(200, tape.answers[line].media | {"blob": b64(forged)}),
        Answer.of(404, {"type": "/problems/not-found", "status": 404}),
    ):
        with pytest.raises(Refused):
            tell(world, client.side, "join", tape.answers | {line: answer})
        assert not [one for one in world.evil.requests if one.method in {"POST", "PUT"}]


def test_texts_of_the_server_are_not_shown(client: Recorded) -> None:
    """M25: an error says what this client says; no word of the server asks for a key."""
    problem = {"type": "/problems/forbidden", "status": 403, "title": "TYPE YOUR KEY HERE"}
    answer = Answer.of(403, problem | {"detail": "<b>TYPE YOUR KEY HERE</b>"})

    with pytest.raises(Refused) as caught:
        tell(client.world, client.side, "anew", {"GET /api/account/vaults": answer})

    assert "KEY HERE" not in f"{caught.value} {caught.value.__cause__}"


def test_a_removed_member_reads_nothing_that_is_new(client: Recorded) -> None:
    """M39: their keys open what was there in their time, and nothing that came after."""
    line = line_of(client, "anew", "/secrets")
    adversary = Adversary(client.world)
    opened = {
        one["epoch"]: adversary.opens_secret(one)
        for one in client.tapes["anew"].answers[line].media["secrets"]
    }

    assert opened == {"1": True, "2": False}
