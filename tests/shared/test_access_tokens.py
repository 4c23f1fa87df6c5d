"""Tokens: whom they let in, for how long, and under which of several secrets."""

import base64
import json
import subprocess
import sys
import time
from hashlib import sha256
from typing import Any
from uuid import uuid4

import jwt
import pytest

from shared import access_tokens
from shared.access_tokens import Access, ContextVerifier, Refused

OLD, NEW = "the old secret, with enough characters", "the new secret, with enough characters"
USER = Access(uuid4(), uuid4())
EMPTY = sha256(b"").digest()


def access(secret: str = NEW, **changed: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": "keyarc",
        "aud": "keyarc",
        "sub": str(USER.user_id),
        "sid": str(USER.session_id),
        "iat": now,
        "exp": now + 600,
        "jti": "1",
    } | changed
    return jwt.encode({key: value for key, value in claims.items() if value is not None}, secret)


def context(secret: str = NEW) -> str:
    return access_tokens.sign_context(
        (secret,),
        USER,
        audience="keys",
        method="GET",
        target="/api/keys/x",
        body_hash=EMPTY,
        address="192.0.2.1",
        request_id="r",
    )


def verify(verifier: ContextVerifier, token: str) -> access_tokens.Context:
    return verifier.verify(token, method="GET", target="/api/keys/x", body_hash=EMPTY)


def test_the_first_secret_signs_and_each_verifies() -> None:
    before = access_tokens.sign_access((OLD,), USER.user_id, USER.session_id)
    after = access_tokens.sign_access((NEW, OLD), USER.user_id, USER.session_id)

    assert access_tokens.verify_access((NEW, OLD), before) == USER
    assert access_tokens.verify_access((NEW,), after) == USER
    with pytest.raises(Refused):
        access_tokens.verify_access((NEW,), before)


@pytest.mark.parametrize(
    "changed",
    [
        *({claim: None} for claim in access_tokens.ACCESS_CLAIMS),
        {"iss": "keyarc-gateway"},
        {"aud": "keys"},
        {"aud": ["keyarc"]},
        {"exp": int(time.time())},
        {"exp": "9999999999"},
        {"exp": True},
        {"exp": 1e12},
        {"exp": int(time.time()) + 3600},
        {"iat": "now"},
        {"nbf": int(time.time()) + 3600},
        {"sub": "somebody"},
        {"sub": str(USER.user_id).upper()},
        {"sub": USER.user_id.hex},
        {"sid": f"{{{USER.session_id}}}"},
        {"sid": 7},
    ],
)
def test_a_token_with_another_claim_is_refused(changed: dict[str, Any]) -> None:
    assert access_tokens.verify_access((NEW,), access()) == USER
    with pytest.raises(Refused):
        access_tokens.verify_access((NEW,), access(**changed))


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS512"}, {"alg": "EdDSA"}, {}, [], 7])
def test_a_token_of_another_algorithm_is_refused(header: Any) -> None:
    _, claims, signature = access().split(".")
    first = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")

    for token in (f"{first}.{claims}.{signature}", f"{first}.{claims}."):
        with pytest.raises(Refused):
            access_tokens.verify_access((NEW,), token)


def test_a_public_key_does_not_verify_as_a_secret() -> None:
    public = access_tokens.context_public_key(NEW)
    forged = access(secret=public, iss="keyarc-gateway", aud="keys")

    with pytest.raises(Refused):
        verify(ContextVerifier(public, "keys"), forged)


def test_a_header_nested_without_end_is_refused() -> None:
    deep = base64.urlsafe_b64encode(b"[" * 6000).decode()

    with pytest.raises(Refused):
        access_tokens.verify_access((NEW,), f"{deep}.e30.AA")


def test_contexts_are_taken_by_each_key_that_is_listed() -> None:
    keys = ",".join(map(access_tokens.context_public_key, (OLD, NEW)))
    verifier = ContextVerifier(keys, "keys")

    for secret in (OLD, NEW):
        found = verify(verifier, context(secret))
        assert (found.user_id, found.session_id, found.address, found.request_id) == (
            USER.user_id,
            USER.session_id,
            "192.0.2.1",
            "r",
        )


def test_a_clock_that_steps_back_does_not_make_a_context_good_again() -> None:
    clock = [time.time()]
    verifier = ContextVerifier(access_tokens.context_public_key(NEW), "keys", lambda: clock[0])
    used, unused = context(), context()
    verify(verifier, used)

    clock[0] += 31
    with pytest.raises(Refused):
        verify(verifier, context())
    clock[0] -= 31

    for token in (used, unused):
        with pytest.raises(Refused):
            verify(verifier, token)


def test_a_full_memory_refuses_rather_than_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_tokens, "REMEMBERED_CONTEXTS", 2)
    verifier = ContextVerifier(access_tokens.context_public_key(NEW), "keys")
    verify(verifier, context())
    first = context()
    verify(verifier, first)

    for token in (context(), first):
        with pytest.raises(Refused):
            verify(verifier, token)


def test_expired_contexts_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_tokens, "REMEMBERED_CONTEXTS", 1)
    clock = [time.time()]
    verifier = ContextVerifier(access_tokens.context_public_key(NEW), "keys", lambda: clock[0])
    verify(verifier, context())

    clock[0] += 31
    monkeypatch.setattr("shared.access_tokens.time.time", lambda: clock[0])

    assert verify(verifier, context()).user_id == USER.user_id


@pytest.mark.parametrize("text", ["", "short", f"{NEW},", f"{NEW},short", "x" * 31])
def test_a_short_secret_is_refused_without_being_told(text: str) -> None:
    with pytest.raises(ValueError, match="characters") as told:
        access_tokens.parse_secrets(text)

    assert not text or text not in str(told.value)


@pytest.mark.parametrize("text", ["", "AA", "A" * 42 + "B", "A" * 44, "A" * 42 + "=", "é" * 43])
def test_a_malformed_public_key_stops_the_boot(text: str) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        ContextVerifier(text, "keys")


def test_the_public_key_of_a_secret_stays_the_same() -> None:
    assert (
        access_tokens.context_public_key("x" * 32) == "FR23Ho_IYYBw6OQGq7-Pe8O3DJ0YAlZPDnl9-pdNwuQ"
    )


def test_nothing_heavy_is_loaded_before_the_first_token() -> None:
    code = "import shared.access_tokens, sys; sys.exit('jwt' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
