"""Other keys for an account that is open: made and shown first, then sent in one request.

Nothing is encrypted to anybody whom a server names: the user key is sealed under the password and
account key and under the recovery code that the person has, and under nothing else.

At every instant either the old keys or the new ones open the whole account. What this device needs
of the new ones is kept before they are sent (unsettled.py).
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import kdf
from .account_keys import wrap_user_key
from .encoding import ObjectType, b64
from .errors import Conflict, Unreachable
from .http import Answer, refuse
from .opened import Opened
from .profile import Profile, profile
from .unsettled import Unsettled, take

PASSWORD = "/api/account/password"  # noqa: S105 - a path
RECOVERY = "/api/account/recovery"
TRIES = 10
OVERTAKEN = {"stale-head", "stale-revision"}
ELSEWHERE = "the keys of this account were changed elsewhere: log in again"
BUSY = "others keep changing a vault or the keyring: try again"


@dataclass(frozen=True)
class Draft:
    """One request: how to tell that it was carried out, and what the device must keep for it."""

    body: Mapping[str, Any]
    done: Callable[[Profile], bool]
    unsettled: Unsettled | None = None


class NewKeys:
    """Keys that nobody else knows yet; `send` makes them the account's.

    What of *account_key* and *recovery_code* is not None is new: show it to the person, and let
    them keep it, before `send`. Every other session of the account ends with that.
    """

    def __init__(
        self,
        opened: Opened,
        path: str,
        draft: Callable[[], Draft],
        *,
        account_key: str | None = None,
        recovery_code: str | None = None,
    ) -> None:
        self.account_key = account_key
        self.recovery_code = recovery_code
        self._opened = opened
        self._path = path
        self._draft = draft
        self._lost: Draft | None = None

    def send(self) -> Opened:
        """Make them the account's, which takes a fresh proof; give the account as it then is.

        Raises `Refused` with ``proof-needed`` where there is no such proof, `Conflict` where
        another device changed the keys first, `Unreachable` where it is not known what became of
        them: then the device settles it as soon as it reaches the server again.
        """
        for _ in range(TRIES):
            draft = self._lost or self._draft()  # what may yet arrive is sent again as it was
            if draft.unsettled is not None:
                self._opened.connection.keep(unsettled=draft.unsettled.encode())
            if self._made(draft):
                return self._reopened(draft)
        raise Conflict(BUSY)

    def _made(self, draft: Draft) -> bool:
        """Send it; False where others wrote in between, and it must be made anew."""
        connection, lost, self._lost = self._opened.connection, None, draft
        try:
            answer = connection.ask("PUT", self._path, dict(draft.body))
        except Unreachable as ex:
            lost = ex
        else:
            if answer.status == 200:
                return True
        if draft.done(profile(connection)):
            return True  # an earlier sending arrived, and its answer was lost
        if lost is not None:
            raise lost
        self._lost = None
        if answer.problem in OVERTAKEN:
            return False
        if draft.unsettled is not None:
            connection.keep(unsettled="")
        raise _refusal(answer)

    def _reopened(self, draft: Draft) -> Opened:
        opened, unsettled = self._opened, draft.unsettled
        if unsettled is None:
            return opened
        account = take(opened.connection, opened.device, unsettled)
        return opened.renewed(account, unsettled.user_key)


def prepare_password(opened: Opened, password: str, account_key: str) -> NewKeys:
    """Make what another password takes; *account_key* (as it is shown) stays what it is."""
    return NewKeys(opened, PASSWORD, _access(opened, password, kdf.parse_account_key(account_key)))


def prepare_account_key(opened: Opened, password: str) -> NewKeys:
    """Make another account key; *password* stays, so it must be the one that was just proved."""
    account_key = kdf.make_account_key()
    shown = kdf.show_account_key(account_key)
    return NewKeys(opened, PASSWORD, _access(opened, password, account_key), account_key=shown)


def prepare_recovery_code(opened: Opened) -> NewKeys:
    """Make another recovery code; other sessions end, the other keys stay."""
    keys, code = opened.keys, kdf.make_recovery_code()
    before = profile(opened.connection)
    # Whoever else makes one ends this session, and then nothing can be asked.
    draft = Draft(
        {"keyset": str(keys.keyset), **by_recovery_code(code, keys.user_key, opened, keys.keyset)},
        lambda now: now.recovery_code_at != before.recovery_code_at,
    )
    return NewKeys(opened, RECOVERY, lambda: draft, recovery_code=kdf.show_recovery_code(code))


def by_password(access: "Access", user_key: bytes, opened: Opened, keyset: int) -> dict[str, Any]:
    """Give what of a request lets the password open *user_key*."""
    kind = ObjectType.USER_KEY_BY_PASSWORD
    kek = kdf.derive_kek(access.master_key)
    return {
        "salt": b64(access.salt),
        "auth": b64(kdf.derive_auth(access.master_key)),
        "user_key": b64(wrap_user_key(user_key, kek, kind, opened.keys.user_id, keyset)),
    }


def by_recovery_code(code: bytes, user_key: bytes, opened: Opened, keyset: int) -> dict[str, Any]:
    """Give what of a request lets the recovery code open *user_key*."""
    user_id, kind = opened.keys.user_id, ObjectType.USER_KEY_BY_RECOVERY_CODE
    master_key = kdf.derive_recovery_master_key(code, user_id)
    wrapped = wrap_user_key(user_key, kdf.derive_kek(master_key), kind, user_id, keyset)
    return {"recovery_auth": b64(kdf.derive_auth(master_key)), "recovery_user_key": b64(wrapped)}


class Access:
    """Password and account key with a salt of their own, and what they come to."""

    def __init__(self, opened: Opened, password: str, account_key: bytes) -> None:
        self.salt = os.urandom(16)
        stretched = kdf.stretch(password, self.salt)
        self.master_key = kdf.derive_master_key(stretched, account_key, opened.keys.user_id)
        self.account_key = kdf.show_account_key(account_key)


def _access(opened: Opened, password: str, account_key: bytes) -> Callable[[], Draft]:
    keys, keyset = opened.keys, opened.keys.keyset + 1
    access = Access(opened, password, account_key)
    identity = b64(keys.identity.seal(keys.user_key, keyset))
    body = {
        "keyset": str(keyset),
        "identity": identity,
        **by_password(access, keys.user_key, opened, keyset),
    }

    def draft() -> Draft:
        account = replace(opened.keyring.account, keyset=str(keyset), identity=identity)
        unsettled = Unsettled(
            before=account.name,
            account=account,
            salt=b64(access.salt),
            user_key=b64(keys.user_key),
            account_key=access.account_key,
        )
        return Draft(body, unsettled.holds, unsettled)

    return draft


def _refusal(answer: Answer) -> Exception:
    return Conflict(ELSEWHERE) if answer.problem == "stale-keyset" else refuse(answer)
