"""Requests that carry a canary wherever a request can carry something, good manners or not."""

import socket
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from urllib.parse import quote, urlsplit
from uuid import uuid4

CARRIERS = (
    *("Accept", "Authorization", "Cookie", "If-None-Match", "KeyArc-Client", "Origin", "Referer"),
    *("User-Agent", "X-Forwarded-For", "X-KeyArc-Client-IP", "X-KeyArc-Context", "X-Request-Id"),
)
PATHS = {
    "auth": (
        *("/auth/accounts", "/auth/prelogin", "/auth/sessions", "/auth/sessions/refresh"),
        *("/auth/email-verifications", "/auth/recovery", "/auth/sessions/totp"),
    ),
    "gateway": ("/api/keys/x", "/api/account/profile"),
    "account": ("/api/account/keyring", "/api/account/people", "/api/account/vaults"),
    "keys": (f"/api/keys/vaults/{uuid4()}/commits", f"/api/keys/vaults/{uuid4()}/secrets/read"),
}
PATHS |= {"edge": PATHS["auth"] + PATHS["gateway"]}


def spelt(canary: str) -> str:
    """Return 32 bytes in base64url that only this canary gives: a proof, or a token."""
    return urlsafe_b64encode(sha256(canary.encode()).digest()).rstrip(b"=").decode()


def understood(canary: str, path: str, host: str, token: str) -> Iterator[bytes]:
    """Yield requests that a server can read: each odd in one place; *token* passes the gateway."""
    json = {"Content-Type": "application/json"}
    bearer = {"Host": host, "Authorization": f"Bearer {token}"}
    yield request("GET", f"{path}?{canary}={canary}", bearer)
    odd = quote(f"{canary}@example.com & ?")
    yield request("GET", f"{path}?{canary}={canary}&email={odd}", {"Host": host})
    yield request("GET", f"{path}/{canary}/{odd}", {"Host": host})
    yield request("GET", path, {"Host": canary})
    yield request("GET", path, {"Host": host} | dict.fromkeys(CARRIERS, canary))
    yield request("GET", path, {"Host": host, "Authorization": f"Bearer {canary}.{canary}.x"})
    yield request(canary.upper()[:20].replace("_", "-"), path, {"Host": host})
    for body in (
        f'{{"email": "{canary}',
        f'{{"{canary}": "{canary}"}}',
        f'{{"email": "{canary}@example.com"}}',
        f'{{"email": "{canary}@example.com", "auth": "{spelt(canary)}", "device": "{canary}"}}',
        f'{{"refresh_token": "{spelt(canary)}"}}',
        f'{{"email": "{canary}", "auth": "{canary}", "device": "{canary}"}}',
        f'{{"email": "{canary}@example.com", "refresh_token": "{canary}"}}',
        f'["{canary}"]',
    ):
        yield request("POST", path, {"Host": host, **json}, body)
        yield request("POST", path, bearer | json, body)
        yield request("POST", path, {"Host": host, "Content-Type": canary}, body)


def broken(canary: str, path: str, host: str) -> Iterator[bytes]:
    """Yield what is no HTTP, or none that a careful server takes."""
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\n"
    yield f"{canary}\r\n\r\n".encode()
    yield f"GET {path}?{canary} HTTP/{canary}\r\n\r\n".encode()
    yield f"GET {path}?{canary}\xe9 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode("latin-1")
    yield f"GET http://{canary}/{canary} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    yield f"{head}{canary}\r\n\r\n".encode()
    yield f"{head}{canary} : {canary}\r\n\r\n".encode()
    yield f"{head}X: a\r\n {canary}\r\n\r\n".encode()
    yield f"{head}Content-Length: {canary}\r\n\r\n".encode()
    yield f"{head}Transfer-Encoding: {canary}\r\n\r\n".encode()
    yield f"{head}Transfer-Encoding: chunked\r\n\r\n{canary}\r\n{canary}\r\n0\r\n\r\n".encode()
    yield f"{head}Content-Type: application/json\r\nContent-Length: 999\r\n\r\n{canary}".encode()
    yield f"{head}X: {canary * 500}\r\n\r\n".encode()
    yield f"GET {path}?{canary * 500} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    yield f"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{canary}".encode()


def request(method: str, target: str, headers: Mapping[str, str], body: str = "") -> bytes:
    """Return one request as it goes over the wire."""
    told = dict(headers) | ({"Content-Length": str(len(body.encode()))} if body else {})
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"{method} {target} HTTP/1.1\r\n{lines}\r\n{body}".encode()


def send(url: str, raw: bytes) -> bytes:
    """Send *raw* and nothing more; return all that comes back."""
    place = urlsplit(url)
    assert place.hostname
    with socket.create_connection((place.hostname, place.port or 80), timeout=30) as line:
        try:
            line.sendall(raw)
            line.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: line.recv(65_536), b""))
        except ConnectionError:
            return b""  # it has heard enough
