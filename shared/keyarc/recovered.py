"""Other keys of access for an account that its recovery code opened."""

import os

from . import kdf
from .account_keys import wrap_user_key
from .answers import Login, SealedKeyring
from .device import Device
from .encoding import Broken, ObjectType, b64, parse_u64, unb64
from .entrance import Entered
from .errors import ChallengeEnded, Conflict, Unreachable, WrongCredentials
from .http import Answer, Transport, refuse
from .known_account import held_to
from .login import Unlocked, begin_session, this_device, unlock
from .opened import Opened
from .recovery import OVER, Recovered
from .second_factors import SecondFactor
from .secret_store import secret_store
from .session import DeviceSession, MemorySession

FINISH = "/auth/recovery/finish"
TRIES = 2


class NewAccess:
    """A password's, an account key's and a recovery code's keys; nobody else knows them yet.

    *account_key* and *recovery_code* are shown once, and kept by the person before `send`.
    """

    def __init__(self, recovered: Recovered, password: str) -> None:
        account_key, recovery_code = kdf.make_account_key(), kdf.make_recovery_code()
        self.account_key = kdf.show_account_key(account_key)
        self.recovery_code = kdf.show_recovery_code(recovery_code)
        self._recovered = recovered
        self._keyset = recovered.keys.keyset + 1
        self._salt = os.urandom(16)
        user_id = recovered.keys.user_id
        stretched = kdf.stretch(password, self._salt)
        self._master_key = kdf.derive_master_key(stretched, account_key, user_id)
        self._recovery_key = kdf.derive_recovery_master_key(recovery_code, user_id)

    def send(
        self,
        transport: Transport,
        device: Device | None = None,
        second_factor: SecondFactor | None = None,
    ) -> Opened:
        """Make them the account's, and go on with the session that comes of it.

        Every other session, and the old password, account key and recovery code end with that. An
        answer that got lost is found out by a login, which may ask for the *second_factor*.
        """
        recovery = self._recovered.recovery
        with transport.closed_on_failure():
            answer = self._sent(transport)
            if answer.problem == "challenge-ended":
                unlocked = self._logged_in(transport, second_factor)
            elif answer.status == 201:
                login = Login.of(answer.media)
                if (login.user_id, login.salt) != (self._recovered.keys.user_id, self._salt):
                    raise Broken
                who = (recovery.server, recovery.email, login, self._master_key)
                unlocked = unlock(*who, plain_http=recovery.plain_http)
            elif answer.problem == "stale-keyset":
                raise Conflict("the keys of this account were changed elsewhere: begin again")
            else:
                raise refuse(answer)
            return self._kept(transport, unlocked, device)

    def _sent(self, transport: Transport) -> Answer:
        body = self._body()
        try:
            return transport.ask("POST", FINISH, body)
        except Unreachable:
            return transport.ask("POST", FINISH, body)  # carried out once at most

    def _logged_in(self, transport: Transport, second_factor: SecondFactor | None) -> Unlocked:
        """Tell a recovery whose answer got lost from one that was stopped."""
        recovery = self._recovered.recovery
        try:
            return begin_session(
                transport,
                recovery.email,
                self._recovered.keys.user_id,
                self._salt,
                self._master_key,
                second_factor=second_factor,
                plain_http=recovery.plain_http,
            )
        except WrongCredentials as ex:
            raise ChallengeEnded(OVER) from ex

    def _kept(self, transport: Transport, unlocked: Unlocked, device: Device | None) -> Opened:
        """Remember the session, once it is that of the account that was opened before."""
        before, now = self._recovered.keys, unlocked.keys
        if (now.user_key, now.idcert, now.keyset) != (before.user_key, before.idcert, self._keyset):
            raise Broken
        account = unlocked.account
        newest = SealedKeyring(parse_u64(account.revision), unb64(account.keyring))
        known = device.account(account.server, account.email) if device else None
        keeper = MemorySession() if device is None else DeviceSession(device, secret_store(device))
        if device is not None and known is not None:
            unlocked = held_to(device, known, unlocked)
        entered = Entered(transport, unlocked, keeper, device, newest, self.account_key)
        opened = Opened.of(entered)
        opened.keyring.adopt(newest)
        entered.keep(opened.keyring.account)
        return opened

    def _body(self) -> dict[str, object]:
        keys, keyset = self._recovered.keys, self._keyset
        return {
            "recovery": self._recovered.recovery.token,
            "recovery_auth": self._recovered.auth,
            "keyset": str(keyset),
            "salt": b64(self._salt),
            "auth": b64(kdf.derive_auth(self._master_key)),
            "user_key": self._wrapped(self._master_key, ObjectType.USER_KEY_BY_PASSWORD),
            "identity": b64(keys.identity.seal(keys.user_key, keyset)),
            "new_recovery_auth": b64(kdf.derive_auth(self._recovery_key)),
            "recovery_user_key": self._wrapped(
                self._recovery_key, ObjectType.USER_KEY_BY_RECOVERY_CODE
            ),
            "device": this_device(),
        }

    def _wrapped(self, master_key: bytes, kind: ObjectType) -> str:
        keys, kek = self._recovered.keys, kdf.derive_kek(master_key)
        return b64(wrap_user_key(keys.user_key, kek, kind, keys.user_id, self._keyset))
