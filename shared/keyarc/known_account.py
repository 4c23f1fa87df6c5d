"""What a device that knew an account before holds a login to."""

from dataclasses import replace

from .device import Account, Device
from .encoding import Broken, parse_id, parse_u64, unb64
from .errors import NotLoggedIn, Rollback
from .identity import IdCert, parse_idcert
from .keyring import Keyring
from .login import Unlocked
from .secret_store import secret_store
from .session import DeviceSession


def held_to(device: Device, known: Account, unlocked: Unlocked) -> Unlocked:
    """Give the login with the keyring that what the server gave must follow from.

    That is the one that the device knew, unless the user key was rotated elsewhere since: then the
    new keyring must come from a later rotation by whoever had the keys of before.
    """
    account = unlocked.account
    if parse_u64(account.keyset) < parse_u64(known.keyset):
        raise Rollback
    if not _is_rotated(parse_idcert(unb64(known.idcert)), unlocked.keys.idcert):
        account = replace(account, revision=known.revision, keyring=known.keyring)
        return replace(unlocked, account=account)
    if parse_u64(account.keyset) == parse_u64(known.keyset):
        raise Broken
    if parse_u64(account.revision) <= parse_u64(known.revision):
        raise Rollback
    before = _kept_keyring(device, known)
    if before is not None:
        _keyring(account, unlocked.keys.user_key).check_follows(before)
    return unlocked


def _is_rotated(before: IdCert, now: IdCert) -> bool:
    """Tell whether the certificate is a later one; the next one must be signed by the key before.

    Of those after that the ones between are missing. The login itself proves them: only password
    and account key seal a user key that it opens.
    """
    if now.key_epoch < before.key_epoch:
        raise Rollback
    if now.key_epoch == before.key_epoch + 1:
        parse_idcert(now.raw, previous=before)
    return now.key_epoch > before.key_epoch


def _kept_keyring(device: Device, known: Account) -> Keyring | None:
    """Give the keyring of before, where the session that could open it is still kept."""
    if device.store() is None:
        return None
    try:
        session = DeviceSession(device, secret_store(device)).load()
    except NotLoggedIn:
        return None
    if session is None or session.account != known.name:
        return None
    try:
        return _keyring(known, unb64(session.user_key, 32))
    except Broken:  # a change of keys was interrupted here
        return None


def _keyring(account: Account, user_key: bytes) -> Keyring:
    revision, blob = parse_u64(account.revision), unb64(account.keyring)
    return Keyring.open(user_key, parse_id(account.user_id), revision, blob)
