"""The stories of the property, told by the Python client."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.keyarc import (
    members,
    one_time_links,
    open_invitations,
    past,
    reminders,
    removals,
    waiting,
)
from shared.keyarc.changes import Write
from shared.keyarc.client import Client
from shared.keyarc.device import Device
from shared.keyarc.encoding import Broken, parse_u64, unb64
from shared.keyarc.errors import Failure
from shared.keyarc.history import read_log
from shared.keyarc.items import Details, Field, Overview
from shared.keyarc.joining import join, read_link
from shared.keyarc.keyring import Keyring
from shared.keyarc.own_factors import factors
from shared.keyarc.profile import profile
from shared.keyarc.sessions import sessions
from shared.keyarc.uses import uses
from shared.keyarc.vaults import Vault
from shared.keyarc.verification import verify
from tests.evil.told import Refused, opened
from tests.evil.world import CANARY, World
from tests.keyarc_client.conftest import PASSWORD


class Library:
    """The Python client of everybody, on devices as they were before things happened."""

    name = "library"

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: dict[str, Path] = {}
        self._client: Client | None = None
        self.stories: Mapping[str, tuple[str, Callable[[Client], Any]]] = {
            "anew": ("reader", _read),
            "sync": ("reader", _read),
            "past": ("reader", self._past),
            "write": ("reader", self._write),
            "rotate": ("owner", self._rotate),
            "join": ("newcomer", self._join),
            "accept": ("newcomer", self._accept),
            "removed": ("leaver", _removed),
            "rest": ("reader", self._rest),
            "login": ("reader", _names),
        }

    def close(self) -> None:
        """Let the last connection go."""
        if self._client is not None:
            self._client.close()

    def keep(self, *names: str) -> None:
        """Remember what devices know now: from here on they begin each time."""
        for name in names:
            kept = self._world.folder / self.name / name
            shutil.copytree(self._world.people[name].device.home, kept)
            self._kept[name] = kept

    def tell(self, story: str) -> Any:
        """Let a story happen on a device that begins anew; `Refused` for a typed error."""
        name, work = self.stories[story]
        home = self._world.device
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self._kept[name], home)
        if story == "anew":
            shutil.rmtree(home / "cache", ignore_errors=True)
        try:
            self.close()
            self._client = None
            self._client = self._logged_in() if story == "login" else Client.resume(Device(home))
            return work(self._client)
        except Broken as ex:
            raise Refused(type(ex).__name__, alarm=True) from ex
        except Failure as ex:
            raise Refused(type(ex).__name__) from ex

    def again(self) -> None:
        """Ask for the team's vault once more, in the same process."""
        if self._client is not None:
            try:
                self._client.sync(self._world.team)
            except (Broken, Failure) as ex:
                raise Refused(type(ex).__name__) from ex

    def keyring(self, story: str) -> Keyring:
        """Open what the device has kept of the keyring."""
        person = self._world.people[self.stories[story][0]]
        if self._client is None:  # nobody got in: nothing is kept
            return Keyring()
        account = self._client.opened.keyring.account
        keys = person.client.opened.keys
        revision = parse_u64(account.revision)
        return opened(keys.user_key, keys.user_id, revision, unb64(account.keyring))

    def _logged_in(self) -> Client:
        """Log in on a device that knows nothing."""
        reader = self._world.people["reader"]
        return Client.log_in(self._world.evil.url, reader.email, PASSWORD, reader.account_key)

    def _rest(self, client: Client) -> Any:
        """Ask for all that only the server says, open a one-time link, recompute the vault."""
        _vaults(client)
        uses(client, self._world.team)
        reminders.days(client.opened.connection, self._world.team)
        one_time_links.links(client)
        sessions(client.opened)
        factors(client.opened)
        profile(client.opened.connection)
        message = one_time_links.read(self._world.once).message
        report = verify(client, self._world.team)
        if report.purged:
            raise Refused("content is kept back, and told to be purged")
        return repr(report), repr(message)

    def _past(self, client: Client) -> Any:
        _vaults(client)
        log = read_log(client, self._world.team)
        versions = [one for all_ in log.versions.values() for one in all_]
        shown = past.pasts(client, log, versions)
        if any(one.state == past.PURGED for one in shown):
            raise Refused("content is kept back, and told to be purged")
        first = next(one for one in versions if one.put is not None)
        return {
            "changes": [(one.seq, str(one.author_id), repr(one.ops)) for one in log.commits],
            "versions": [
                (str(one.version.secret_id), one.version.number, one.state, repr(one.overview))
                for one in shown
            ],
            "first": repr(past.details_at(client, log, first)),
            "members": [
                (str(one.user_id), one.role.name, one.verified)
                for one in sorted(
                    members.members(client, self._world.team), key=lambda one: one.user_id
                )
            ],
            "invitations": repr(open_invitations.open_invitations(client, self._world.team)),
        }

    def _write(self, client: Client) -> Any:
        _vaults(client)
        details = Details((Field("value", f"{CANARY} e"),))
        view = client.change(self._world.team, lambda _: [Write(Overview(name="E"), details)])
        return view.state.seq, sorted(one.overview.name for one in view.secrets.values())

    def _rotate(self, client: Client) -> Any:
        members.rotate(client, self._world.team)
        vault = client.opened.keyring.keyring.vaults[self._world.team]
        return sorted(vault.keys), sorted(map(str, vault.pin.roster)) if vault.pin else None

    def _join(self, client: Client) -> Any:
        offer = read_link(client, self._world.secret)
        found = offer.invitation
        join(client, offer)
        return str(offer.vault_id), offer.name, found.role.name, found.email

    def _accept(self, client: Client) -> Any:
        found = []
        offers, closed = waiting.waiting(client)
        for ex in closed.values():
            raise ex
        for offer in offers:
            if offer.words != self._world.words:
                raise Refused("the person sees other words")
            waiting.accept(client, offer, compared=True, email=self._world.people["owner"].email)
            found.append((str(offer.vault_id), offer.name, offer.role.name))
        if not found:
            raise Refused("nothing waits")
        return found


def _vaults(client: Client) -> tuple[list[Vault], list[tuple[str, str, int]]]:
    """Give the vaults, and of which this person is out, by whom, when."""
    found = client.vaults()
    gone, kept_back = removals.settle_withheld(client)
    if kept_back or client.keyless:
        raise Refused("a vault is kept back")
    return found, [(str(one.vault_id), str(one.by), one.time_ms) for one in gone]


def _read(client: Client) -> Any:
    """Give every value of every vault."""
    return {vault.name: _contents(client, vault.id) for vault in _vaults(client)[0]}


def _names(client: Client) -> list[str]:
    return [vault.name for vault in _vaults(client)[0]]


def _removed(client: Client) -> Any:
    found, gone = _vaults(client)
    return [vault.name for vault in found], gone


def _contents(client: Client, vault_id: UUID) -> tuple[int, dict[str, str]]:
    view = client.sync(vault_id)
    details = client.details(view, view.secrets)
    values = {one.overview.name: details[one.id].value for one in view.secrets.values()}
    return view.state.seq, values
