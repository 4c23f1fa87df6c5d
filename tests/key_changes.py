"""Changes of keys as a client sends them, with real keys that really open."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from falcon.testing import Result

from shared.keyarc import kdf
from shared.keyarc.account_keys import Identity, wrap_user_key
from shared.keyarc.commits import Rekey
from shared.keyarc.encoding import ObjectType, b64
from shared.keyarc.keyring import Keyring
from tests import vaults
from tests.factories import BY_CODE, BY_PASSWORD, Person
from tests.machine_tokens import sent
from tests.second_factors import Guarded
from tests.vaults import Vault


@dataclass(frozen=True)
class Change:
    """A request that gives an account other keys, and the person who has them."""

    path: str
    body: dict[str, Any]
    after: Person

    def send(self, guarded: Guarded, **different: Any) -> Result:
        """Ask for it without a proof."""
        return guarded.ask("PUT", self.path, json=self.body | different)


def password(person: Person, _vaults: Sequence[Vault] = (), keyset: int = 2) -> Change:
    """Return another password or account key: the server cannot tell which."""
    after = replace(person, salt=os.urandom(16), master_key=os.urandom(32))
    body = {"keyset": str(keyset), **_access(after, keyset)}
    return Change("password", body, after)


def recovery(person: Person, _vaults: Sequence[Vault] = (), keyset: int = 1) -> Change:
    """Return another recovery code."""
    after = replace(person, recovery_key=os.urandom(32))
    return Change("recovery", {"keyset": str(keyset), **_recovery(after, keyset)}, after)


def keys(person: Person, rekeyed: Sequence[Vault] = (), keyset: int = 2) -> Change:
    """Return a rotation: every key is another, and every vault learns of it."""
    old = person.identity
    after = Person(email=person.email, identity=Identity.make(old.user_id, old.key_epoch + 1))
    idcert = after.identity.idcert(previous=old)
    keyring = Keyring().seal(after.user_key, after.user_id, 2)
    body = {
        "keyset": str(keyset),
        "idcert": b64(idcert.raw),
        "keyring": {"replaces": "1", "blob": b64(keyring)},
        "commits": [sent(vault.commit([Rekey(idcert)])) for vault in rekeyed],
        **_access(after, keyset),
        **_recovery(after, keyset),
    }
    return Change("keys", body, after)


def email(person: Person, _vaults: Sequence[Vault] = (), keyset: int = 1) -> Change:
    """Return another address, which no key depends on."""
    after = replace(person, email=f"{os.urandom(8).hex()}-{keyset}@example.com")
    return Change("email", {"email": after.email}, after)


Make = Callable[..., Change]
CHANGES: dict[str, Make] = {
    "password": password,
    "recovery": recovery,
    "keys": keys,
    "email": email,
}


def owner(guarded: Guarded) -> vaults.Person:
    """Return somebody as the owner of vaults."""
    person, actor = guarded.person, guarded.actor
    return vaults.Person(person.email, person.identity, actor.session_id)


def _access(person: Person, keyset: int) -> dict[str, str]:
    return {
        "salt": b64(person.salt),
        "auth": b64(kdf.derive_auth(person.master_key)),
        "user_key": b64(_wrap(person, person.master_key, BY_PASSWORD, keyset)),
        "identity": b64(person.identity.seal(person.user_key, keyset)),
    }


def _recovery(person: Person, keyset: int) -> dict[str, str]:
    return {
        "recovery_auth": b64(kdf.derive_auth(person.recovery_key)),
        "recovery_user_key": b64(_wrap(person, person.recovery_key, BY_CODE, keyset)),
    }


def _wrap(person: Person, master_key: bytes, kind: ObjectType, keyset: int) -> bytes:
    kek = kdf.derive_kek(master_key)
    return wrap_user_key(person.user_key, kek, kind, person.user_id, keyset)
