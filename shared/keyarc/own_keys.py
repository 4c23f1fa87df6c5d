"""One's own keys while they are unlocked."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Self
from uuid import UUID

from .account_keys import Identity
from .device import Account
from .encoding import Broken, parse_id, parse_u64, unb64
from .identity import IdCert, parse_idcert


@dataclass(frozen=True)
class OwnKeys:
    """The user key, and by it the identity, which is opened when something is to be signed."""

    user_id: UUID
    keyset: int
    idcert: IdCert
    user_key: bytes = field(repr=False)
    sealed_identity: bytes = field(repr=False)

    @classmethod
    def of(cls, account: Account, user_key: bytes) -> Self:
        """Take what a device keeps; the certificate is believed once `identity` was opened."""
        user_id = parse_id(account.user_id)
        idcert = parse_idcert(unb64(account.idcert))
        if idcert.user_id != user_id:
            raise Broken
        keyset, sealed = parse_u64(account.keyset), unb64(account.identity)
        return cls(user_id, keyset, idcert, user_key, sealed)

    @cached_property
    def identity(self) -> Identity:
        """The identity; a certificate that does not carry its public keys is refused."""
        found = Identity.open(
            self.user_key, self.sealed_identity, self.user_id, self.keyset, self.idcert.key_epoch
        )
        if (found.ed_pk, found.x_pk) != (self.idcert.ed_pk, self.idcert.x_pk):
            raise Broken
        return found
