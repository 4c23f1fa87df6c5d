"""The second proof of a login: a code of an authenticator app, or a backup code.

Passkeys need a browser: an account that has nothing else is told so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Self

from .answers import items, raw
from .encoding import Broken, b64, unb64
from .errors import ChallengeEnded, SecondFactorNeeded, WrongCode
from .http import Answer

CHALLENGE_BYTES: Final = 32
TRIES: Final = 5  # of one challenge, after which the server has ended it
TOTP, BACKUP_CODE = "totp", "backup-code"
ONLY_PASSKEY = (
    "this account asks for a passkey, which only the page can use: log in there, and set up an"
    " authenticator app or make new backup codes"
)
NOBODY_TO_ASK = "this account asks for a second factor: give second_factor"


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the server wants beside the password; *wrong* answers were given to it so far."""

    challenge: str
    methods: tuple[str, ...]
    wrong: int = 0

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read the answer of a login or the problem ``second-factor-needed``."""
        items(media, "passkeys", unb64)
        methods = tuple(items(media, "methods", _method))
        return cls(b64(raw(media, "challenge", CHALLENGE_BYTES)), methods)

    @property
    def takes_totp(self) -> bool:
        """Whether a code of an authenticator app is an answer."""
        return TOTP in self.methods

    @property
    def takes_code(self) -> bool:
        """Whether anything that can be typed is an answer."""
        return self.takes_totp or BACKUP_CODE in self.methods


SecondFactor = Callable[[Challenge], str]


def answer(
    challenge: Challenge, second_factor: SecondFactor | None, send: Callable[[str], Answer]
) -> Answer:
    """Have *second_factor* give codes until *send* brings another answer than a wrong code.

    *second_factor* is asked again after a wrong code; what it raises ends the attempt.
    """
    if not challenge.takes_code:
        raise SecondFactorNeeded(ONLY_PASSKEY)
    if second_factor is None:
        raise SecondFactorNeeded(NOBODY_TO_ASK)
    for wrong in range(TRIES):
        asked = Challenge(challenge.challenge, challenge.methods, wrong)
        found = send(second_factor(asked))
        if found.problem == "challenge-ended":
            raise ChallengeEnded("that took too long, or too many tries: begin again")
        if found.problem != "wrong-code":
            return found
    raise WrongCode("none of these codes was right: begin again")


def _method(media: Any) -> str:
    if not isinstance(media, str):
        raise Broken
    return media
