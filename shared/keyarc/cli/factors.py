"""``2fa`` and ``passkey``: what is asked beside the password."""

from argparse import Namespace
from dataclasses import asdict
from typing import Any

from .. import own_factors
from ..client import Client
from ..errors import NotFound, WrongCode
from ..own_factors import Factors, Passkey
from . import qr
from .home import open_client
from .proofs import prove
from .terminal import (
    Usage,
    agree,
    ask,
    emit,
    interactive,
    line_of_input,
    note,
    shown,
    table,
    when,
)

TRIES = 5
TWO_STEPS = "run it with --begin, then with --finish"


def status(arguments: Namespace) -> None:
    """Say what a login asks for."""
    found = own_factors.factors(open_client().opened)
    if arguments.json:
        emit(
            {
                "totp": found.totp,
                "backup_codes": found.backup_codes,
                "passkeys": [_media(one) for one in found.passkeys],
            }
        )
        return
    print(f"Authenticator app:  {'set up' if found.totp else 'none'}")
    print(f"Passkeys:           {len(found.passkeys) or 'none'}")
    print(f"Backup codes left:  {found.backup_codes}")
    if not (found.totp or found.passkeys):
        note("Password and account key are enough to log in: keyarc 2fa on")
    elif not found.backup_codes:
        note("Without app and passkey nobody gets in any more: keyarc 2fa codes")


def turn_on(arguments: Namespace) -> None:
    """Set up an app; it counts once a code of it was right."""
    client = open_client()
    if arguments.finish:
        _finished(arguments, own_factors.finish_totp(client.opened, line_of_input()))
        return
    if not (arguments.begin or interactive()):
        raise Usage(f"there is no terminal to ask on: {TWO_STEPS}")
    prove(client)
    secret = own_factors.begin_totp(client.opened)
    uri = own_factors.totp_uri(secret, client.opened.keyring.account.email)
    if arguments.begin:
        if arguments.json:
            emit({"secret": secret, "uri": uri})
        else:
            print(secret)
        return
    qr.draw(uri)
    note("Scan this with an authenticator app, or type the secret into it:")
    note(f"  {' '.join(secret[at : at + 4] for at in range(0, len(secret), 4))}")
    _finished(arguments, _proved(client))


def _proved(client: Client) -> list[str]:
    for left in reversed(range(TRIES)):
        try:
            return own_factors.finish_totp(client.opened, ask("Code of the app:", TWO_STEPS))
        except WrongCode as ex:
            if not left:
                raise
            note(f"{str(ex).capitalize()}.")
    raise AssertionError


def _finished(arguments: Namespace, codes: list[str]) -> None:
    _tell(arguments, codes)
    note("From now on a login asks for a code of the app.")


def turn_off(arguments: Namespace) -> None:
    """Remove the app."""
    client = open_client()
    found = own_factors.factors(client.opened)
    if not found.totp:
        raise NotFound("there is no authenticator app to remove")
    what = "only the passkeys are" if found.passkeys else "nothing is"
    _agree(arguments, f"Remove the authenticator app? Then {what} asked for beside the password.")
    prove(client)
    own_factors.remove_totp(client.opened)
    note("Removed the authenticator app.")


def new_codes(arguments: Namespace) -> None:
    """Replace the backup codes."""
    client = open_client()
    prove(client)
    _tell(arguments, own_factors.make_backup_codes(client.opened))


def _tell(arguments: Namespace, codes: list[str]) -> None:
    if arguments.json:
        emit({"backup_codes": codes})
    elif codes:
        note("Backup codes. Each works once, in place of a code; keep them apart from this device:")
        print("\n".join(codes))


def list_passkeys(arguments: Namespace) -> None:
    """List the passkeys."""
    found = own_factors.factors(open_client().opened).passkeys
    if arguments.json:
        emit({"passkeys": [_media(one) for one in found]})
    elif found:
        head = ("NAME", "MADE", "LAST USED", "UNLOCKS", "ID")
        table([head, *map(_row, found)])
    else:
        note("There is no passkey; the page makes them, in its settings.")


def remove_passkey(arguments: Namespace) -> None:
    """Remove one passkey."""
    client = open_client()
    found = own_factors.factors(client.opened)
    passkey = own_factors.find_passkey(found, arguments.passkey)
    last = _is_last(found)
    more = " Then nothing is asked for beside the password." if last else ""
    _agree(arguments, f"Remove the passkey {shown(passkey.name)}?{more}")
    prove(client)
    own_factors.remove_passkey(client.opened, passkey)
    note(f"Removed the passkey {shown(passkey.name)}.")


def _is_last(found: Factors) -> bool:
    return not found.totp and len(found.passkeys) == 1


def _agree(arguments: Namespace, question: str) -> None:
    if not (arguments.yes or agree(question, "give --yes")):
        raise Usage("nothing was removed")


def _row(passkey: Passkey) -> tuple[str, ...]:
    used = when(passkey.last_used_at) if passkey.last_used_at else "never"
    unlocks = "yes" if passkey.unlocks else "no"
    return (
        shown(passkey.name),
        when(passkey.created_at),
        used,
        unlocks,
        passkey.credential_id,
    )


def _media(passkey: Passkey) -> dict[str, Any]:
    return asdict(passkey)
