"""The client: accounts, vaults and secrets, with everything verified before it is believed."""

import contextlib
import random
import time
from collections.abc import Iterable, Iterator
from typing import Self
from uuid import UUID, uuid4

from . import entrance, reminders
from .answers import ListedVault, items
from .certificates import VAULTS
from .changes import Draft, Plan, send
from .commits import apply
from .device import Device
from .encoding import Broken
from .errors import Altered, Conflict, KeyMissing, NotFound
from .http import Transport, refuse
from .items import Details
from .listings import SealedDetails
from .opened import Opened
from .second_factors import SecondFactor
from .sign_up import NewAccount
from .sync import Moved, VaultView
from .vaults import Beginning, Vault
from .views import Views

REBASES = 40


class Client:
    """One account at one server. Not for several threads at once.

    Methods raise `Failure` or one of its kinds (errors.py), and `Broken` where the server's answer
    is not what was sealed and signed; after that nothing more is sent to that vault. With a
    *device*, account key, session and pins outlive the process.
    """

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self._keys, self._keyring = self.opened.keys, self.opened.keyring
        self._connection = self.opened.connection
        self.views = Views(opened)
        self.unmounted: dict[UUID, ListedVault] = {}
        self.keyless: list[UUID] = []
        self._listed: set[UUID] = set()
        self._halted: set[UUID | None] = set()

    @staticmethod
    def prepare_sign_up(
        server: str, email: str, password: str, *, plain_http: bool = False
    ) -> NewAccount:
        """Make the keys of a new account; `sign_up` sends them once they were shown and kept."""
        transport = Transport(server, plain_http=plain_http)
        return NewAccount(transport, email, password, plain_http=plain_http)

    @classmethod
    def sign_up(cls, account: NewAccount, device: Device | None = None) -> Self:
        """Make the account, and log in."""
        return cls._begin(entrance.by_sign_up(account, device))

    @classmethod
    def log_in(
        cls,
        server: str,
        email: str,
        password: str,
        account_key: str | None = None,
        *,
        device: Device | None = None,
        second_factor: SecondFactor | None = None,
        plain_http: bool = False,
    ) -> Self:
        """Log in with the account key as it is shown, or without it where *device* has it.

        *second_factor* gives a code where the server asks for one (second_factors.py).
        """
        who, second = (server, email, password, account_key, device), second_factor
        return cls._begin(entrance.by_login(*who, second_factor=second, plain_http=plain_http))

    @classmethod
    def resume(cls, device: Device) -> Self:
        """Go on with the session that *device* keeps."""
        return cls(Opened.of(entrance.by_session(device)))

    @classmethod
    def _begin(cls, entered: entrance.Entered) -> Self:
        with entered.transport.closed_on_failure():
            client = cls(Opened.of(entered))
            if entered.newest is not None:
                client._keyring.adopt(entered.newest)
            entered.keep(client._keyring.account)
        return client

    def log_out(self) -> None:
        """End the session; a device keeps the account key, and no vault."""
        self.views.forget()
        self._connection.log_out()

    def close(self) -> None:
        """Let the connection go; the session stays."""
        self._connection.transport.close()

    def check(self) -> None:
        """Raise `NotLoggedIn` where the session has ended."""
        self._connection.get("/api/account/profile")

    def vaults(self) -> list[Vault]:
        """Give the vaults of this account, as the server lists them.

        ``unmounted`` are those that wait for a yes (waiting.py), ``keyless`` those whose new key
        has not come.
        """
        with self.guard(None):
            self._keyring.load()
            listed = items(self._connection.get(VAULTS), "items", ListedVault.of)
            self._listed = {one.vault_id for one in listed}
            if len(self._listed) != len(listed):
                raise Broken
        mounted = self._keyring.keyring.mounted()
        self.unmounted = {one.vault_id: one for one in listed if one.vault_id not in mounted}
        self.keyless = []
        opened = (self._open(one) for one in listed if one.vault_id in mounted)
        return [vault for vault in opened if vault]

    @property
    def withheld(self) -> list[UUID]:
        """Vaults that `vaults` did not see: one was removed (removals.py), or it is kept back."""
        known = self._keyring.keyring.vaults.items()
        return [
            one for one, vault in known if vault.pin and not vault.left and one not in self._listed
        ]

    def vault(self, name: str) -> Vault:
        """Give the vault of that id or, if only one has it, that name."""
        vaults = self.vaults()
        found = [one for one in vaults if str(one.id) == name]
        found = found or [one for one in vaults if one.name == name]
        if not found:
            lost = self.withheld or self.keyless
            hint = "; one that you have is not open to you: keyarc vault ls tells why"
            raise NotFound(f"there is no vault {name}{hint if lost else ''}")
        if len(found) > 1:
            ids = ", ".join(str(one.id) for one in found)
            raise Conflict(f"{name} means several vaults: give one of the ids {ids}")
        return found[0]

    def create_vault(self, name: str, description: str = "", icon: str = "") -> UUID:
        """Make a vault; its key is in the keyring before the server hears of it."""
        new = Beginning(self._keys.identity, name, description, icon, uuid4())
        with self.guard(None):
            self._keyring.keyring.add_vault_key(new.vault_id, 1, new.key)
            self._keyring.save()
            answer = self._connection.ask("POST", VAULTS, new.body)
            # 409: the first sending arrived and its answer was lost; nobody else has this id.
            if answer.status not in {201, 409}:
                raise refuse(answer)
            apply(new.state, new.commit)
            self._keyring.pin(new.state)
            self._keyring.save()
        return new.vault_id

    def sync(self, vault_id: UUID) -> VaultView:
        """Give the vault as its signed history says, and raise its pin."""
        with self.guard(vault_id):
            return self.views.sync(vault_id)

    def details(
        self, view: VaultView, secret_ids: Iterable[UUID], purpose: str = "read"
    ) -> dict[UUID, Details]:
        """Give the values of secrets; *view* is synced again where they are newer than it.

        The access log tells the *purpose*: read, run (for a program) or export (for a copy).
        """
        wanted = list(secret_ids)
        for _ in range(REBASES):
            try:
                with self.guard(view.vault_id):
                    sealed = self._read(view.vault_id, wanted, purpose)
                    if sorted(one.secret_id for one in sealed) != sorted(wanted):
                        raise Broken
                    return {one.secret_id: view.open_details(one) for one in sealed}
            except Moved as ex:
                self._catch_up(view, ex)
            if not view.secrets.keys() >= set(wanted):
                raise NotFound("the secret was removed just now")
        raise Conflict("others keep changing this vault: try again")

    def _catch_up(self, view: VaultView, ahead: Moved) -> None:
        """Sync *view*, in which there must now be the version that the server gave too early."""
        view.become(self.sync(view.vault_id))
        with self.guard(view.vault_id):
            secret = view.secrets.get(ahead.secret_id)
            if secret is not None and secret.put.version < ahead.version:
                raise Altered

    def change(self, vault_id: UUID, plan: Plan) -> VaultView:
        """Make the edits of *plan* as one commit.

        *plan* is asked again on what others wrote in between; without edits nothing is sent.
        """
        sent: dict[bytes, Draft] = {}
        for attempt in range(REBASES):
            view = self.sync(vault_id)
            for known in sent.keys() & set(self._keyring.seen.get(vault_id, {}).values()):
                # the answer was lost, the commit was not
                reminders.tell(self._connection, vault_id, sent[known].reminders)
                return view
            edits = plan(view)
            if not edits:
                return view
            draft = Draft(view, self._keys.identity, edits)
            sent[draft.commit.hash] = draft
            with self.guard(vault_id):
                if send(self._connection, draft):
                    passed = {draft.commit.seq: draft.commit.hash}
                    self._keyring.raise_pin(view.state, passed)
                    self.views.keep(view)
                    reminders.tell(self._connection, vault_id, draft.reminders)
                    return view
            time.sleep(random.uniform(0, 0.02 * (attempt + 1)))  # noqa: S311 - only spreads writers
        raise Conflict("others keep changing this vault: try again")

    def _read(self, vault_id: UUID, wanted: list[UUID], purpose: str) -> list[SealedDetails]:
        path = f"/api/keys/vaults/{vault_id}/secrets"
        if len(wanted) == 1 and purpose == "read":
            return [SealedDetails.of(self._connection.get(f"{path}/{wanted[0]}"))]
        body = {"secret_ids": [str(one) for one in wanted], "purpose": purpose}
        media = self._connection.post(f"{path}/read", body, status=200) if wanted else {"items": []}
        return items(media, "items", SealedDetails.of)

    def _open(self, listed: ListedVault) -> Vault | None:
        with self.guard(listed.vault_id), contextlib.suppress(KeyMissing):
            return self.views.vault(listed)
        self.keyless.append(listed.vault_id)
        return None

    @contextlib.contextmanager
    def guard(self, vault_id: UUID | None) -> Iterator[None]:
        """Send nothing more to a vault, or with None to any, once something of it was broken."""
        if self._halted & {vault_id, None}:
            raise Broken
        try:
            yield
        except KeyMissing:
            raise  # nothing was altered: the key may come
        except Broken:
            self._halted.add(vault_id)
            raise
