"""Logins at the same instant, by services that share nothing but the database."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import psycopg
import pytest
from falcon.testing import Result

from handlers.account import routes as account_routes
from handlers.auth import routes as auth_routes
from shared import browsers
from shared.keyarc.encoding import b64
from tests import factories, key_changes, machine_tokens, second_factors, waiting
from tests.clients import JWT_SECRET, ORIGIN, Client
from tests.conftest import verifier
from tests.databases import AsRole
from tests.second_factors import Guarded
from tests.vaults import Vault

RACERS = 4


@dataclass
class Instances:
    """Two machines of the auth service, and somebody with an authenticator app."""

    database: str
    machines: list[Client]
    guarded: Guarded

    def at_once(self, held: str, asks: Sequence[Callable[[], Result]]) -> list[int]:
        """Let *asks* queue, in their order, for the rows of *held* before the first goes on."""
        answers = []
        with ThreadPoolExecutor(len(asks)) as executor, psycopg.connect(self.database) as holder:
            holder.execute(held)
            for queued, ask in enumerate(asks, 1):
                answers.append(executor.submit(ask))
                waiting.until_locked_out(self.database, queued)
            holder.rollback()
            return sorted(answer.result().status_code for answer in answers)

    def answer(self, number: int, challenge: str, code: str) -> Callable[[], Result]:
        """Return the second step by the machine whose turn it is."""
        body = {"challenge": challenge, "code": code}
        machine = self.machines[number % len(self.machines)]
        return lambda: machine.post("/auth/sessions/totp", json=body)


@pytest.fixture
def instances(database: str) -> Iterator[Instances]:
    with psycopg.connect(database, autocommit=True) as conn:
        pools = [AsRole(database, "keyarc_auth") for _ in range(2)]
        machines = [
            Client(auth_routes.create_app(pool, (JWT_SECRET,), browsers.Origins(ORIGIN)))
            for pool in pools
        ]
        pools.append(AsRole(database, "keyarc_account"))
        account = Client(account_routes.create_app(pools[-1], verifier("account")))
        account.audience = "account"
        guarded = second_factors.unguarded(machines[0], account)
        guarded.add_totp(second_factors.now(conn))
        yield Instances(database, machines, guarded)
        for pool in pools:
            pool.close()
        conn.execute("TRUNCATE users, vaults, audit_log, limits CASCADE")


def test_of_logins_at_once_by_one_code_one_is_let_in(instances: Instances) -> None:
    """S08: a step serves once, whichever machine is asked, and with whichever challenge."""
    guarded = instances.guarded
    with psycopg.connect(instances.database) as conn:
        assert guarded.otp
        code = guarded.otp.at(second_factors.now(conn) + 30)
    challenges = [guarded.challenged() for _ in range(RACERS)]

    statuses = instances.at_once(
        "SELECT 1 FROM totp FOR UPDATE",
        [instances.answer(number, each, code) for number, each in enumerate(challenges)],
    )

    assert statuses == [201, 401, 401, 401]


def test_of_logins_at_once_by_one_backup_code_one_is_let_in(instances: Instances) -> None:
    """S08: so does a backup code."""
    guarded = instances.guarded
    code = guarded.backup_codes[0]
    challenges = [guarded.challenged() for _ in range(RACERS)]

    statuses = instances.at_once(
        "SELECT 1 FROM backup_codes FOR UPDATE",
        [instances.answer(number, each, code) for number, each in enumerate(challenges)],
    )

    assert statuses == [201, 401, 401, 401]


def test_of_guesses_at_once_five_are_heard(instances: Instances) -> None:
    challenge = instances.guarded.challenged()

    instances.at_once(
        "SELECT 1 FROM challenges FOR UPDATE",
        [instances.answer(number, challenge, "000000") for number in range(7)],
    )

    with psycopg.connect(instances.database) as conn:
        assert conn.execute("SELECT attempts FROM challenges").fetchone() == (5,)
        assert factories.actions(conn).count("code.refused") == 5


def test_of_right_answers_at_once_to_one_challenge_one_is_let_in(instances: Instances) -> None:
    challenge, codes = instances.guarded.challenged(), instances.guarded.backup_codes[:RACERS]

    statuses = instances.at_once(
        "SELECT 1 FROM challenges FOR UPDATE",
        [instances.answer(number, challenge, code) for number, code in enumerate(codes)],
    )

    assert statuses == [201, 401, 401, 401]


def test_no_login_overtakes_a_change_of_its_proof(instances: Instances) -> None:
    """S10: who waited while the password changed is refused, and has no session."""
    person = factories.signed_up(instances.machines[0])
    with ThreadPoolExecutor(1) as executor, psycopg.connect(instances.database) as changing:
        changing.execute("SELECT 1 FROM users FOR NO KEY UPDATE")
        login = executor.submit(instances.machines[0].post, "/auth/sessions", json=person.login)
        waiting.until_locked_out(instances.database)
        changing.execute(
            "UPDATE credentials SET verifier = sha256('another') WHERE user_id = %s",
            (person.user_id,),
        )
        changing.commit()

        assert login.result().status_code == 401


def test_two_sessions_that_change_at_once_do_not_wait_for_each_other(
    instances: Instances,
) -> None:
    """S10: the one that came first ends the other, which then changes nothing."""
    guarded = instances.guarded
    second = replace(guarded, actor=factories.actor(guarded.answer(guarded.backup_codes.pop())))
    for each in (guarded, second):
        assert each.prove().status_code == 204

    statuses = instances.at_once(
        "SELECT 1 FROM users FOR UPDATE",
        [partial(each.ask, "POST", "backup-codes") for each in (guarded, second)],
    )

    assert statuses == [201, 401]


def test_of_changes_of_keys_at_once_one_is_made(instances: Instances) -> None:
    """M40: compare-and-swap; whoever waited finds another keyset, and no session or proof."""
    guarded = instances.guarded
    second = replace(guarded, actor=factories.actor(guarded.answer(guarded.backup_codes.pop())))
    for each in (guarded, second):
        assert each.prove().status_code == 204
    person = guarded.person
    changes = [key_changes.password(person), key_changes.keys(person), key_changes.keys(person)]
    asking = [guarded, guarded, second]

    statuses = instances.at_once(
        "SELECT 1 FROM users FOR UPDATE",
        [partial(change.send, each) for change, each in zip(changes, asking, strict=True)],
    )

    assert statuses[0] == 200
    assert set(statuses[1:]) <= {401, 403}
    with psycopg.connect(instances.database) as conn:
        held = conn.execute("SELECT keyset, salt FROM users").fetchone()
    assert held
    assert (held[0], b64(held[1]) in {change.body["salt"] for change in changes}) == (2, True)


@pytest.mark.parametrize("first", ["vault", "rotation"])
def test_no_vault_begins_unseen_by_a_rotation(instances: Instances, first: str) -> None:
    """M40: the rotation must name a vault that began before, and none begins by the old keys."""
    guarded = instances.guarded
    assert guarded.prove().status_code == 204
    vault, rotation = Vault(key_changes.owner(guarded)), key_changes.keys(guarded.person)
    genesis = vault.genesis()
    body = {**machine_tokens.sent(genesis), "profile": b64(vault.profile)}

    asks = [partial(guarded.ask, "POST", "vaults", json=body), partial(rotation.send, guarded)]

    statuses = instances.at_once(
        "SELECT 1 FROM users FOR UPDATE", asks if first == "vault" else asks[::-1]
    )

    assert statuses == ([201, 409] if first == "vault" else [200, 422])
    with psycopg.connect(instances.database) as conn:
        unseen = conn.execute(
            """SELECT count(*)
                 FROM vault_members
                 JOIN identities USING (user_id)
                WHERE vault_members.idcert <> identities.idcert"""
        ).fetchone()
    assert unseen == (0,)
