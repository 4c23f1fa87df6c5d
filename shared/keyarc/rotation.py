"""A new user key and a new identity, for when somebody else may have the old ones.

Who is told of the new certificate, and which vaults are rekeyed, is what the keyring and the
verified histories say. Machines and members read as before: vault keys stay.
"""

import time
from dataclasses import replace

from . import kdf
from .account_keys import Identity, make_user_key
from .client import Client
from .commits import Commit, Rekey, apply, write
from .encoding import b64, parse_u64
from .errors import Conflict
from .keyring import Keyring
from .new_keys import Access, Draft, NewKeys, by_password, by_recovery_code
from .removals import settle_withheld
from .unsettled import Unsettled

KEYS = "/api/account/keys"


def prepare_rotation(client: Client, password: str, account_key: str) -> NewKeys:
    """Make a new user key, identity and recovery code; password and account key stay.

    Afterwards *client* is of no use: go on with ``Client(new_keys.send())``.
    """
    rotation = _Rotation(client, password, kdf.parse_account_key(account_key))
    code = kdf.show_recovery_code(rotation.code)
    return NewKeys(client.opened, KEYS, rotation.draft, recovery_code=code)


class _Rotation:
    """The new keys; what they are to be written into is looked at anew for every sending."""

    def __init__(self, client: Client, password: str, account_key: bytes) -> None:
        self._client = client
        self._opened = client.opened
        self._access = Access(self._opened, password, account_key)
        self.code = kdf.make_recovery_code()
        self._keyset = self._opened.keys.keyset + 1
        old = self._opened.keys.identity
        self._user_key = make_user_key()
        self._identity = Identity.make(old.user_id, old.key_epoch + 1)
        self._idcert = self._identity.idcert(previous=old)

    def draft(self) -> Draft:
        """Give the request, with a commit for every vault as it stands now."""
        commits, keyring = self._rekeyed()
        saved = self._opened.keyring.account
        revision = parse_u64(saved.revision) + 1
        blob = b64(keyring.seal(self._user_key, self._opened.keys.user_id, revision))
        identity = b64(self._identity.seal(self._user_key, self._keyset))
        body = {
            "keyset": str(self._keyset),
            "identity": identity,
            "idcert": b64(self._idcert.raw),
            **by_password(self._access, self._user_key, self._opened, self._keyset),
            **by_recovery_code(self.code, self._user_key, self._opened, self._keyset),
            "keyring": {"replaces": saved.revision, "blob": blob},
            "commits": [_sent(commit) for commit in commits],
        }
        account = replace(
            saved,
            keyset=str(self._keyset),
            identity=identity,
            idcert=b64(self._idcert.raw),
            revision=str(revision),
            keyring=blob,
        )
        unsettled = Unsettled(
            before=account.name,
            account=account,
            salt=b64(self._access.salt),
            user_key=b64(self._user_key),
            account_key=self._access.account_key,
        )
        return Draft(body, unsettled.holds, unsettled)

    def _rekeyed(self) -> tuple[list[Commit], Keyring]:
        """Write the new certificate into every vault; give the keyring with the new heads."""
        client, old = self._client, self._opened.keys.identity
        vaults = client.vaults()
        if client.unmounted:
            raise Conflict(
                "somebody shared a vault with you: take it or refuse it first (keyarc join)"
            )
        if missing := settle_withheld(client)[1]:
            ids = ", ".join(map(str, missing))
            raise Conflict(f"the server does not show all vaults: {ids} would be lost to new keys")
        states = [client.sync(vault.id).state for vault in vaults]
        keyring = Keyring.decode(self._opened.keyring.keyring.encode())
        commits = []
        for state in states:
            commit = write(state, old, time.time_ns() // 1_000_000, (Rekey(self._idcert),))
            apply(state, commit)
            keyring.pin(state)
            commits.append(commit)
        return commits, keyring


def _sent(commit: Commit) -> dict[str, str]:
    return {
        "vault_id": str(commit.vault_id),
        "commit": b64(commit.raw),
        "signature": b64(commit.signature),
    }
