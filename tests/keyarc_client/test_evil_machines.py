"""A server that lies to machines, which know nothing but their token."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import pytest

from shared.keyarc.account_keys import Identity
from shared.keyarc.encoding import Broken, ObjectType, b64
from shared.keyarc.errors import Rollback
from tests.evil.server import Evil, Transform
from tests.keyarc_client.conftest import Person
from tests.keyarc_client.jobs import LOGIN, Jobs, made
from tests.keyarc_client.lies import KEYRING, VAULTS, listing, recorded
from tests.vaults import blob


@pytest.fixture
def jobs(evil: Evil) -> Iterator[Jobs]:
    with ExitStack() as undo:
        yield Jobs(evil.url, undo)


def always(answer: Any) -> Transform:
    """Answer the same whatever was asked."""
    return lambda _: answer


def with_lie(name: str, lie: Any) -> Transform:
    """Change one member of an answer."""
    return lambda media: media | {name: lie}


def test_a_vault_older_than_what_the_machine_has_seen_is_refused(
    person: Person, evil: Evil, jobs: Jobs
) -> None:
    """M14: what one job has seen, the next one knows by the machine's own sealed pins."""
    owner = person.client()
    token = made(owner, person.vault_id)
    old = {line: recorded(evil, line) for line in (VAULTS, listing(person))}
    person.values(jobs.log_in(token))
    was = {line: answers[-1] for line, answers in old.items()}
    evil.transforms.clear()
    person.put(owner, A="newer")
    person.values(jobs.log_in(token))

    for line, answer in was.items():
        evil.answer(line, always(answer))
    job = jobs.log_in(token)
    with pytest.raises(Rollback):
        person.values(job)

    evil.lines()
    with pytest.raises(Broken):
        job.sync(person.vault_id)
    assert evil.lines() == []


def test_an_older_keyring_is_refused_by_a_machine_that_knows_a_newer(
    person: Person, evil: Evil, jobs: Jobs
) -> None:
    owner = person.client()
    token = made(owner, person.vault_id)
    answers = recorded(evil, KEYRING)
    person.values(jobs.log_in(token))
    first = answers[-1]
    person.put(owner, A="newer")
    job = jobs.log_in(token)
    person.values(job)

    evil.answer(KEYRING, always(first))

    with pytest.raises(Rollback):
        job.vaults()


LIES: dict[str, Any] = {
    "identity": lambda: b64(blob(ObjectType.IDENTITY)),
    "idcert": lambda: b64(Identity.make(UUID(int=1)).idcert().raw),
    "keyring": lambda: {"revision": "1", "blob": b64(blob(ObjectType.KEYRING))},
    "machine_id": lambda: "00000000-0000-4000-8000-000000000000",
    "expires_in": lambda: None,
    "access_token": lambda: "",
}


def test_a_machine_believes_nothing_that_its_token_does_not_open(
    person: Person, evil: Evil, jobs: Jobs
) -> None:
    token = made(person.client(), person.vault_id)

    for name, lie in LIES.items():
        evil.lines()
        evil.answer(LOGIN, with_lie(name, lie()))
        with pytest.raises(Broken):
            jobs.log_in(token)
        assert evil.lines() == [LOGIN], name
