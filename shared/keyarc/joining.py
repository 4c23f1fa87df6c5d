"""Joining a vault by link: what the link's holder finds, believed by what the inviter sealed."""

import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import UUID

from .answers import Head, SealedProfile, items, raw
from .answers import field as take
from .client import REBASES, Client
from .commits import ProfileMark, State, apply, write
from .commits.state import BUCKETS
from .encoding import Broken, Mistyped, ObjectType, check_blob, parse_id, sha256, unb64
from .errors import Altered, Conflict, NotFound
from .following import History
from .identity import IdCert, parse_idcert
from .invitations import Invitation, InvitationKeys
from .noticed import learn
from .removals import settle_withheld
from .roster_changes import pause, post_commit
from .vaults import open_profile

PATH = "/api/account/invitations"
OVER = (
    "this invitation is not open: it was used, cancelled or has expired, or the link is not whole."
    " Ask for another"
)
NO_LINK = "this is no link to join a vault by: such a link ends with /join# and 43 characters"


@dataclass(frozen=True)
class Offer:
    """An open invitation, and the vault that it is to as its history says; nothing is joined."""

    link: InvitationKeys = field(repr=False)
    invitation: Invitation
    state: State = field(repr=False)
    name: str
    idcerts: tuple[IdCert, ...] = field(repr=False)

    @property
    def vault_id(self) -> UUID:
        """The vault's id."""
        return self.state.vault_id


def parse_link(link: str) -> tuple[str, bytes]:
    """Give the server's address and the secret of ``ORIGIN/join#S``."""
    try:
        parts = urlsplit(link.strip())
        secret = unb64(parts.fragment, 32)
    except (Broken, ValueError):
        raise Mistyped(NO_LINK) from None
    if parts.path != "/join" or parts.query or not parts.netloc:
        raise Mistyped(NO_LINK)
    return f"{parts.scheme}://{parts.netloc}", secret


def read_link(client: Client, secret: bytes) -> Offer:
    """Give what a link offers; `NotFound` where it is not open (any more)."""
    return _offer(client, InvitationKeys.derive(secret))


def join(client: Client, offer: Offer) -> None:
    """Join the vault, and know its inviter by the link."""
    for attempt in range(REBASES):
        with client.guard(offer.vault_id):
            if _join(client, offer):
                return
        pause(attempt)
        offer = _offer(client, offer.link)
    raise Conflict("others keep changing this vault: try again")


def _join(client: Client, offer: Offer) -> bool:
    """Send the answer; False where the vault has changed since the offer."""
    own, state, link = client.opened.keys, offer.state, offer.link
    now = time.time_ns() // 1_000_000
    if own.user_id in state.roster or _is_mounted(client, offer.vault_id):
        raise Conflict("you are a member of this vault already")
    if now > offer.invitation.expires_ms:
        raise NotFound(OVER)
    _keep_keys(client, offer)
    commit = write(state, own.identity, now, (link.join(state.vault_id, own.idcert),))
    try:
        if not post_commit(client, f"{PATH}/{link.invite_id}", commit, {}):
            return False
    except NotFound as ex:
        raise NotFound(OVER) from ex
    apply(state, commit)
    saved = client.opened.keyring
    saved.keyring.vaults[state.vault_id].left = False
    saved.raise_pin(state, {commit.seq: commit.hash})
    return True


def _is_mounted(client: Client, vault_id: UUID) -> bool:
    """Tell whether one is of the vault by one's own memory, which no link may replace."""
    if vault_id in client.opened.keyring.keyring.mounted():
        client.vaults()
        settle_withheld(client)  # whoever was taken out of it hears that first
    return vault_id in client.opened.keyring.keyring.mounted()


def _keep_keys(client: Client, offer: Offer) -> None:
    """Keep what the link gave before it is used up; until then one is out of the vault."""
    saved, invitation = client.opened.keyring, offer.invitation
    learn(saved.keyring, offer.idcerts, invitation.inviter, "link", invitation.email)
    for epoch, vault_key in invitation.keys.items():
        saved.keyring.add_vault_key(offer.vault_id, epoch, vault_key)
    saved.pin(offer.state)
    saved.keyring.vaults[offer.vault_id].left = True
    saved.save()


def _offer(client: Client, link: InvitationKeys) -> Offer:
    try:
        media = client.opened.connection.get(f"{PATH}/{link.invite_id}")
    except NotFound as ex:
        raise NotFound(OVER) from ex
    vault_id = parse_id(take(media, "vault_id"))
    with client.guard(vault_id):
        blob = raw(media, "blob")
        check_blob(blob, ObjectType.INVITATION)
        invitation = Invitation.open(link, vault_id, blob)
        idcerts = tuple(items(media, "idcerts", lambda one: parse_idcert(unb64(one))))
        state = _followed(client, link, invitation, idcerts, Head.of(take(media, "head")))
        _take_buckets(state, raw(media, "buckets", 32 * BUCKETS))
        if link.invite_id not in state.invites and client.opened.keys.user_id not in state.roster:
            raise NotFound(OVER)
        name = _name(state, invitation, SealedProfile.of(take(media, "profile")))
    return Offer(link, invitation, state, name, idcerts)


def _followed(
    client: Client,
    link: InvitationKeys,
    invitation: Invitation,
    idcerts: tuple[IdCert, ...],
    head: Head,
) -> State:
    """Follow the history from the inviter's pin to the head."""
    known = {one.hash: one for one in (*idcerts, invitation.inviter, client.opened.keys.idcert)}
    path = f"{PATH}/{link.invite_id}/commits"
    history = History(client.opened.connection, invitation.pin.public(), known.get, path=path)
    history.follow(head)
    return history.state


def _take_buckets(state: State, joined: bytes) -> None:
    """Take the hashes of the secrets, which only count if the head signs them."""
    state.buckets = [joined[at : at + 32] for at in range(0, len(joined), 32)]
    if state.hash() != state.signed:
        raise Altered


def _name(state: State, invitation: Invitation, profile: SealedProfile) -> str:
    mark = ProfileMark(profile.epoch, profile.seq, sha256(profile.blob))
    if mark != state.profile or mark.epoch not in invitation.keys:
        raise Altered
    return open_profile(state.vault_id, invitation.keys[mark.epoch], profile)[0]
