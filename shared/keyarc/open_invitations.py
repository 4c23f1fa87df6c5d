"""The invitations of a vault: made as a link, listed as its signed history has them, taken back."""

from dataclasses import dataclass
from uuid import UUID

from .client import Client
from .commits import Role, Uninvite
from .encoding import b64
from .errors import NotFound
from .invitations import InvitationKeys, make_secret
from .roster_changes import Link, RosterEdit, change_roster
from .sync import VaultView


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation that nobody answered; *email* is for whom, where one made it and said so."""

    invite_id: UUID
    role: Role
    expires_ms: int
    own: bool
    email: str


def share_by_link(
    client: Client, vault_id: UUID, role: Role, expires_ms: int, email: str = ""
) -> str:
    """Open an invitation, and give its link: to be passed on by people, and kept nowhere."""
    secret = make_secret()
    keys = InvitationKeys.derive(secret)
    link = Link(keys, keys.invite(role, expires_ms), email)
    change_roster(client, vault_id, lambda _: RosterEdit((link.invite,), link=link))
    return f"{client.opened.keyring.account.server}/join#{b64(secret)}"


def open_invitations(client: Client, vault_id: UUID) -> list[OpenInvitation]:
    """Give the open invitations of a vault, the first to end first."""
    sent = client.opened.keyring.keyring.invitations
    found = [
        OpenInvitation(
            one.invite_id,
            one.role,
            one.expires_ms,
            one.invite_id in sent,
            sent[one.invite_id].email if one.invite_id in sent else "",
        )
        for one in client.sync(vault_id).state.invites.values()
    ]
    return sorted(found, key=lambda one: one.expires_ms)


def cancel(client: Client, vault_id: UUID, invite_id: UUID) -> None:
    """Take an invitation back."""

    def plan(view: VaultView) -> RosterEdit:
        if invite_id not in view.state.invites:
            raise NotFound(f"there is no open invitation {invite_id} to this vault")
        return RosterEdit((Uninvite(invite_id),))

    change_roster(client, vault_id, plan)
