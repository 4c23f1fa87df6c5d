"""Machines and the people who made them read one history, whatever the server does to it."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.keyarc import machines, proofs
from shared.keyarc.client import Client
from shared.keyarc.commits import Role
from shared.keyarc.errors import Conflict, Failure, Refused, TokenOver
from shared.keyarc.machine_keys import MachineToken
from shared.keyarc.rotation import prepare_rotation
from tests.evil.server import Evil
from tests.keyarc_client.conftest import PASSWORD, Person
from tests.keyarc_client.jobs import LOGIN, Jobs, made
from tests.keyarc_client.lies import listing

CREATE = "POST /api/account/machine-tokens"


@pytest.fixture
def jobs(evil: Evil) -> Iterator[Jobs]:
    with ExitStack() as undo:
        yield Jobs(evil.url, undo)


def test_both_read_what_either_history_says(person: Person, jobs: Jobs) -> None:
    owner = person.client()
    token = made(owner, person.vault_id)
    job = jobs.log_in(token)
    first = person.values(job)

    person.put(owner, A="value a 2", C="value c")
    person.remove(owner, "B")

    machine_id = MachineToken.parse(token).machine_id
    assert first == {"A": ("value a", 1), "B": ("value b", 1)}
    assert person.values(job) == {"A": ("value a 2", 2), "C": ("value c", 1)}
    assert person.values(jobs.log_in(token)) == person.values(person.client())
    assert owner.sync(person.vault_id).state.roster[machine_id].role is Role.VIEWER


def test_a_machine_that_was_away_follows_its_owner_to_other_keys(
    person: Person, jobs: Jobs
) -> None:
    """Its pin lies before the rekey: old commits are verified by the old certificate."""
    owner = person.client()
    token = made(owner, person.vault_id)
    person.put(owner, A="by the old keys")
    proofs.prove(owner.opened, PASSWORD)
    owner = Client(prepare_rotation(owner, PASSWORD, person.account_key).send())
    owner.vaults()
    person.put(owner, B="by the new keys")

    job = jobs.log_in(token)

    assert person.values(job) == {"A": ("by the old keys", 2), "B": ("by the new keys", 2)}
    assert person.values(job) == person.values(owner)


def test_a_machine_cannot_write(person: Person, jobs: Jobs) -> None:
    job = jobs.log_in(made(person.client(), person.vault_id))
    job.vaults()

    with pytest.raises(Failure):
        person.put(job, A="by the machine")

    assert person.values(person.client())["A"] == ("value a", 1)


def test_a_machine_reads_the_vaults_that_it_was_made_for(person: Person, jobs: Jobs) -> None:
    owner = person.client()
    second, _third = owner.create_vault("second"), owner.create_vault("third")

    job = jobs.log_in(made(owner, person.vault_id, second))

    assert {vault.name for vault in job.vaults()} == {"work", "second"}
    assert job.withheld == []


def test_a_session_that_is_over_begins_again(person: Person, evil: Evil, jobs: Jobs) -> None:
    token = made(person.client(), person.vault_id)
    evil.answer(LOGIN, lambda media: media | {"expires_in": 0})
    job = jobs.log_in(token)
    evil.lines()

    found = person.values(job)

    assert found.keys() == {"A", "B"}
    asked = evil.lines()
    assert asked.count(LOGIN) == len(asked) / 2


def test_an_open_machine_hears_that_its_token_was_revoked(person: Person, jobs: Jobs) -> None:
    owner = person.client()
    job = jobs.log_in(made(owner, person.vault_id))
    person.values(job)

    left = machines.revoke(owner, machines.find(owner, "ci"))

    assert left == []
    with pytest.raises(TokenOver):
        person.values(job)
    assert len(owner.sync(person.vault_id).state.roster) == 1


def test_a_revocation_that_was_interrupted_is_finished_later(person: Person, evil: Evil) -> None:
    owner = person.client()
    token = made(owner, person.vault_id)
    path = f"POST /api/account/vaults/{person.vault_id}/commits"
    evil.withheld.add(path)
    left = machines.revoke(owner, machines.find(owner, "ci"))
    evil.withheld.clear()

    again = machines.find(owner, "ci")

    assert left == [person.vault_id]
    assert again.machine_id == MachineToken.parse(token).machine_id
    assert machines.revoke(owner, again) == []
    assert machines.machines(owner)[0].vaults == ()


def test_a_vault_that_others_change_meanwhile_is_no_hindrance(
    person: Person, evil: Evil, jobs: Jobs
) -> None:
    owner, other = person.client(), person.fresh()
    other.vaults()
    values, busy = ["two", "one"], list[bool]()

    def write(media: Any) -> Any:
        if values and not busy:  # it lists, too
            busy.append(True)
            person.put(other, A=values.pop())
            busy.clear()
        return media

    proofs.prove(owner.opened, PASSWORD)
    evil.answer(listing(person), write)
    evil.lines()
    token = machines.create(owner, "ci", [person.vault_id])

    assert evil.lines().count(CREATE) == 3
    assert person.values(jobs.log_in(token))["A"][0] == "two"


def test_a_lost_answer_makes_one_machine(person: Person, evil: Evil, jobs: Jobs) -> None:
    owner = person.client()
    proofs.prove(owner.opened, PASSWORD)
    evil.lost.append(CREATE)

    token = machines.create(owner, "ci", [person.vault_id])

    assert len(machines.machines(owner)) == 1
    assert person.values(jobs.log_in(token)).keys() == {"A", "B"}


def test_a_token_takes_a_proof_and_a_name_of_its_own(person: Person) -> None:
    owner = person.client()
    with pytest.raises(Refused) as unproven:
        machines.create(owner, "ci", [person.vault_id])
    made(owner, person.vault_id)

    with pytest.raises(Conflict, match="already"):
        made(owner, person.vault_id)

    assert unproven.value.problem == "proof-needed"


def test_a_token_s_last_use_and_end_are_told(person: Person, jobs: Jobs) -> None:
    owner = person.client()
    proofs.prove(owner.opened, PASSWORD)
    until = datetime.now(UTC) + timedelta(days=1)
    token = machines.create(owner, "ci", [person.vault_id], until)
    before = machines.machines(owner)[0]

    jobs.log_in(token)

    after = machines.machines(owner)[0]
    assert (before.last_used_at, before.state) == (None, "active")
    assert after.last_used_at is not None
    assert after.expires_at is not None
    assert datetime.fromisoformat(after.expires_at) == until
