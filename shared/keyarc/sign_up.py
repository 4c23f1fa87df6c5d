"""A new account. The only module that makes keys of people: a server's answer never leads here."""

import os
from uuid import uuid4

from . import kdf
from .account_keys import Identity, make_user_key, wrap_user_key
from .encoding import SUITE, ObjectType, b64
from .errors import Conflict, Unverified
from .http import Transport, refuse
from .keyring import Keyring
from .login import Unlocked, begin_session, normal_email

FIRST = 1  # keyset, key epoch and keyring revision of a new account


class NewAccount:
    """Keys that nobody else knows yet; `send` makes the account of them.

    *account_key* and *recovery_code* are shown once, to be kept by the person.
    """

    def __init__(
        self, transport: Transport, email: str, password: str, *, plain_http: bool
    ) -> None:
        self.email = normal_email(email)
        self.server = transport.server
        self.user_id = uuid4()
        account_key, recovery_code = kdf.make_account_key(), kdf.make_recovery_code()
        self.account_key = kdf.show_account_key(account_key)
        self.recovery_code = kdf.show_recovery_code(recovery_code)
        self.transport = transport
        self._plain_http = plain_http
        self._salt = os.urandom(16)
        stretched = kdf.stretch(password, self._salt)
        self._master_key = kdf.derive_master_key(stretched, account_key, self.user_id)
        self._recovery_key = kdf.derive_recovery_master_key(recovery_code, self.user_id)

    def send(self) -> Unlocked:
        """Make the account, and log in."""
        answer = self.transport.ask("POST", "/auth/accounts", self._body())
        if answer.status == 202:
            raise Unverified(
                f"a mail to {self.email} has a link: open it, then log in with the account key"
            )
        if answer.status == 409:
            raise Conflict(f"there is an account for {self.email} already: log in")
        if answer.status != 201:
            raise refuse(answer)
        return begin_session(
            self.transport,
            self.email,
            self.user_id,
            self._salt,
            self._master_key,
            plain_http=self._plain_http,
        )

    def _body(self) -> dict[str, object]:
        user_id, user_key = self.user_id, make_user_key()
        identity = Identity.make(user_id)
        by_password = wrap_user_key(
            user_key,
            kdf.derive_kek(self._master_key),
            ObjectType.USER_KEY_BY_PASSWORD,
            user_id,
            FIRST,
        )
        by_code = wrap_user_key(
            user_key,
            kdf.derive_kek(self._recovery_key),
            ObjectType.USER_KEY_BY_RECOVERY_CODE,
            user_id,
            FIRST,
        )
        return {
            "user_id": str(user_id),
            "email": self.email,
            "suite": SUITE,
            "salt": b64(self._salt),
            "auth": b64(kdf.derive_auth(self._master_key)),
            "recovery_auth": b64(kdf.derive_auth(self._recovery_key)),
            "user_key": b64(by_password),
            "recovery_user_key": b64(by_code),
            "identity": b64(identity.seal(user_key, FIRST)),
            "idcert": b64(identity.idcert().raw),
            "keyring": b64(Keyring().seal(user_key, user_id, FIRST)),
        }
