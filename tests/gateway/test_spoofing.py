"""No header that a client sends changes who the services think is asking."""

import itertools
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from shared import access_tokens
from shared.access_tokens import Access
from tests.gateway.chain import ANYWHERE, FIRST, SECRETS, Chain

VICTIM = Access(uuid4(), uuid4())
HANDED_ON = {
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "host",
    "if-none-match",
    "user-agent",
    "x-keyarc-context",
    "x-request-id",
}
NAMES = (
    "X-KeyArc-Context",
    "X-KeyArc-Client-IP",
    "X-KeyArc-User",
    "X-User-Id",
    "X-User",
    "X-Forwarded-User",
    "X-Forwarded-For",
    "X-Authenticated-User",
    "Remote-User",
    "Fly-Client-IP",
    "Fly-Replay-Src",
    "Forwarded",
)
MANGLED: dict[str, Callable[[str], str]] = {
    "as it is": lambda name: name,
    "lower": str.lower,
    "upper": str.upper,
    "swapped": str.swapcase,
    "underscores": lambda name: name.replace("-", "_"),
    "one underscore": lambda name: name.replace("-", "_", 1),
    "dots": lambda name: name.replace("-", "."),
    "space before the colon": lambda name: name + " ",
    "tab before the colon": lambda name: name + "\t",
    "leading space": lambda name: " " + name,
    "kelvin sign": lambda name: name.replace("K", "\u212a").replace("k", "\u212a"),
    "long s": lambda name: name.replace("s", "\u017f").replace("S", "\u017f"),
    "fullwidth": lambda name: name.replace("-", "\uff0d"),
    "soft hyphen": lambda name: name.replace("-", "\u00ad-"),
    "latin-1 byte": lambda name: name + "\udcff",
    "nul": lambda name: name + "\0",
}
WAYS = ("once", "twice", "listed")


def variants() -> Iterator[tuple[str, str, str]]:
    yield from itertools.product(NAMES, MANGLED, WAYS)


def forged() -> str:
    """Return a context in the victim's name, signed with a key of the attacker's."""
    return access_tokens.sign_context(
        ("not the secret of the gateway at all",),
        VICTIM,
        audience="keys",
        method="GET",
        target="/api/keys/vaults",
        body_hash=bytes(32),
        address="203.0.113.1",
        request_id=str(uuid4()),
    )


@pytest.mark.parametrize("at", ANYWHERE)
@pytest.mark.parametrize("name", NAMES)
def test_no_spelling_of_a_header_changes_the_subject(chain: Chain, name: str, at: str) -> None:
    value = forged() if name == "X-KeyArc-Context" else str(VICTIM.user_id)

    for mangled, way in itertools.product(MANGLED, WAYS):
        chain.service.requests.clear()
        spelt = MANGLED[mangled](name)
        headers = [(spelt, value)] * (2 if way == "twice" else 1)
        headers += [("Connection", spelt)] if way == "listed" else []
        reply = chain.ask("GET", "/api/keys/vaults", headers, at=at)

        assert reply.status in {200, 400}, (mangled, way)
        assert len(chain.service.requests) == (reply.status == 200), (mangled, way)
        if reply.status == 200:
            context = chain.context()
            assert Access(context.user_id, context.session_id) == chain.user
            assert at == "gateway" or context.address == "127.0.0.1"
            names = [key.lower() for key, _ in chain.service.requests[0].headers]
            assert set(names) <= HANDED_ON
            assert len(names) == len(set(names))


@pytest.mark.parametrize("at", FIRST)
def test_auth_is_told_the_address_by_the_edge_and_nothing_by_the_client(
    chain: Chain, at: str
) -> None:
    claims = [(name, "203.0.113.1") for name in NAMES]

    reply = chain.ask("POST", "/auth/prelogin", claims, b"{}", at=at)

    assert reply.status == 200
    [recorded] = chain.auth.requests
    assert recorded.values("X-KeyArc-Client-IP") == ["127.0.0.1"]
    assert {key.lower() for key, _ in recorded.headers} <= {
        *(HANDED_ON - {"x-keyarc-context"}),
        "authorization",
        "x-keyarc-client-ip",
    }


def test_at_least_two_hundred_spellings_were_tried() -> None:
    assert len(set(variants())) >= 200


@pytest.mark.parametrize("at", FIRST)
@pytest.mark.parametrize("listed", ["Authorization", "X-KeyArc-Context", "X-KeyArc-Client-IP"])
def test_connection_cannot_strip_what_the_chain_adds(chain: Chain, listed: str, at: str) -> None:
    reply = chain.ask("GET", "/api/keys/vaults", [("Connection", f"close, {listed}")], at=at)

    assert reply.status == (401 if listed == "Authorization" else 200)
    if reply.status == 200:
        assert chain.context().user_id == chain.user.user_id
        assert chain.context().address == "127.0.0.1"


@pytest.mark.parametrize("at", FIRST)
@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Bearer a.b.c",
        "Bearer " + "[" * 6000,
        "Bearer eyJhbGciOiJub25lIn0.e30.",
    ],
)
def test_what_is_no_token_lets_nobody_in(chain: Chain, authorization: str, at: str) -> None:
    headers = [("Authorization", authorization)]

    reply = chain.ask("GET", "/api/keys/vaults", headers, signed_in=False, at=at)

    assert reply.status == 401
    assert reply.headers["www-authenticate"] == "Bearer"
    assert not chain.service.requests


@pytest.mark.parametrize("at", ANYWHERE)
def test_two_authorizations_let_nobody_in(chain: Chain, at: str) -> None:
    victim = access_tokens.sign_access(SECRETS, VICTIM.user_id, VICTIM.session_id)

    reply = chain.ask("GET", "/api/keys/vaults", [("Authorization", f"Bearer {victim}")], at=at)

    assert reply.status in {400, 401}  # nginx may not even read it
    assert not chain.service.requests
