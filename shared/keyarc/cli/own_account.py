"""``account``: what the server knows of it, its keys, its kit and its end."""

from argparse import Namespace
from dataclasses import asdict

from .. import kdf, new_keys, own_email, profile
from ..client import Client
from ..encoding import b64
from ..entrance import kept_account_key
from ..errors import Refused
from ..login import normal_email
from ..new_keys import NewKeys
from . import kit
from .home import open_client
from .keeping import kept
from .kit import Kit
from .notices import warn_of_recovery
from .proofs import prove
from .terminal import (
    ask_hidden,
    emit,
    new_password,
    note,
    password,
    shown,
    variable,
    when,
)

PRESENT = "Present password:"
OTHERS_ENDED = "Every other session has ended."


def show(arguments: Namespace) -> None:
    """Say what the server knows of the account without a key."""
    client = open_client()
    account, found = client.opened.keyring.account, profile.profile(client.opened.connection)
    if arguments.json:
        texts = {"user_id": str(found.user_id), "salt": b64(found.salt)}
        emit({"server": account.server, **asdict(found), **texts})
        return
    print(f"Address:         {shown(found.email)}")
    print(f"Server:          {account.server}")
    print(f"Made:            {when(found.created_at)}")
    print(f"Recovery code:   of {when(found.recovery_code_at)}")
    print(f"Second factor:   {'asked for at a login' if found.second_factor else 'none'}")
    print(f"Reminders:       {'by mail' if found.reminders else 'no letters'}")
    print(f"Id:              {found.user_id}")
    warn_of_recovery(found)


def change_password(_: Namespace) -> None:
    """Put another password in the place of the present one."""
    client = open_client()
    account_key = _account_key(client)
    present = prove(client, password(PRESENT))
    chosen = new_password("New password (12 characters or more):")
    note("Deriving keys…")
    _send(client, new_keys.prepare_password(client.opened, chosen, account_key), present)
    note(f"Changed the password. {OTHERS_ENDED}")


def change_key(arguments: Namespace) -> None:
    """Make another account key; it is shown, kept and typed back before it counts."""
    kit.check_free(arguments.kit)
    client = open_client()
    present = prove(client)
    _change(arguments, client, new_keys.prepare_account_key(client.opened, present), present)
    note(f"Changed the account key. {OTHERS_ENDED} A kit with the old one is of no use any more.")


def change_recovery_code(arguments: Namespace) -> None:
    """Make another recovery code; it is shown, kept and typed back before it counts."""
    kit.check_free(arguments.kit)
    client = open_client()
    present = prove(client)
    _change(arguments, client, new_keys.prepare_recovery_code(client.opened), present)
    note(f"Changed the recovery code. {OTHERS_ENDED} The old code opens nothing any more.")


def rotate(arguments: Namespace) -> None:
    """Make a new user key and identity, and with them a recovery code."""
    from ..rotation import prepare_rotation  # noqa: PLC0415 - only here

    kit.check_free(arguments.kit)
    client = open_client()
    account_key = _account_key(client)
    present = prove(client)
    note("Making new keys…")
    _change(arguments, client, prepare_rotation(client, present, account_key), present)
    note(f"The account has new keys. {OTHERS_ENDED} The old recovery code opens nothing any more.")


def change_email(arguments: Namespace) -> None:
    """Change the address; with mail it counts once its link was opened."""
    client = open_client()
    address = normal_email(arguments.address)
    prove(client)
    if own_email.change(client.opened, address):
        note(f"The address of the account is {address}. {OTHERS_ENDED}")
    else:
        note(f"A mail to {address} has a link; the address counts once it was opened.")


def write_kit(arguments: Namespace) -> None:
    """Write the Emergency Kit again."""
    kit.check_free(arguments.file)
    client = open_client()
    account_key = _account_key(client)
    prove(client)
    kit.write(arguments.file, _kit(client, account_key, None))
    note(f"Wrote {arguments.file}. Print it, and delete the file.")


def _change(arguments: Namespace, client: Client, new: NewKeys, present: str) -> None:
    pairs = (("Account key", new.account_key), ("Recovery code", new.recovery_code))
    told = {title: text for title, text in pairs if text is not None}
    page = _kit(client, new.account_key or _account_key(client), new.recovery_code)
    with kept(arguments.kit, page, told):
        _send(client, new, present)


def _send(client: Client, new: NewKeys, present: str) -> None:
    """Send it; a proof that got too old while the person wrote is given again."""
    try:
        new.send()
    except Refused as ex:
        if ex.problem != "proof-needed":
            raise
        note("That took longer than a proof lasts.")
        prove(client, present)
        new.send()


def _kit(client: Client, account_key: str, recovery_code: str | None) -> Kit:
    account = client.opened.keyring.account
    return Kit(account.server, account.email, account_key, recovery_code)


def _account_key(client: Client) -> str:
    """Give the account key as it is shown: the device's, else the one that is told."""
    account = client.opened.keyring.account
    kept_here = kept_account_key(client.opened.device, account.server, account.email)
    text = kept_here or variable("KEYARC_ACCOUNT_KEY")
    text = text or ask_hidden("Account key:", "set KEYARC_ACCOUNT_KEY")
    return kdf.show_account_key(kdf.parse_account_key(text))
