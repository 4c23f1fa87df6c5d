"""What can go wrong between a client, its server and its device; each message is for a person.

`Broken` and `Mistyped` (encoding.py) stand beside these: the first is tampering, the second a slip
of the hand in an account key or a recovery code.
"""

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


class Unreachable(Failure):
    """The server did not answer, or what answered is no KeyArc server."""


class TooManyRequests(Unreachable):
    """The server asks to wait longer than a client should by itself: ``retry_after`` seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Rollback(Broken):
    """The server shows something older than what this device has already seen."""
