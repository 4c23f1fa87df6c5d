"""An attacker who has all that a server ever got, and the true password; only no account key."""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any
from uuid import UUID

from shared.keyarc import hkdf, kdf, seal
from shared.keyarc.account_keys import identity_fields, user_key_fields
from shared.keyarc.encoding import Broken, ObjectType, u64, unb64, verifier

SMALL = range(1, 4)  # keysets, key epochs and revisions that are tried


class Oracle:
    """Tries every key that it can think of on every sealed object."""

    def __init__(self, user_id: UUID, password: str, bodies: Iterable[Any]) -> None:
        self._user_id = user_id
        self._password = password
        self._seen = [raw for body in bodies for raw in _bytes(body)]
        self.blobs = [raw for raw in self._seen if raw[:3] == b"KA\x01" and len(raw) >= 212]

    def opens(self, account_keys: Iterable[bytes] = ()) -> set[int]:
        """Give the types of what opens, with *account_keys* as further guesses.

        A key that was found inside is tried on everything, too.
        """
        keys, tried = set(self._keys([*self._guesses(), *account_keys])), set[bytes]()
        opened = set()
        while fresh := keys - tried:
            tried |= fresh
            for blob, key in product(self.blobs, fresh):
                plaintext = self._open(blob, key)
                if plaintext is not None:
                    opened.add(blob[3])
                    keys |= {plaintext} if len(plaintext) == 32 else set()
        return opened

    def _open(self, blob: bytes, key: bytes) -> bytes | None:
        for fields in self._contexts(blob[3]):
            try:
                return seal.open(key, ObjectType(blob[3]), fields, blob)
            except Broken:
                continue
        return None

    def _guesses(self) -> Iterator[bytes]:
        """Give account keys that a careless client could have made: zeros, or what stands near."""
        yield bytes(16)
        yield self._user_id.bytes
        for raw in self._seen:
            if len(raw) <= 32:
                yield from (raw[:16], raw[-16:])

    def _keys(self, guesses: Iterable[bytes]) -> Iterator[bytes]:
        salts = {raw for raw in self._seen if len(raw) == 16}
        known = {raw for raw in self._seen if len(raw) == 32}
        for salt in salts:
            stretched = kdf.stretch(self._password, salt)
            known.add(stretched)
            for guess in guesses:
                if len(guess) == 16:
                    known.add(kdf.derive_master_key(stretched, guess, self._user_id))
        for key in known:
            yield key
            yield verifier(self._user_id, key)
            yield kdf.derive_kek(key)
            yield kdf.derive_auth(key)
            yield hkdf.expand(key, b"keyarc/ka1/user-key", 32)

    def _contexts(self, kind: int) -> Iterator[tuple[bytes, ...]]:
        if kind in {ObjectType.USER_KEY_BY_PASSWORD, ObjectType.USER_KEY_BY_RECOVERY_CODE}:
            yield from (user_key_fields(self._user_id, keyset) for keyset in SMALL)
        elif kind == ObjectType.IDENTITY:
            for keyset, epoch in product(SMALL, SMALL):
                yield identity_fields(self._user_id, keyset, epoch)
        elif kind == ObjectType.KEYRING:
            yield from ((self._user_id.bytes, u64(revision)) for revision in SMALL)


def _bytes(media: Any) -> Iterator[bytes]:
    """Give every text of a body that reads as bytes."""
    if isinstance(media, dict):
        media = list(media.values())
    if isinstance(media, list):
        for one in media:
            yield from _bytes(one)
    elif isinstance(media, str):
        try:
            yield unb64(media)
        except Broken:
            return
