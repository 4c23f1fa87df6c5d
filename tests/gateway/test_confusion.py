"""Neither Host nor any header that proxies use moves a request to another place."""

import pytest

from tests.gateway.chain import ANYWHERE, FIRST, Chain
from tests.gateway.wire import Headers


@pytest.mark.parametrize("at", ANYWHERE)
@pytest.mark.parametrize(
    "host", ["evil.example", "localhost", "localhost:1", "", "127.0.0.1", "a@{host}", "{host}."]
)
def test_an_unknown_host_is_refused(chain: Chain, host: str, at: str) -> None:
    raw = chain.request("GET", "/api/keys/x")
    unknown = raw.replace(chain.host.encode(), host.format(host=chain.host).encode())

    [reply] = chain.send(unknown, at=at)

    assert reply.status == 400
    assert not chain.service.requests


@pytest.mark.parametrize("at", FIRST)
@pytest.mark.parametrize(
    "headers",
    [
        [("SCRIPT_NAME", "/api/keys")],
        [("Script-Name", "/api/keys")],
        [("PATH_INFO", "/api/account/x")],
        [("X-Forwarded-Host", "evil.example")],
        [("X-Forwarded-Proto", "https"), ("X-Forwarded-Ssl", "on")],
        [("X-Forwarded-Prefix", "/api/keys")],
        [("X-Original-URL", "/api/account/x"), ("X-Rewrite-URL", "/api/account/x")],
        [("X-HTTP-Method-Override", "DELETE"), ("X-Method-Override", "DELETE")],
        [("Upgrade", "h2c"), ("HTTP2-Settings", "AAMAAABkAAQ"), ("Connection", "Upgrade")],
    ],
)
def test_no_header_moves_a_request_elsewhere(chain: Chain, headers: Headers, at: str) -> None:
    reply = chain.ask("GET", "/api/keys/x?a=b", headers, at=at)

    assert reply.status in {200, 400}
    for recorded in chain.service.requests:
        assert (recorded.method, recorded.target) == ("GET", "/api/keys/x?a=b")
        assert recorded.values("Host") == [chain.service.url.removeprefix("http://")]
