"""A person's three ways in: a new account, a login, and the session that a device kept."""

from dataclasses import dataclass

from . import kdf
from .answers import SealedKeyring
from .device import Account, Device
from .encoding import Mistyped, parse_u64, unb64
from .errors import NotLoggedIn
from .http import Transport, normal_server
from .known_account import held_to
from .login import Unlocked, log_in, normal_email, unlock_again
from .second_factors import SecondFactor
from .secret_store import account_key_name, secret_store
from .session import DeviceSession, MemorySession, Renewal, SessionKeeper, refreshed
from .sign_up import NewAccount
from .unsettled import settle

NOBODY = "nobody is logged in on this device: log in first"


@dataclass(frozen=True)
class Entered:
    """An open account; *newest* is the keyring to follow from what the device knew before.

    *renewal* is how its session goes on; a *machine* keeps nothing, and reads.
    """

    transport: Transport
    unlocked: Unlocked
    keeper: SessionKeeper
    device: Device | None
    newest: SealedKeyring | None = None
    account_key: str | None = None
    renewal: Renewal = refreshed
    machine: bool = False

    def keep(self, account: Account) -> None:
        """Remember account, account key and session; called once the login is believed."""
        if self.device is not None and self.account_key is not None:
            secret_store(self.device).put(account_key_name(account.name), self.account_key)
            self.device.remember(account)
        self.keeper.save(self.unlocked.session)


def by_sign_up(account: NewAccount, device: Device | None) -> Entered:
    """Make the account, and log in."""
    with account.transport.closed_on_failure():
        unlocked = account.send()
    return Entered(
        account.transport, unlocked, _keeper(device), device, account_key=account.account_key
    )


def by_login(
    server: str,
    email: str,
    password: str,
    account_key: str | None,
    device: Device | None,
    *,
    second_factor: SecondFactor | None,
    plain_http: bool,
) -> Entered:
    """Log in; what the device knows of the account bounds what is believed."""
    transport, email = Transport(server, plain_http=plain_http), normal_email(email)
    known = device.account(transport.server, email) if device else None
    text = account_key or kept_account_key(device, transport.server, email)
    if text is None:
        raise Mistyped("this device does not have the account key")
    key = kdf.parse_account_key(text)
    user_id = known.user_id if known else None
    with transport.closed_on_failure():
        who = (email, password, key, user_id)
        unlocked = log_in(transport, *who, second_factor=second_factor, plain_http=plain_http)
        account = unlocked.account
        newest = SealedKeyring(parse_u64(account.revision), unb64(account.keyring))
        if device is not None and known is not None:
            unlocked = held_to(device, known, unlocked)
    text = kdf.show_account_key(key)
    return Entered(transport, unlocked, _keeper(device), device, newest, text)


def by_session(device: Device) -> Entered:
    """Go on with the session that the device keeps."""
    account = device.current()
    if account is None or device.store() is None:
        raise NotLoggedIn(NOBODY)
    keeper = DeviceSession(device, secret_store(device))
    session = keeper.load()
    if session is not None and session.unsettled:
        account, session = settle(device, keeper, session)
    if session is None or session.account != account.name:
        raise NotLoggedIn(NOBODY)
    unlocked = Unlocked(account, unlock_again(account, session), session)
    transport = Transport(account.server, plain_http=account.plain_http)
    return Entered(transport, unlocked, keeper, device)


def kept_account_key(device: Device | None, server: str, email: str) -> str | None:
    """Give the account key that the device has, if it has it."""
    if device is None or device.store() is None:
        return None
    name = f"{normal_email(email)} {normal_server(server, plain_http=True)}"
    return secret_store(device).get(account_key_name(name))


def _keeper(device: Device | None) -> SessionKeeper:
    if device is None:
        return MemorySession()
    return DeviceSession(device, secret_store(device))
