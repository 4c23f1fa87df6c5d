"""A server that lies about the second factor, and about what an account has (M05)."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.keyarc.client import Client
from shared.keyarc.encoding import Broken, b64
from shared.keyarc.errors import SecondFactorNeeded
from shared.keyarc.own_factors import Factors
from shared.keyarc.profile import Profile
from shared.keyarc.second_factors import Challenge, SecondFactor
from shared.keyarc.sessions import OwnSession
from tests.evil.operators import GONE, at, changed, places
from tests.evil.server import Evil
from tests.keyarc_client.conftest import PASSWORD, Person
from tests.keyarc_client.lies import recorded

PRELOGIN = "POST /auth/prelogin"
LOGIN = "POST /auth/sessions"
CODE = "POST /auth/sessions/totp"
ID = "5f0c7d3e-6d8a-4c9b-8a51-0b6f3a2f9d11"
AT = "2026-11-22T10:00:00+00:00"
CHALLENGE = {
    "challenge": b64(bytes(32)),
    "methods": ["totp", "backup-code"],
    "passkeys": [b64(b"credential")],
    "expires_in": 300,
}
PASSKEY = {
    "credential_id": b64(b"credential"),
    "name": "a key",
    "created_at": AT,
    "last_used_at": AT,
    "unlock": {"keyset": "1", "user_key": b64(bytes(212))},
}
SESSION = {
    "session_id": ID,
    "device": "a laptop",
    "browser": False,
    "network": "192.0.2.0/24",
    "created_at": AT,
    "last_seen_at": AT,
    "expires_at": AT,
    "current": True,
}
RECOVERY = {"begun_at": AT, "ready_at": AT, "device": "a laptop", "network": "192.0.2.0/24"}
PROFILE = {
    "user_id": ID,
    "email": "someone@example.com",
    "created_at": AT,
    "keyset": "1",
    "salt": b64(bytes(16)),
    "recovery_code_at": AT,
    "reminders": True,
    "second_factor": True,
    "recovery": RECOVERY,
}
READERS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "a challenge": (Challenge.of, CHALLENGE),
    "the second factors": (
        Factors.of,
        {"totp": True, "backup_codes": 10, "passkeys": [PASSKEY]},
    ),
    "a session": (OwnSession.of, SESSION),
    "the profile": (Profile.of, PROFILE),
}


UNREAD = {"expires_in", "user_key"}
MAY_BE_NULL = {"last_used_at", "unlock", "recovery"}


@pytest.mark.parametrize("what", READERS)
def test_what_is_told_of_an_account_is_read_whole_or_not_at_all(what: str) -> None:
    """M05: a leaf that is missing, null or of another kind is `Broken`, and never a default."""
    read, honest = READERS[what]
    read(honest)

    for steps in places(honest):
        value = at(honest, steps)
        if steps[-1] in UNREAD or value is None:
            continue
        for other in (None, GONE, {"value": value}):
            if other is None and steps[-1] in MAY_BE_NULL:
                continue
            if other is GONE and isinstance(steps[-1], int):
                continue
            with pytest.raises(Broken):
                read(changed(honest, steps, other))


@pytest.mark.parametrize(
    "moment",
    [
        "yesterday",
        "2026-11-22",
        "2026-11-22T10:00:00",
        "1",
        "²⁰",
        "0001-01-01T00:00:00+00:00",
        "9999-12-31T23:59:59+00:00",
    ],
)
def test_a_moment_has_a_date_a_time_and_a_zone(moment: str) -> None:
    with pytest.raises(Broken):
        OwnSession.of(SESSION | {"last_seen_at": moment})


def never(_: Challenge) -> str:
    pytest.fail("a code was asked for")


def test_nobody_is_asked_for_a_code_by_a_challenge_that_is_not_whole(
    person: Person, evil: Evil
) -> None:
    """M05: nothing follows, and no code is given away."""
    spoils: tuple[dict[str, Any], ...] = (
        *({"challenge": value} for value in (None, "", b64(bytes(31)))),
        *({"methods": value} for value in (None, "totp", [None])),
        *({"passkeys": value} for value in (None, [1])),
    )

    for spoil in spoils:
        evil.replies[LOGIN] = CHALLENGE | spoil
        with pytest.raises(Broken):
            enter(evil, person, never)
        assert evil.lines() == [PRELOGIN, LOGIN]


def test_a_second_factor_that_nobody_can_type_ends_the_login_there(
    person: Person, evil: Evil
) -> None:
    evil.replies[LOGIN] = CHALLENGE | {"methods": ["passkey"]}

    with pytest.raises(SecondFactorNeeded, match="backup codes"):
        enter(evil, person, never)

    assert evil.lines() == [PRELOGIN, LOGIN]


def test_a_code_brings_no_keys_that_a_login_without_it_would_refuse(
    person: Person, evil: Evil
) -> None:
    """M05: a made-up second step is no way around what is held of every login's answer."""
    honest = recorded(evil, LOGIN)
    person.fresh()
    session = honest[0]
    evil.transforms.clear()
    evil.lines()
    evil.replies |= {CODE: session, LOGIN: CHALLENGE}
    evil.statuses[CODE] = 201
    enter(evil, person, lambda _: "123456").close()
    asked = evil.lines()

    for field in ("user_key", "identity", "idcert", "salt", "user_id", "keyset", "keyring"):
        for value in (None, "", session[field][:-4] if field != "keyring" else {}):
            evil.replies[CODE] = session | {field: value}
            with pytest.raises(Broken):
                enter(evil, person, lambda _: "123456")
            assert evil.lines() == asked == [PRELOGIN, LOGIN, CODE]


def enter(evil: Evil, person: Person, second_factor: SecondFactor) -> Client:
    return Client.log_in(
        evil.url, person.email, PASSWORD, person.account_key, second_factor=second_factor
    )
