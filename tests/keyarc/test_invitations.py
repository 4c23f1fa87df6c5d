"""An invitation holds what its inviter could sign for, and nothing that a server could put in."""

from copy import deepcopy
from uuid import UUID

import pytest

from shared.keyarc import commits
from shared.keyarc.commits import Role
from shared.keyarc.encoding import Broken, unb64
from shared.keyarc.invitations import Invitation, InvitationKeys, make_secret
from tests.keyarc.test_vectors import read, refuses
from tests.vectors.accounts import idcert
from tests.vectors.invitations import LINK, invitation, invited, joined
from tests.vectors.material import person, some_id
from tests.vectors.stories import EXPIRES_MS, VAULT


def test_the_invitation_of_the_vectors_opens() -> None:
    vectors = read("invitation.json")
    link = InvitationKeys.derive(unb64(vectors["fragment"]))

    opened = Invitation.open(link, UUID(vectors["vault_id"]), bytes.fromhex(vectors["blob"]))

    assert str(link.invite_id) == vectors["invite_id"]
    assert link.public_key.hex() == vectors["public_key"]
    assert opened.encode().decode() == vectors["plaintext"]
    assert opened == invitation()


def test_invitations_that_the_vectors_refuse_are_broken() -> None:
    for case in refuses(read("invitation.json")["refused"]):
        with pytest.raises(Broken):
            Invitation.open(LINK, VAULT, bytes.fromhex(case["blob"]))


def test_another_link_or_another_vault_opens_nothing() -> None:
    blob = invitation().seal(LINK)

    assert Invitation.open(LINK, VAULT, blob) == invitation()
    with pytest.raises(Broken):
        Invitation.open(InvitationKeys.derive(make_secret()), VAULT, blob)
    with pytest.raises(Broken):
        Invitation.open(LINK, some_id("another vault"), blob)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_secret_has_32_bytes(length: int) -> None:
    with pytest.raises(Broken):
        InvitationKeys.derive(bytes(length))


def test_a_joiner_answers_with_the_buckets_that_the_head_signs() -> None:
    told = invited()[1]
    state = deepcopy(invitation().pin)
    state.buckets = told.buckets

    commit = commits.write(
        state, person("stranger"), EXPIRES_MS, (LINK.join(VAULT, idcert("stranger")),)
    )
    commits.apply(told, commit)

    assert told.roster[person("stranger").user_id].role is Role.MEMBER
    assert told.invites == {}


def test_an_answer_serves_once() -> None:
    """M36: an invitation is answered once, whoever asks again."""
    state = joined()[1]

    with pytest.raises(Broken):
        commits.write(state, person("viewer"), EXPIRES_MS, (LINK.join(VAULT, idcert("viewer")),))


def test_an_answer_is_for_one_certificate_and_vault() -> None:
    """M37: what the link's key signed for one joiner lets in no other."""
    state = invited()[1]
    right = LINK.join(VAULT, idcert("stranger"))
    stolen = commits.Join(LINK.invite_id, idcert("viewer"), right.signature)
    elsewhere = LINK.join(some_id("another vault"), idcert("stranger"))

    for name, op in (("viewer", stolen), ("stranger", elsewhere)):
        with pytest.raises(Broken):
            commits.write(state, person(name), EXPIRES_MS, (op,))


def test_an_invitation_does_not_print_its_keys() -> None:
    told = f"{invitation()!r} {LINK!r}"

    assert repr(LINK.seal_key) not in told
    assert all(repr(key) not in told for key in invitation().keys.values())
