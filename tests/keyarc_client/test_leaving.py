"""Taking everything along and leaving, at a server that does not always do its part."""

import pytest

from shared.keyarc import leaving
from shared.keyarc.errors import Conflict, NotLoggedIn, Refused, Unreachable
from shared.keyarc.proofs import prove
from tests.evil.server import Answer, Evil, Request
from tests.keyarc_client.conftest import PASSWORD, Person
from tests.keyarc_client.lies import VAULTS, reading

END = "DELETE /api/account/profile"


def test_a_copy_has_every_secret_of_answers_that_are_too_large(person: Person, evil: Evil) -> None:
    def one_at_most(request: Request) -> Answer | None:
        too_large = {"type": "/problems/too-large"}
        return Answer.of(413, too_large) if len(request.body["secret_ids"]) > 1 else None

    evil.made[reading(person)] = one_at_most

    taken = leaving.export(person.client())

    values = [one["details"]["fields"][0]["value"] for one in taken["vaults"][0]["secrets"]]
    assert sorted(values) == ["value a", "value b"]


def test_a_copy_that_would_lack_a_vault_is_none(person: Person, evil: Evil) -> None:
    evil.answer(VAULTS, lambda media: media | {"items": []})

    with pytest.raises(Conflict, match=str(person.vault_id)):
        leaving.export(person.client())


def test_vaults_that_others_share_are_named_as_their_members_call_them(
    person: Person, evil: Evil
) -> None:
    evil.replies[END] = {"type": "/problems/vaults-shared", "vaults": [str(person.vault_id)]}
    evil.statuses[END] = 409
    client = person.client()

    with pytest.raises(Conflict, match="members of work"):
        leaving.delete(client)

    assert set(person.values(client)) == {"A", "B"}


def test_without_a_proof_nothing_is_deleted(person: Person) -> None:
    client = person.client()

    with pytest.raises(Refused) as caught:
        leaving.delete(client)

    assert caught.value.problem == "proof-needed"
    assert set(person.values(client)) == {"A", "B"}


def test_an_end_whose_answer_was_lost_is_an_end(person: Person, evil: Evil) -> None:
    client = person.client()
    prove(client.opened, PASSWORD)
    evil.lost.append(END)

    leaving.delete(client)

    assert person.device.account(person.server, person.email) is None
    with pytest.raises(NotLoggedIn):
        person.client()


def test_an_end_that_did_not_arrive_leaves_everything(person: Person, evil: Evil) -> None:
    client = person.client()
    prove(client.opened, PASSWORD)
    evil.withheld.add(END)

    with pytest.raises(Unreachable):
        leaving.delete(client)

    assert set(person.values(person.client())) == {"A", "B"}
