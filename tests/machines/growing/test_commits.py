"""Writers at every process at once: nothing is lost, and nothing happens twice."""

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from machines.stack import Stack
from shared.db import Connection
from shared.keyarc.commits import apply, parse
from shared.keyarc.encoding import b64, unb64
from tests.machines.growing.caller import Caller, at_once, each
from tests.vaults import Vault, body

WRITERS = 8
ROWS = """
    SELECT (SELECT count(*) FROM commits WHERE vault_id = %(id)s),
           (SELECT count(*) FROM secrets WHERE vault_id = %(id)s),
           (SELECT count(*) FROM secret_versions WHERE vault_id = %(id)s),
           (SELECT count(*) FROM audit_log
             WHERE vault_id = %(id)s
               AND action = 'vault.changed')
"""


def rows(owner: Connection, vault: Vault) -> tuple[int, ...]:
    """How many commits, secrets and versions the vault has, and how many rows of the audit log."""
    found = owner.execute(ROWS, {"id": vault.id}).fetchone()
    assert found
    return tuple(found)


def follow(caller: Caller, vault: Vault) -> None:
    """Verify and apply what is new in the history."""
    answer = caller.get(f"{vault.url}/commits", {"after": str(vault.state.seq)})
    for item in answer.json["items"]:
        apply(vault.state, parse(unb64(item["commit"]), unb64(item["signature"])))


def test_writers_at_every_process_who_rebase_lose_nothing(
    grown: Stack, owner: Connection, vault: Vault
) -> None:
    def write(caller: Caller) -> None:
        mine, status = Vault(vault.owner, vault.id), 409
        while status == 409:
            follow(caller, mine)
            put, content = mine.put(uuid4())
            sent = body(mine.commit([put]), [content])
            status = caller.post(f"{vault.url}/commits", sent).status_code
        assert status == 201

    gateways = each(grown, "gateway", vault.owner) * 3
    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(write, gateways[:WRITERS]))

    follow(gateways[0], vault)
    assert vault.state.seq == 1 + WRITERS
    assert rows(owner, vault) == (1 + WRITERS, WRITERS, WRITERS, WRITERS)


def test_of_commits_with_one_number_one_is_stored(
    grown: Stack, owner: Connection, vault: Vault
) -> None:
    pairs = [vault.put(uuid4()) for _ in range(6)]
    drafts = [vault.commit([put]) for put, _ in pairs]
    bodies = [body(draft, [content]) for draft, (_, content) in zip(drafts, pairs, strict=True)]

    callers = each(grown, "keys", vault.owner) * 2
    answers = at_once(callers, "POST", f"{vault.url}/commits", bodies)

    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [201] + [409] * 5
    heads = {answer.json["head"]["hash"] for answer in answers if answer.status_code == 409}
    assert heads == {b64(drafts[statuses.index(201)].hash)}
    assert rows(owner, vault) == (2, 1, 1, 1)


def test_a_commit_sent_to_every_process_acts_once(
    grown: Stack, owner: Connection, vault: Vault
) -> None:
    put, content = vault.put(uuid4())
    sent = body(vault.commit([put]), [content])

    callers = each(grown, "gateway", vault.owner) * 2
    answers = at_once(callers, "POST", f"{vault.url}/commits", [sent] * 6)

    assert [answer.status_code for answer in answers] == [201] * 6
    assert len({answer.content for answer in answers}) == 1
    assert rows(owner, vault) == (2, 1, 1, 1)


def test_a_context_that_is_replayed_at_every_process_acts_once(
    grown: Stack, owner: Connection, vault: Vault
) -> None:
    """One process takes a context once; for the others a write is bound to what it replaces."""
    put, content = vault.put(uuid4())
    sent = body(vault.commit([put]), [content])
    first, *others = each(grown, "keys", vault.owner)
    target = f"{vault.url}/commits"
    context = first.context("POST", target, json.dumps(sent).encode())

    answer = first.ask("POST", target, sent, context=context)
    replayed = [one.ask("POST", target, sent, context=context) for one in (first, *others)]

    assert answer.status_code == 201
    assert [each.status_code for each in replayed] == [401, 201, 201]
    assert {each.content for each in replayed[1:]} == {answer.content}
    assert rows(owner, vault) == (2, 1, 1, 1)
