"""Writers at the same moment, on real connections of their own."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
from falcon.testing import Result

from shared.keyarc.encoding import b64
from tests.clients import Client
from tests.keys.conftest import WRITERS, follow
from tests.vaults import Vault, body


def at_once(writers: list[Client], vault: Vault, bodies: list[object]) -> list[Result]:
    """Post each body by a writer of its own, all at the same moment."""
    gate = threading.Barrier(len(bodies))

    def post(client: Client, sent: object) -> Result:
        gate.wait()
        return client.as_(vault.owner).post(f"{vault.url}/commits", json=sent)

    with ThreadPoolExecutor(len(bodies)) as threads:
        return list(threads.map(post, writers, bodies))


def test_of_many_commits_with_one_number_exactly_one_is_stored(
    database: str, writers: list[Client], kept: Vault
) -> None:
    pairs = [kept.put(uuid4()) for _ in range(WRITERS)]
    drafts = [kept.commit([put]) for put, _ in pairs]
    bodies: list[object] = [
        body(commit, [content]) for commit, (_, content) in zip(drafts, pairs, strict=True)
    ]

    responses = at_once(writers, kept, bodies)

    statuses = [response.status_code for response in responses]
    assert sorted(statuses) == [201] + [409] * (WRITERS - 1)
    winner = drafts[statuses.index(201)]
    heads = {response.json["head"]["hash"] for response in responses if "head" in response.json}
    assert heads == {b64(winner.hash)}
    with psycopg.connect(database) as conn:
        assert rows(conn, kept) == (2, 1, 1)


def test_one_commit_sent_many_times_at_once_is_stored_once(
    database: str, writers: list[Client], kept: Vault
) -> None:
    put, content = kept.put(uuid4())
    sent = body(kept.commit([put]), [content])

    responses = at_once(writers, kept, [sent] * WRITERS)

    assert [response.status_code for response in responses] == [201] * WRITERS
    assert len({response.content for response in responses}) == 1
    with psycopg.connect(database) as conn:
        assert rows(conn, kept) == (2, 1, 1)


def test_writers_who_rebase_all_get_their_commit_in(
    database: str, writers: list[Client], kept: Vault
) -> None:
    def write(client: Client) -> None:
        owner = client.as_(kept.owner)
        mine = Vault(kept.owner, kept.id)
        status = 409
        while status == 409:
            follow(owner, mine)
            put, content = mine.put(uuid4())
            sent = body(mine.commit([put]), [content])
            status = owner.post(f"{kept.url}/commits", json=sent).status_code
        assert status == 201

    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(write, writers))

    follow(writers[0].as_(kept.owner), kept)
    assert kept.state.seq == 1 + WRITERS
    with psycopg.connect(database) as conn:
        assert rows(conn, kept) == (1 + WRITERS, WRITERS, WRITERS)


def rows(conn: psycopg.Connection, vault: Vault) -> tuple[int, ...]:
    """Return how many commits, secrets and versions the vault has."""
    found = conn.execute(
        """SELECT (SELECT count(*) FROM commits WHERE vault_id = %(id)s),
                  (SELECT count(*) FROM secrets WHERE vault_id = %(id)s),
                  (SELECT count(*) FROM secret_versions WHERE vault_id = %(id)s)""",
        {"id": vault.id},
    ).fetchone()
    assert found is not None
    return tuple(found)
