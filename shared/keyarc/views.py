"""The vaults of an account as they were last verified, and how they move on.

From what is known here (this process's view, else the device's copy, else the lowest pin) the
commits are verified one by one up to the head, through every higher pin. Then the list must be
what the head signs, and the access log the continuation of the one seen before.
"""

from dataclasses import dataclass
from uuid import UUID

from . import accesses
from .answers import Head, ListedVault
from .cache import Cache
from .certificates import Certificates
from .commits import Commit, State
from .encoding import Broken
from .errors import AuditBroken, Fork, KeyMissing, NotFound, Rollback, Unsigned
from .following import History
from .granted import keys_of
from .http import Answer, refuse
from .listings import Listing
from .memories import AuditPin
from .noticed import notice
from .opened import Opened
from .sync import VaultView, moved, view_of
from .vaults import Vault, open_vault

NOTHING_NEW = 304


@dataclass
class Kept:
    """A verified view, and the tag of the answer that had nothing newer than it."""

    view: VaultView
    tag: str = ""


class Views:
    """Moves the vaults of one account along; not for several threads at once."""

    def __init__(self, opened: Opened) -> None:
        self.certificates = Certificates(opened)
        self._opened = opened
        self._kept: dict[UUID, Kept] = {}
        keys = opened.keys
        self._cache = opened.device and Cache(opened.device, keys.user_key, keys.user_id)

    def sync(self, vault_id: UUID) -> VaultView:
        """Give the vault as its signed history says, and raise its pins."""
        if vault_id not in self._opened.keyring.keyring.vaults:
            raise NotFound(f"there is no vault {vault_id}")
        try:
            return self._sync(vault_id)
        except KeyMissing:  # another device of the same person may have changed the key
            self._opened.keyring.load()
            return self._sync(vault_id)

    def _sync(self, vault_id: UUID) -> VaultView:
        kept = self._kept.get(vault_id) or self._cached(vault_id)
        answer = self._ask(vault_id, kept)
        if answer.status == NOTHING_NEW:
            if kept is None or not kept.tag:
                raise Broken
            self._check_reached(kept.view)
            return kept.view.copy()
        listing = Listing.of(answer.media)
        view, history, commits = self._moved(vault_id, kept, listing)
        if not self._opened.machine:  # which may not ask for it
            view.audit = self._heard(vault_id, view.audit, listing.audit)
        notice(self._opened.keyring.keyring, view.state, commits)
        self._opened.keyring.raise_pin(view.state, history.passed, view.audit)
        # The tag is of an answer that began at this very view: what it had to say is known.
        same = kept is not None and kept.view.state.seq == view.state.seq
        self._keep(Kept(view, answer.tag if same else ""), rows=not same)
        return view.copy()

    def keep(self, view: VaultView) -> None:
        """Go on from *view*, which one's own commit has moved."""
        self._keep(Kept(view.copy()), rows=True)

    def forget(self) -> None:
        """Keep nothing of this account on the device any more."""
        if self._cache:
            self._cache.forget()

    def vault(self, listed: ListedVault) -> Vault:
        """Open what a list of vaults shows of one."""
        self.certificates.add(listed.idcerts)
        keyring = self._opened.keyring.keyring
        pin = keyring.vaults[listed.vault_id].pin
        # Without a pin its making was interrupted after the server heard of it. A newer name counts
        # by its commit: whoever was of the vault knows an old key, and can seal one.
        if pin is None or pin.seq < listed.profile.seq:
            pin = self._public(listed.vault_id, listed.head)
        return open_vault(listed, pin, keyring, self._opened.keys.user_id)

    def _public(self, vault_id: UUID, head: Head) -> State:
        """Verify the history of a vault without its list, and pin where it leads."""
        history = self._history(vault_id)
        commits = history.follow(head)
        self._check_creator(history)
        keys_of(self._opened, history)
        notice(self._opened.keyring.keyring, history.state, commits)
        self._opened.keyring.raise_pin(history.state, history.passed)
        return history.state

    def _keep(self, kept: Kept, *, rows: bool) -> None:
        self._kept[kept.view.vault_id] = kept
        if self._cache:
            self._cache.keep(kept.view, kept.tag, rows=rows)

    def _cached(self, vault_id: UUID) -> Kept | None:
        """Give what the device kept, if it fits: settled against the pin that it was kept with."""
        cached = self._cache.load(vault_id) if self._cache else None
        anchor = self._opened.keyring.anchors.get(vault_id)
        if cached is None or anchor is None or cached.state.seq > anchor.seq:
            return None
        keys = self._opened.keyring.keyring.vaults[vault_id].keys
        try:
            view = view_of(cached.state, cached.listing, keys)
        except Broken:
            return None
        self._introduce(view.state)
        view.audit = cached.listing.audit
        return Kept(view, cached.tag)

    def _ask(self, vault_id: UUID, kept: Kept | None) -> Answer:
        path = f"/api/keys/vaults/{vault_id}/secrets"
        tag = kept.tag if kept else ""
        if kept is not None:
            path = f"{path}?since={kept.view.state.seq}"
        answer = self._opened.connection.ask("GET", path, tag=tag)
        if answer.status not in {200, NOTHING_NEW}:
            raise refuse(answer)
        return answer

    def _moved(
        self, vault_id: UUID, kept: Kept | None, listing: Listing
    ) -> tuple[VaultView, History, list[Commit]]:
        history = self._history(vault_id, kept.view.copy().state if kept else None)
        commits = history.follow(listing.head)
        self._check_creator(history)
        keyring = self._opened.keyring
        for pin in (keyring.anchors.get(vault_id), keyring.keyring.vaults[vault_id].pin):
            history.check_through(pin)
        keys = keys_of(self._opened, history)
        if kept is None:
            return view_of(history.state, listing, keys), history, commits
        return moved(kept.view, history.state, commits, listing, keys), history, commits

    def _heard(self, vault_id: UUID, seen: AuditPin | None, head: AuditPin) -> AuditPin:
        """Follow the access log from what was seen, through what other devices saw, to *head*."""
        pinned = self._opened.keyring.keyring.vaults[vault_id].audit
        start = seen or pinned
        if start is None:
            return head  # nothing was seen yet that it could be held to
        ends = (head,) if pinned is None or pinned.seq < start.seq else (pinned, head)
        if head.seq < max(end.seq for end in ends):
            raise AuditBroken
        accesses.follow(self._opened.connection, vault_id, start, *ends)
        return head

    def _history(self, vault_id: UUID, state: State | None = None) -> History:
        keyring = self._opened.keyring
        start = state or keyring.anchors.get(vault_id, State(vault_id)).public()
        self._introduce(start)
        own_id = self._opened.keys.user_id
        return History(self._opened.connection, start, self.certificates.find, own_id)

    def _introduce(self, state: State) -> None:
        """Let *state* know one's own certificate: one's own commits are applied to it."""
        own = self._opened.keys.idcert
        member = state.roster.get(own.user_id)
        if member is not None and member.idcert_hash == own.hash:
            state.introduce(own)

    def _check_creator(self, history: History) -> None:
        """A vault that is not pinned yet is one that this person began."""
        own = self._opened.keys.idcert
        if history.creator is not None and history.creator.raw != own.raw:
            raise Unsigned

    def _check_reached(self, view: VaultView) -> None:
        """Refuse to believe that nothing is newer where another device has seen more."""
        keyring, state = self._opened.keyring, view.state
        vault = keyring.keyring.vaults[view.vault_id]
        for pin in (keyring.anchors.get(view.vault_id), vault.pin):
            if pin is not None and pin.seq > state.seq:
                raise Rollback
            if pin is not None and pin.seq == state.seq and pin.head != state.head:
                raise Fork
        if vault.audit is not None and view.audit and vault.audit.seq > view.audit.seq:
            raise AuditBroken
