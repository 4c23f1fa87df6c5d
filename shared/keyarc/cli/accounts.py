"""``signup``, ``login``, ``logout`` and ``status``."""

from argparse import Namespace
from dataclasses import asdict

from ..client import Client
from ..device import Device
from ..entrance import kept_account_key
from ..errors import NotLoggedIn, Unreachable, Unverified
from ..profile import Profile, profile
from ..warm import warm
from . import kit
from .home import by_token, device, open_client, open_reader
from .keeping import kept
from .kit import Kit
from .notices import warn_of_recovery
from .proofs import ask_code
from .terminal import (
    ask_hidden,
    emit,
    new_password,
    note,
    password,
    required,
    shown,
    variable,
)

KEEP = """\
Keep both apart from this device. The account key is needed, with the password, to log in on another
device; the recovery code when the password is lost. Nobody can reset them."""
STORES = {None: "no store yet", "file": "secrets.json there", "system": "the system's key store"}


def sign_up(arguments: Namespace) -> None:
    """Make an account, show what must be kept, and begin a session."""
    server, email = _who(arguments)
    kit.check_free(arguments.kit)
    chosen = new_password("Choose a password (12 characters or more):", "KEYARC_PASSWORD")
    note("Deriving keys…")
    account = Client.prepare_sign_up(server, email, chosen, plain_http=arguments.plain_http)
    new = {"Account key": account.account_key, "Recovery code": account.recovery_code}
    page = Kit(account.server, account.email, account.account_key, account.recovery_code)
    note(KEEP)
    with kept(arguments.kit, page, new):
        try:
            Client.sign_up(account, device())
        except Unverified as ex:
            note(f"{ex}.")
            return
    note(f"Account made and logged in as {account.email}.")


def log_in(arguments: Namespace) -> None:
    """Begin a session; the account key comes from this device where it knows the account."""
    server, email = _who(arguments)
    here = device()
    warm(server, plain_http=arguments.plain_http)
    chosen = password()
    account_key = variable("KEYARC_ACCOUNT_KEY")
    if arguments.approve:
        from .devices import ask_for_account_key  # noqa: PLC0415 - only here

        account_key = ask_for_account_key(server, email, here, plain_http=arguments.plain_http)
    if account_key is None and kept_account_key(here, server, email) is None:
        account_key = ask_hidden("Account key:", "set KEYARC_ACCOUNT_KEY")
    Client.log_in(
        server,
        email,
        chosen,
        account_key,
        device=here,
        second_factor=ask_code,
        plain_http=arguments.plain_http,
    )
    note(f"Logged in as {email}.")


def log_out(_: Namespace) -> None:
    """End the session; without one there is nothing to do."""
    try:
        client = open_client()
    except NotLoggedIn:
        note("Nobody was logged in.")
        return
    try:
        client.log_out()
    except Unreachable as ex:
        raise Unreachable(f"logged out on this device only, since {ex}") from ex
    note("Logged out. The account key stays on this device.")


def status(arguments: Namespace) -> int:
    """Say who is logged in where; 3 where nobody is."""
    if by_token():
        return _status_of_machine(arguments)
    here: Device = device()
    found = _profile()
    account, logged_in = here.current(), found is not None
    media = {
        "server": account.server if account else None,
        "email": account.email if account else None,
        "home": str(here.home),
        "secrets_kept_in": here.store(),
        "logged_in": logged_in,
        "recovery": asdict(found.recovery) if found and found.recovery else None,
    }
    if arguments.json:
        emit(media)
    elif account is None:
        print("No account is known on this device.")
    else:
        word = "logged in" if logged_in else "not logged in"
        print(f"{shown(account.email)} at {account.server}: {word}")
        print(f"State in {here.home}, account key and session in {STORES[here.store()]}")
    if found is not None:
        warn_of_recovery(found)
    return 0 if logged_in else 3


def _status_of_machine(arguments: Namespace) -> int:
    client = open_reader()
    client.check()
    account = client.opened.keyring.account
    if arguments.json:
        emit({"server": account.server, "machine": account.email, "logged_in": True})
    else:
        print(f"The machine {shown(account.email)} at {account.server}: its token works")
    return 0


def _profile() -> Profile | None:
    """Ask the server for the account; None where nobody is logged in."""
    try:
        return profile(open_client().opened.connection)
    except NotLoggedIn:
        return None


def _who(arguments: Namespace) -> tuple[str, str]:
    server = required(arguments.server, "--server", "KEYARC_SERVER")
    return server, required(arguments.email, "--email", "KEYARC_EMAIL")
