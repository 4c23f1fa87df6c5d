"""While a machine sleeps, its lines to the database die: the next request must not notice."""

import signal
from collections.abc import Iterator

import pytest

from machines.stack import Stack
from shared import db
from tests.gateway.wire import eventually
from tests.machines.behaviour.alone import Alone
from tests.machines.behaviour.conftest import NewService
from tests.machines.behaviour.tunnel import How, Tunnel

CONNECT_TIMEOUT_S = db.TIMEOUTS["connect_timeout"]


@pytest.fixture
def tunnels(stack: Stack) -> Iterator[dict[str, Tunnel]]:
    """A line of its own for each service."""
    made = {name: Tunnel(stack.environment(name)["DATABASE_URL"]) for name in ("auth", "account")}
    yield made
    for tunnel in made.values():
        tunnel.close()


@pytest.mark.parametrize("how", ["closed", "reset"])
@pytest.mark.parametrize("frozen", [False, True])
def test_lines_that_were_cut_while_idle_are_made_anew(
    service: NewService, tunnels: dict[str, Tunnel], how: How, frozen: bool
) -> None:
    auth = service("auth", DATABASE_URL=tunnels["auth"].url)
    account = service("account", DATABASE_URL=tunnels["account"].url)
    before = [auth.prelogin().status, account.profile_of_nobody().status]

    if frozen:
        cut_while_suspended(auth, tunnels["auth"], how)
        cut_while_suspended(account, tunnels["account"], how)
    else:
        for tunnel in tunnels.values():
            tunnel.cut(how)
    after = [auth.prelogin(), account.profile_of_nobody()]

    assert [answer.status for answer in after] == before == [200, 401]
    assert max(answer.took_s for answer in after) < CONNECT_TIMEOUT_S
    assert all(tunnel.lines > 1 for tunnel in tunnels.values())


def cut_while_suspended(service: Alone, tunnel: Tunnel, how: How) -> None:
    service.signal(signal.SIGSTOP)
    tunnel.cut(how)
    service.signal(signal.SIGCONT)


def test_a_database_that_is_away_is_told_soon_and_its_return_is_noticed(
    stack: Stack, service: NewService
) -> None:
    tunnel = Tunnel(stack.environment("auth")["DATABASE_URL"])
    auth = service("auth", DATABASE_URL=tunnel.url)
    assert auth.prelogin().status == 200
    tunnel.refuse()
    away = auth.prelogin()
    healthy = auth.ask("/auth/health").status

    tunnel.welcome()

    assert (away.status, healthy) == (503, 200)
    assert eventually(lambda: auth.prelogin().status == 200, 20)
    tunnel.close()
