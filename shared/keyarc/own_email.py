"""Another address for one's own account; the keys stay, for no key is made of an address."""

from dataclasses import replace

from .encoding import b64
from .entrance import kept_account_key
from .errors import Conflict, Refused
from .new_keys import Draft, NewKeys
from .opened import Opened
from .profile import profile
from .unsettled import Unsettled

PATH = "/api/account/email"


def change(opened: Opened, email: str) -> bool:
    """Change the address, which takes a fresh proof; every other session ends.

    False where the server has sent a link to it, and it counts once that was opened.
    """
    account, keys = opened.keyring.account, opened.keys
    before = profile(opened.connection)
    unsettled = Unsettled(
        before=account.name,
        account=replace(account, email=email),
        salt=b64(before.salt),
        user_key=b64(keys.user_key),
        account_key=kept_account_key(opened.device, account.server, account.email),
    )
    draft = Draft({"email": email}, lambda now: now.email == email, unsettled)
    try:
        NewKeys(opened, PATH, lambda: draft).send()
    except Refused as ex:
        if ex.status == 202:
            return False
        if ex.problem == "account-exists":
            raise Conflict(f"{email} has an account already") from ex
        raise
    return True
