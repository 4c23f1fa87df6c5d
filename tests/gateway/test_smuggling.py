"""What the chain cannot read in exactly one way gets one answer and never a second request."""

import pytest

from tests.gateway.chain import ANYWHERE, Chain
from tests.machines.web_server import needs_nginx

SMUGGLED = b"GET /api/keys/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED = "Transfer-Encoding: chunked"

# name: (head lines, body); every one of them is refused
REFUSED: dict[str, tuple[list[str], bytes]] = {
    "both lengths": ([CHUNKED, "Content-Length: 4"], b"0\r\n\r\n" + SMUGGLED),
    "both lengths, other order": (["Content-Length: 4", CHUNKED], b"0\r\n\r\n" + SMUGGLED),
    "two lengths": (["Content-Length: 0", "Content-Length: 54"], SMUGGLED),
    "the same length twice": (["Content-Length: 4", "Content-Length: 4"], b"abcd" + SMUGGLED),
    "a list of lengths": (["Content-Length: 4, 4"], b"abcd" + SMUGGLED),
    "plus": (["Content-Length: +5"], b"abcde" + SMUGGLED),
    "minus": (["Content-Length: -5"], SMUGGLED),
    "underscored digits": (["Content-Length: 1_0"], b"0123456789" + SMUGGLED),
    "hexadecimal": (["Content-Length: 0x5"], b"abcde" + SMUGGLED),
    "superscript": (["Content-Length: \xb2"], b"ab" + SMUGGLED),
    "empty length": (["Content-Length: "], SMUGGLED),
    "endless length": (["Content-Length: " + "9" * 5000], SMUGGLED),
    "chunked twice": ([CHUNKED, CHUNKED], b"0\r\n\r\n" + SMUGGLED),
    "chunked, chunked": (["Transfer-Encoding: chunked, chunked"], b"0\r\n\r\n" + SMUGGLED),
    "chunked, identity": (["Transfer-Encoding: chunked, identity"], b"0\r\n\r\n" + SMUGGLED),
    "identity": (["Transfer-Encoding: identity", "Content-Length: 0"], SMUGGLED),
    "gzip, chunked": (["Transfer-Encoding: gzip, chunked"], b"0\r\n\r\n" + SMUGGLED),
    "an unknown coding": (["Transfer-Encoding: xchunked"], b"0\r\n\r\n" + SMUGGLED),
    "quoted coding": (['Transfer-Encoding: "chunked"'], b"0\r\n\r\n" + SMUGGLED),
    "coding with a parameter": (["Transfer-Encoding: chunked;x=1"], b"0\r\n\r\n" + SMUGGLED),
    "vertical tab": (["Transfer-Encoding: \x0bchunked"], b"0\r\n\r\n" + SMUGGLED),
    "space before the colon": (["Transfer-Encoding : chunked"], b"0\r\n\r\n" + SMUGGLED),
    "underscored name": (["Transfer_Encoding: chunked"], b"0\r\n\r\n" + SMUGGLED),
    "folded line": (["Transfer-Encoding:", " chunked"], b"0\r\n\r\n" + SMUGGLED),
    "folded value": (["X-A: b", "\tc", "Content-Length: 0"], SMUGGLED),
    "bare line feed": (["X-A: b\nContent-Length: 54"], SMUGGLED),
    "bare carriage return": (["X-A: b\rContent-Length: 54"], SMUGGLED),
    "nul": (["X-A: b\0c"], b""),
    "no colon": (["Content-Length 5"], b"abcde" + SMUGGLED),
    "doubled host": (["Host: evil.example"], b""),
    "chunk size with a plus": ([CHUNKED], b"+5\r\nabcde\r\n0\r\n\r\n" + SMUGGLED),
    "chunk size in hexadecimal": ([CHUNKED], b"0x5\r\nabcde\r\n0\r\n\r\n" + SMUGGLED),
    "chunk size with underscores": ([CHUNKED], b"0_5\r\nabcde\r\n0\r\n\r\n" + SMUGGLED),
    "empty chunk size": ([CHUNKED], b"\r\nabcde\r\n0\r\n\r\n" + SMUGGLED),
    "chunk longer than told": ([CHUNKED], b"3\r\nabcde\r\n0\r\n\r\n" + SMUGGLED),
    "chunk size by line feed": ([CHUNKED], b"5\nabcde\r\n0\r\n\r\n" + SMUGGLED),
    "carriage return in an extension": ([CHUNKED], b"5;a\rb\r\nabcde\r\n0\r\n\r\n" + SMUGGLED),
    "smuggling trailer": ([CHUNKED], b"0\r\nContent-Length: 54\r\n\r\n" + SMUGGLED),
    "unfinished chunks": ([CHUNKED], b"5\r\nabc"),
    "unfinished body": (["Content-Length: 50"], b"abc"),
    "no chunk size": ([CHUNKED], b"zz\r\nab\r\n0\r\n\r\n"),
    "trailer without colon": ([CHUNKED], b"0\r\nfoo bar\r\n\r\n"),
    "too many trailers": ([CHUNKED], b"0\r\n" + b"a: b\r\n" * 200 + b"\r\n"),
}

# name: (head lines, body, what the service must be sent)
TAKEN: dict[str, tuple[list[str], bytes, bytes]] = {
    "chunks": ([CHUNKED], b"5\r\nabcde\r\n0\r\n\r\n", b"abcde"),
    "chunk extension": ([CHUNKED], b'5;a="b;c"\r\nabcde\r\n0;x\r\n\r\n', b"abcde"),
    "trailers": ([CHUNKED], b"5\r\nabcde\r\n0\r\nX-User-Id: evil\r\n\r\n", b"abcde"),
    "expectation": (["Expect: 100-continue", "Content-Length: 5"], b"abcde", b"abcde"),
    "length": (["Content-Length: 5"], b"abcde", b"abcde"),
}

# Of those, what nginx reads in one way of its own (it drops what it does not know, and hands on
# what it read), and what it leaves without an answer, for whoever sent it has hung up.
READ_BY_NGINX = {
    "underscored name": b"",
    "chunk size by line feed": b"abcde",
    "smuggling trailer": b"",
    "trailer without colon": b"",
    "too many trailers": b"",
}
UNFINISHED_FOR_NGINX = ("bare line feed", "unfinished chunks", "unfinished body")

TARGETS = [
    "http://localhost/api/keys/x",
    "http://evil.example/api/keys/x",
    "//evil.example/api/keys/x",
    "/api/keys//x",
    "/api/keys/../account/profile",
    "/api/keys/./x",
    "/api/keys/%2e%2e/account/profile",
    "/api/keys/..%2faccount",
    "/api/keys/a%2fb",
    "/api/keys/a%5cb",
    "/api/keys/a\\b",
    "/api/keys/%00",
    "/api/keys/x%0d%0aHost:%20evil.example",
    "/api/keys/x?a=%00",
    "/api/keys/x?a=%",
    "/api/keys/x#fragment",
    "/api/keys/x;a=b",
    "/api/keys/\xff",
    "api/keys/x",
    "*",
    "localhost:80",
]


def request(chain: Chain, lines: list[str], target: str = "/api/keys/x") -> bytes:
    head = [
        f"POST {target} HTTP/1.1",
        f"Host: {chain.host}",
        f"Authorization: Bearer {chain.token}",
        *lines,
    ]
    return "\r\n".join([*head, "", ""]).encode("latin-1")


@pytest.mark.parametrize(
    ("at", "probe"),
    [
        *(("edge", probe) for probe in REFUSED),
        *(("gateway", probe) for probe in REFUSED),
        *(
            pytest.param("nginx", probe, marks=needs_nginx)
            for probe in REFUSED
            if probe not in {*READ_BY_NGINX, *UNFINISHED_FOR_NGINX}
        ),
    ],
)
def test_an_ambiguous_message_is_refused_once(chain: Chain, probe: str, at: str) -> None:
    lines, body = REFUSED[probe]

    replies = chain.send(request(chain, lines) + body, at=at)

    assert len(replies) == 1
    status = replies[0].status
    assert 400 <= status < 500 or status == 501  # 501: a transfer coding that nobody knows
    assert not chain.service.requests


@needs_nginx
@pytest.mark.parametrize("probe", READ_BY_NGINX)
def test_what_nginx_drops_reaches_nobody(chain: Chain, probe: str) -> None:
    lines, body = REFUSED[probe]

    replies = chain.send(request(chain, lines) + body, at="nginx")

    assert [reply.status for reply in replies] == [200]
    [recorded] = chain.service.requests
    assert recorded.body == READ_BY_NGINX[probe]
    assert recorded.values("Transfer-Encoding") == []


@needs_nginx
@pytest.mark.parametrize("probe", UNFINISHED_FOR_NGINX)
def test_nginx_hands_on_nothing_that_is_unfinished(chain: Chain, probe: str) -> None:
    lines, body = REFUSED[probe]

    replies = chain.send(request(chain, lines) + body, at="nginx")

    assert replies == []
    assert not chain.service.requests


@pytest.mark.parametrize("at", ANYWHERE)
@pytest.mark.parametrize("probe", TAKEN)
def test_a_message_with_one_meaning_is_handed_on_with_a_plain_length(
    chain: Chain, probe: str, at: str
) -> None:
    lines, body, sent = TAKEN[probe]

    replies = chain.send(request(chain, lines) + body, at=at)

    assert [reply.status for reply in replies] == [200]
    [recorded] = chain.service.requests
    assert recorded.body == sent
    assert recorded.values("Content-Length") == [str(len(sent))]
    assert recorded.values("Transfer-Encoding") == recorded.values("X-User-Id") == []
    assert chain.context().user_id == chain.user.user_id


@pytest.mark.parametrize("at", ANYWHERE)
def test_what_follows_a_chunked_message_is_not_a_request(chain: Chain, at: str) -> None:
    lines, body, _ = TAKEN["chunks"]

    replies = chain.send(request(chain, lines) + body + SMUGGLED, at=at)

    assert len(replies) == 1
    assert len(chain.service.requests) == 1


@pytest.mark.parametrize("at", ANYWHERE)
@pytest.mark.parametrize("target", TARGETS)
def test_a_target_that_could_be_read_twice_is_refused(chain: Chain, target: str, at: str) -> None:
    replies = chain.send(request(chain, ["Content-Length: 0"], target), at=at)

    assert len(replies) == 1
    assert replies[0].status in {400, 404, 405}
    assert not chain.service.requests


def test_two_requests_on_one_connection_get_two_answers(chain: Chain) -> None:
    replies = chain.send(request(chain, ["Content-Length: 0"]) * 2)

    assert [reply.status for reply in replies] == [200, 200]
    assert len(chain.service.requests) == 2
