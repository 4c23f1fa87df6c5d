"""What can go wrong between a client, its server and its device; each message is for a person.

`Broken` and `Mistyped` (encoding.py) stand beside these: the first is tampering, the second a slip
of the hand in an account key or a recovery code.
"""

from typing import ClassVar

from .encoding import Broken


class Failure(Exception):
    """Anything that a person or a program can act on; its message is one sentence."""


class NotLoggedIn(Failure):
    """There is no session here, or the server has ended it."""


class WrongCredentials(Failure):
    """E-mail address, password and account key do not belong together."""


class TokenOver(Failure):
    """The machine token has expired, or its owner has revoked it."""


class WrongCode(WrongCredentials):
    """The code of the second factor is wrong, or was used before."""


class ChallengeEnded(WrongCredentials):
    """The second factor came too late, or after too many wrong ones."""


class SecondFactorNeeded(Failure):
    """The password is right; the account asks for a second factor that is not at hand here."""


class Waiting(Failure):
    """It was begun, and goes on later: in ``ready_in`` seconds."""

    def __init__(self, message: str, ready_in: int) -> None:
        super().__init__(message)
        self.ready_in = ready_in


class Unverified(Failure):
    """The server has sent a mail: the account begins once the link in it was opened."""


class NotFound(Failure):
    """The vault, secret or field does not exist, or this account may not know of it."""


class Conflict(Failure):
    """It exists already, or a name means more than one thing."""


class Refused(Failure):
    """The server understood and said no; ``status`` and ``problem`` (its slug) say why."""

    def __init__(self, status: int, problem: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.problem = problem


class Untold(Failure):
    """A change was kept, and the server was not told on which days to remind of it."""


class Unreachable(Failure):
    """The server did not answer, or what answered is no KeyArc server."""


class TooManyRequests(Unreachable):
    """The server asks to wait longer than a client should by itself: ``retry_after`` seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Distrust(Broken):
    """Public data that is not what was signed: what that means, what was kept, what to do.

    A seal that does not open stays a plain `Broken`, which says nothing.
    """

    sentence: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(self.sentence)


class Rollback(Distrust):
    """The server shows something older than what this device has already seen."""

    sentence = (
        "the server shows an older state than one that this account has already seen; nothing of"
        " it was used, and what this device knows was kept. Ask whoever runs the server whether an"
        " old backup was restored, and go on once it shows the newer state"
    )


class Fork(Distrust):
    """The server shows another history than the one that was verified here."""

    sentence = (
        "the server shows another history of this vault than the one that was verified here;"
        " nothing of it was used, and what this device knows was kept. Compare the last change"
        " with another member, and do not go on with this server before you know why"
    )


class Altered(Distrust):
    """A list is not what the head signs: dropped, duplicated, injected or resurrected."""

    sentence = (
        "the server's list is not the one that the vault's last change signs: something in it was"
        " left out, repeated, exchanged or brought back; nothing of it was used. Do not go on with"
        " this server before you know why"
    )


class Unsigned(Distrust):
    """A commit is not signed by a member who may make it."""

    sentence = (
        "the server shows a change that no member signed who was allowed to make it; nothing of it"
        " was used, and the vault was kept as it was before. Do not go on with this server before"
        " you know why"
    )


class AuditBroken(Distrust):
    """The access log is not the continuation of the one that was seen before."""

    sentence = (
        "the vault's access log does not continue the one that was seen before: accesses may have"
        " been taken out of it; nothing was opened. Ask whoever runs the server, and go on once"
        " the log is whole"
    )


class KeyMissing(Distrust):
    """The vault's key was changed, and this member's share of the new one has not come."""

    sentence = (
        "the vault's key was changed and the new one has not come to you; what you have was kept."
        " Ask an owner or admin of the vault to change its key once more, and try again"
    )
