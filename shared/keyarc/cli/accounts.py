"""``signup``, ``login``, ``logout`` and ``status``."""

from argparse import Namespace

from ..client import Client
from ..device import Device
from ..entrance import kept_account_key
from ..errors import NotLoggedIn, Unreachable
from ..sign_up import NewAccount
from ..warm import warm
from . import kit
from .home import device, open_client
from .proofs import ask_code
from .terminal import (
    Usage,
    ask,
    ask_hidden,
    emit,
    interactive,
    note,
    password,
    required,
    shown,
    variable,
)

STORES = {None: "no store yet", "file": "secrets.json there", "system": "the system's key store"}


def sign_up(arguments: Namespace) -> None:
    """Make an account, show what must be kept, and begin a session."""
    server, email = _who(arguments)
    kit.check_free(arguments.kit)
    chosen = password("Choose a password (12 characters or more):")
    if interactive() and variable("KEYARC_PASSWORD") is None and password("Again:") != chosen:
        raise Usage("the two passwords differ")
    note("Deriving keys…")
    account = Client.prepare_sign_up(server, email, chosen, plain_http=arguments.plain_http)
    _show(account)
    written = kit.write(arguments.kit, account)
    try:
        if interactive():
            _prove(account)
        Client.sign_up(account, device())
    except BaseException:
        # Without the account the kit is worth nothing, and would stand in the way of the next try.
        if written is not None:
            written.unlink(missing_ok=True)
        raise
    note(f"Account made and logged in as {account.email}.")


def _show(account: NewAccount) -> None:
    print(f"Account key:    {account.account_key}")
    print(f"Recovery code:  {account.recovery_code}")
    note(
        "Keep both apart from this device. The account key is needed, with the password, to log in"
        "\non another device; the recovery code when the password is lost. Nobody can reset them."
    )


def _prove(account: NewAccount) -> None:
    """Have parts typed back: what was not written down is found out now."""
    for name, text in (("account key", account.account_key), ("code", account.recovery_code)):
        last = text.rsplit("-", 1)[1]
        for left in reversed(range(3)):
            typed = ask(f"Type the last group of the {name}:", "run without a terminal")
            if typed.upper() == last:
                break
            if not left:
                raise Usage(f"that is not the last group of the {name}; nothing was sent")
            note("That is not it.")


def log_in(arguments: Namespace) -> None:
    """Begin a session; the account key comes from this device where it knows the account."""
    server, email = _who(arguments)
    here = device()
    warm(server, plain_http=arguments.plain_http)
    chosen = password()
    account_key = variable("KEYARC_ACCOUNT_KEY")
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
    here: Device = device()
    account = here.current()
    logged_in = _alive()
    media = {
        "server": account.server if account else None,
        "email": account.email if account else None,
        "home": str(here.home),
        "secrets_kept_in": here.store(),
        "logged_in": logged_in,
    }
    if arguments.json:
        emit(media)
    elif account is None:
        print("No account is known on this device.")
    else:
        word = "logged in" if logged_in else "not logged in"
        print(f"{shown(account.email)} at {account.server}: {word}")
        print(f"State in {here.home}, account key and session in {STORES[here.store()]}")
    return 0 if logged_in else 3


def _alive() -> bool:
    try:
        open_client().check()
    except NotLoggedIn:
        return False
    return True


def _who(arguments: Namespace) -> tuple[str, str]:
    server = required(arguments.server, "--server", "KEYARC_SERVER")
    return server, required(arguments.email, "--email", "KEYARC_EMAIL")
