"""A change of keys that was sent, and whose answer this device may never see.

It is kept beside the session before it is sent. Whoever opens the session next asks the server
which keys hold now, and takes the new ones or forgets them: both sets are complete at any time.
"""

import json
import time
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from typing import Self

from .device import Account, Device
from .encoding import Broken, b64, strict_json
from .errors import NotLoggedIn
from .http import Transport
from .profile import Profile, profile
from .secret_store import account_key_name, secret_store
from .session import Connection, Session, SessionKeeper

ON_ITS_WAY_SECONDS = 300  # a request that has not arrived by then carries a proof too old


@dataclass(frozen=True, slots=True)
class Unsettled:
    """What the device will need: the account as it will be known, and the keys to it.

    *account_key* is None where it stays what it is; *before* is the account's name until now.
    """

    before: str
    account: Account
    salt: str
    user_key: str = field(repr=False)
    account_key: str | None = field(repr=False)
    made_at: int = field(default_factory=lambda: int(time.time()))

    def encode(self) -> str:
        """Give it as text."""
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, text: str) -> Self:
        """Read what `encode` gave."""
        try:
            media = strict_json(text)
            return cls(**{**media, "account": Account(**media["account"])})
        except (Broken, KeyError, TypeError) as ex:
            raise NotLoggedIn("the session kept here cannot be read: log in again") from ex

    def holds(self, now: Profile) -> bool:
        """Tell whether the server has made the change: nobody else makes the same salt."""
        return (b64(now.salt), now.email) == (self.salt, self.account.email)


def settle(device: Device, keeper: SessionKeeper, session: Session) -> tuple[Account, Session]:
    """Take a change that was made, or leave everything as it is; give what holds now."""
    unsettled = Unsettled.decode(session.unsettled)
    known = unsettled.account
    with closing(Transport(known.server, plain_http=known.plain_http)) as transport:
        connection = Connection(transport, keeper, session)
        if unsettled.holds(profile(connection)):
            return take(connection, device, unsettled), _kept(keeper)
        if time.time() - unsettled.made_at > ON_ITS_WAY_SECONDS:
            connection.keep(unsettled="")
    account = device.current()
    if account is None:
        raise NotLoggedIn("nobody is logged in on this device: log in first")
    return account, _kept(keeper)


def take(connection: Connection, device: Device | None, unsettled: Unsettled) -> Account:
    """Keep what the change made; whenever this is interrupted, it can be done again."""
    account = unsettled.account
    if device is not None:
        account = _newest(device, unsettled)
        device.remember(account)
        if unsettled.account_key is not None:
            secret_store(device).put(account_key_name(account.name), unsettled.account_key)
    connection.keep(account=account.name, user_key=unsettled.user_key, unsettled="")
    if device is not None and unsettled.before != account.name:
        secret_store(device).remove(account_key_name(unsettled.before))
        device.forget(unsettled.before)
    return account


def _newest(device: Device, unsettled: Unsettled) -> Account:
    """Prefer a keyring that another process of this device saved since."""
    account = unsettled.account
    known = device.named(account.name) or device.named(unsettled.before)
    if known is None or int(known.revision) <= int(account.revision):
        return account
    return replace(account, revision=known.revision, keyring=known.keyring)


def _kept(keeper: SessionKeeper) -> Session:
    session = keeper.load()
    if session is None:
        raise NotLoggedIn("this device was logged out: log in again")
    return session
