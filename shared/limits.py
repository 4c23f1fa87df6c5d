"""How often something may be tried: after some free attempts each one doubles the wait.

Attempts are forgotten as time goes on, and a wait has an end: nobody is locked out for good. They
are counted in PostgreSQL, before the work and in a transaction of their own: what is refused, or
dies with its process, has counted all the same, and every process knows of it.
"""

import hmac
import math
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from shared import limits_sql as sql
from shared import networks, problems
from shared.db import Connection, Pool

Subject = str | bytes | UUID | None


@dataclass(frozen=True, slots=True)
class Rule:
    """*free* attempts, one more every *forget_s*; then *first_s*, doubling up to *longest_s*.

    A success takes back what it cost itself, and with *whole* everything that was counted: right
    where nobody but the subject can have one.
    """

    name: str
    free: int
    forget_s: float
    first_s: float
    longest_s: float
    whole: bool = False


HOUR = 3600

# Guessing a password is hopeless without the account key, so these keep noise away: the first holds
# one network back, the second, much milder, all of them: strangers delay a person by a minute.
LOGIN_PAIR = Rule("login.pair", 10, 60, 1, 900, whole=True)
LOGIN_EMAIL = Rule("login.email", 30, 30, 1, 60, whole=True)
LOGIN_NETWORK = Rule("login.network", 60, 10, 1, 300)
LOGIN_ALL = Rule("login.all", 500, 0.05, 0.1, 2)
PRELOGIN_NETWORK = Rule("prelogin.network", 300, 1, 1, 60)

# Six digits are few: here only a success, or a long time, makes up for a failure.
CODE_PERSON = Rule("code.person", 10, HOUR, 5, HOUR, whole=True)
CODE_NETWORK = Rule("code.network", 30, 60, 1, 900)
PROOF_PERSON = Rule("proof.person", 10, 300, 1, 900, whole=True)

# As with log-ins: a stranger who goes on asking in somebody's name delays them by a minute.
RECOVERY_PAIR = Rule("recovery.pair", 5, 600, 5, 900, whole=True)
RECOVERY_EMAIL = Rule("recovery.email", 20, 60, 1, 60, whole=True)
RECOVERY_NETWORK = Rule("recovery.network", 20, 60, 1, 900)
RECOVERY_ALL = Rule("recovery.all", 200, 0.5, 0.1, 2)
MAIL_CODE = Rule("recovery.mail-code", 5, HOUR, 5, HOUR, whole=True)

DEVICE_PAIR = Rule("device.pair", 5, 120, 5, 300)
DEVICE_EMAIL = Rule("device.email", 20, 30, 1, 60)
DEVICE_NETWORK = Rule("device.network", 20, 30, 1, 300)
DEVICE_ANSWER = Rule("device.answer", 600, 1, 1, 10)
DEVICE_ANSWER_NETWORK = Rule("device.answer-network", 1200, 0.25, 0.5, 30)

MACHINE_TOKEN = Rule("machine.token", 20, 30, 1, 60, whole=True)
MACHINE_NETWORK = Rule("machine.network", 60, 10, 1, 300)

# An id of 128 bits is not guessed: this keeps noise away.
LINK_NETWORK = Rule("link.network", 60, 10, 1, 300)

SIGN_UP_EMAIL = Rule("sign-up.email", 5, HOUR, 10, HOUR)
SIGN_UP_NETWORK = Rule("sign-up.network", 50, 60, 2, 900)
SIGN_UP_ALL = Rule("sign-up.all", 1000, 0.5, 0.1, 2)
VERIFICATION_NETWORK = Rule("verification.network", 60, 10, 1, 300)

EMAIL_CHANGE_PERSON = Rule("email-change.person", 5, 600, 10, HOUR)
PEOPLE_PERSON = Rule("people.person", 60, 10, 1, 300)

# Ids of invitations are 128 bits of a secret: these keep noise away. A roster seldom changes, and
# whoever adds people to vaults without end is a nuisance to them.
INVITATION_PERSON = Rule("invitation.person", 20, 30, 1, 300)
INVITATION_NETWORK = Rule("invitation.network", 100, 10, 1, 300)
ROSTER_PERSON = Rule("roster.person", 300, 2, 1, 60)


def take(pool: Pool, *tries: tuple[Rule, Subject]) -> None:
    """Count an attempt for each subject; raise TooManyRequests, and count none, if one must wait.

    To be called before the work and outside of its transaction. A subject None has no limit.
    """
    rules = _distinct(tries)
    if not rules:
        return
    with pool.connection() as conn:
        hashed = _hashed(conn, rules)
        wait_s = sql.take(
            conn,
            list(hashed),
            free=[rule.free for rule in hashed.values()],
            forget_s=[rule.forget_s for rule in hashed.values()],
            first_s=[rule.first_s for rule in hashed.values()],
            longest_s=[rule.longest_s for rule in hashed.values()],
        )
        if wait_s is not None:
            raise problems.TooManyRequests(max(1, math.ceil(wait_s)))


def forgive(pool: Pool, *tries: tuple[Rule, Subject]) -> None:
    """Take back, after a success, what its attempt cost."""
    rules = _distinct(tries)
    if not rules:
        return
    with pool.connection() as conn:
        hashed = _hashed(conn, rules)
        sql.forgive(conn, list(hashed), [rule.whole for rule in hashed.values()])


def network(address: str) -> str | None:
    """Return the subject of a rule about networks; this machine itself has no limit by network."""
    return None if networks.is_loopback(address) else networks.of(address)


def pair(email: str, address: str) -> str:
    """Return the subject of a rule about one address of mail from one network."""
    return f"{email} {networks.of(address)}"


def login(email: str, address: str) -> tuple[tuple[Rule, Subject], ...]:
    """Return everything that a login counts for."""
    return (
        (LOGIN_PAIR, pair(email, address)),
        (LOGIN_EMAIL, email),
        (LOGIN_NETWORK, network(address)),
        (LOGIN_ALL, ""),
    )


def sign_up(email: str, address: str) -> tuple[tuple[Rule, Subject], ...]:
    """Return everything that a sign-up counts for; none is forgiven, for each leaves a letter."""
    return (
        (SIGN_UP_EMAIL, email),
        (SIGN_UP_NETWORK, network(address)),
        (SIGN_UP_ALL, ""),
    )


def _distinct(tries: tuple[tuple[Rule, Subject], ...]) -> Mapping[bytes, Rule]:
    return {_message(rule, subject): rule for rule, subject in tries if subject is not None}


def _message(rule: Rule, subject: Subject) -> bytes:
    told = subject if isinstance(subject, bytes) else str(subject).encode()
    return rule.name.encode() + b"\0" + told


def _hashed(conn: Connection, rules: Mapping[bytes, Rule]) -> Mapping[bytes, Rule]:
    """Return the rules by what the table knows their subjects by."""
    key = hmac.digest(sql.key(conn), b"keyarc/limits", "sha256")
    return {hmac.digest(key, message, "sha256"): rule for message, rule in rules.items()}
