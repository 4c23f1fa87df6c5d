"""What KeyArc writes to people: plain, short, and without anything secret but a link or a code.

No letter names a vault or a secret, and of what others may have typed only plain words are told.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

NOT_PLAIN = re.compile(r"[^\w ()+-]+")
DEVICE_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Letter:
    """A subject and the lines below it."""

    subject: str
    body: str


class Change(StrEnum):
    """What somebody did to an account that its owner should hear of."""

    KEYS = "all keys of your KeyArc account were replaced"
    MACHINE = "your KeyArc account got a machine token, which reads some of its vaults"
    PASSWORD = "the password or account key of your KeyArc account was changed"  # noqa: S105
    RECOVERY_CODE = "your KeyArc account got a new recovery code"
    SECOND_FACTOR = "the second factors of your KeyArc account were changed"


def sign_up(link: str) -> Letter:
    """To an address that has no account yet."""
    return Letter(
        "Confirm your e-mail address for KeyArc",
        f"""Somebody, probably you, signs up for KeyArc with this address. Confirm it here:

{link}

The link works for 24 hours, once. If it was not you, there is nothing to do.""",
    )


def already_signed_up(origin: str) -> Letter:
    """To an address that has one: only its owner is told."""
    return Letter(
        "You already have a KeyArc account",
        f"""Somebody, probably you, signed up for KeyArc with this address, which has an account
already. Log in, or recover the account, at {origin}

If it was not you, there is nothing to do: nobody was told that you have an account.""",
    )


def new_session(device: str, network: str, origin: str) -> Letter:
    """After a login."""
    return Letter(
        "New login to your KeyArc account",
        f"""Somebody logged in to your KeyArc account.

{_told(device, network)}

If it was not you: end that session and change your password, at {origin}/settings""",
    )


def recovery_begun(code: str, ready_in_s: float, device: str, network: str, origin: str) -> Letter:
    """With the code that the recovery takes; after *ready_in_s* it hands the key out."""
    return Letter(
        "A recovery of your KeyArc account has begun",
        f"""Somebody who has your recovery code has begun to recover your KeyArc account.

{_told(device, network)}

If it is you, you need this code: {code}
It is of use {_in(ready_in_s)}.

If it is not you: log in where you still can, and stop the recovery, at {origin}/settings
Give the code to nobody: KeyArc never asks for it in any other way.""",
    )


def recovery_finished(device: str, network: str, origin: str) -> Letter:
    """After which the old password and the old recovery code are of no use."""
    return Letter(
        "Your KeyArc account was recovered",
        f"""Somebody recovered your KeyArc account with its recovery code. It has a new password,
account key and recovery code, and all other sessions have ended.

{_told(device, network)}

If it was not you, write to whoever runs {origin} at once.""",
    )


def changed(change: Change, device: str, network: str, origin: str) -> Letter:
    """After a change that gives somebody a way in, or takes one away."""
    return Letter(
        "A change of your KeyArc account",
        f"""Just now {change}.

{_told(device, network)}

If it was not you: recover the account with your recovery code, at {origin}/recover""",
    )


def email_change(link: str) -> Letter:
    """To the new address."""
    return Letter(
        "Confirm your new e-mail address for KeyArc",
        f"""Somebody, probably you, wants to use this address for their KeyArc account. Confirm it:

{link}

The link works for 24 hours, once. If it was not you, there is nothing to do.""",
    )


def email_changing(device: str, network: str, origin: str) -> Letter:
    """To the old address; the new one is not told."""
    return Letter(
        "Your KeyArc account gets another e-mail address",
        f"""Somebody asked for another e-mail address for your KeyArc account. It will be used
instead of this one once it is confirmed.

{_told(device, network)}

If it was not you: change your password, at {origin}/settings""",
    )


def reminder(secrets: int, vaults: int) -> Letter:
    """On a day that somebody of a vault wanted people to hear of its secrets."""
    what = "1 secret" if secrets == 1 else f"{secrets} secrets"
    where = "1 vault" if vaults == 1 else f"{vaults} vaults"
    return Letter(
        f"KeyArc reminds you of {what}",
        f"""The day has come to look after {what} in {where} of yours in KeyArc: what expires, or
is to be replaced. Log in to see which; KeyArc cannot read it, so this letter cannot say it.

Days are those of UTC. You can switch these letters off in the settings of your account.""",
    )


def _told(device: str, network: str) -> str:
    """Name a device in words of which none is a link: somebody else may have chosen them."""
    words = " ".join(NOT_PLAIN.sub(" ", device).split())[:DEVICE_CHARACTERS]
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"Device: {words or 'unnamed'}\nNetwork: {network or 'unknown'}\nTime: {at}"


def _in(seconds: float) -> str:
    if seconds < 1:
        return "at once"
    hours = -(-seconds // 3600)
    return f"in {hours:.0f} hours" if hours > 1 else "within the hour"
