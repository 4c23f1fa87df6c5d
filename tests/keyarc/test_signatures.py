"""A signature over one kind of message is none over another."""

from itertools import permutations

import pytest

from shared.keyarc import commits, sharing
from shared.keyarc.account_keys import Identity
from shared.keyarc.commits import State
from shared.keyarc.encoding import Broken
from shared.keyarc.identity import idcert_body, parse_idcert, verify
from tests.vectors.accounts import idcert
from tests.vectors.material import person, some, some_id
from tests.vectors.shares import sample
from tests.vectors.stories import VAULT, story


def messages() -> dict[str, bytes]:
    """Return one message of each kind that is ever signed."""
    owner = person("owner")
    return {
        "identity": idcert_body(owner.user_id, owner.ed_pk, owner.x_pk, 1),
        "rotated identity": idcert_body(owner.user_id, owner.ed_pk, owner.x_pk, 2),
        "commit": story().steps[0].commit.raw,
        "join": commits.join_message(VAULT, some_id("invite first"), idcert("owner")),
        "share": sharing.share_message(some("info", 200), sample().ciphertext),
    }


@pytest.mark.parametrize(("signed", "claimed"), list(permutations(messages(), 2)))
def test_a_signature_over_one_kind_of_message_is_none_over_another(
    signed: str, claimed: str
) -> None:
    owner = person("owner")
    signature = owner.sign(messages()[signed])

    verify(owner.ed_pk, messages()[signed], signature)

    with pytest.raises(Broken):
        verify(owner.ed_pk, messages()[claimed], signature)


def test_no_kind_of_message_begins_as_another_does() -> None:
    labels = {name: message.split(b"\0")[0] + b"\0" for name, message in messages().items()}

    assert len(set(labels.values())) == 4  # both identities have one label
    for one, other in permutations(set(labels.values()), 2):
        assert not one.startswith(other)


def test_a_certificate_is_no_commit_and_a_commit_no_certificate() -> None:
    owner = person("owner")
    cert, commit = idcert("owner"), story().steps[0].commit

    with pytest.raises(Broken):
        commits.parse(cert.raw, owner.sign(cert.raw))
    with pytest.raises(Broken):
        parse_idcert(commit.raw + commit.signature)


def test_an_invitation_key_that_signed_for_one_joiner_admits_no_other() -> None:
    before = story().steps[6].before
    op = story().steps[6].commit.ops[0]
    assert isinstance(op, commits.Join)
    stranger = person("stranger")
    stolen = commits.Join(op.invite_id, idcert("stranger"), op.signature)

    with pytest.raises(Broken):
        commits.write(before, stranger, 0, [stolen])


def test_a_commit_of_one_vault_is_none_of_another() -> None:
    first = story().steps[0].commit

    with pytest.raises(Broken):
        commits.apply(State(some_id("another vault")), first)


def test_the_key_of_another_person_signs_nothing_in_ones_name() -> None:
    owner = person("owner")
    impostor = Identity(owner.user_id, some("a", 32), some("b", 32))
    state = story().steps[0].after
    commit = commits.write(state, impostor, 0, [commits.Profile(1, bytes(32))])

    with pytest.raises(Broken):
        commits.verify(commit, idcert("owner"))
