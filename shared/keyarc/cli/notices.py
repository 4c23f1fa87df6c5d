"""What a person should hear of even without having asked: a recovery that somebody has begun."""

from ..client import Client
from ..profile import Profile, profile
from .home import by_token
from .terminal import note, shown, when


def warn_of_recovery(found: Profile) -> None:
    """Tell of a running recovery, and how it is stopped."""
    recovery = found.recovery
    if recovery is None:
        return
    note(
        f"keyarc: a recovery of this account was begun at {when(recovery.begun_at)}"
        f" by {shown(recovery.device)} from {shown(recovery.network)}.\n"
        f"From {when(recovery.ready_at)} on, whoever has the recovery code can take the account"
        " over.\nIf it was not you: keyarc recovery stop"
    )


def look_for_recovery(client: Client) -> None:
    """Ask whether a recovery is running, and tell of it; a machine has none."""
    if not by_token():
        warn_of_recovery(profile(client.opened.connection))
