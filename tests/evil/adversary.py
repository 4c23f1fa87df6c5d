"""The attacker's own knowledge: what can be read of all that clients send.

A server that a removed member helps: it has that member's identity and the vault keys they had,
an identity of its own, every public value, and every request.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag

from shared.keyarc import seal
from shared.keyarc.account_keys import Identity
from shared.keyarc.commits import Profile, Put, parse
from shared.keyarc.encoding import Broken, ObjectType, u64, unb64
from shared.keyarc.sharing import SUITE, share_info
from shared.keyarc.vault_keys import profile_fields, secret_fields
from tests.evil.server import Request
from tests.evil.world import CANARY, World


class Adversary:
    """Tries every key that it has on every byte that was sent."""

    def __init__(self, world: World) -> None:
        leaver = world.people["leaver"].client.opened
        self.own = Identity.make(world.people["reader"].id)
        self._identities = (leaver.keys.identity, self.own)
        self._keys = {bytes(32), self.own.ed_seed, self.own.x_seed}
        self._keys |= set(leaver.keyring.keyring.vaults[world.team].keys.values())
        self._world = world
        self._people = [one.client.opened.keys.idcert for one in world.people.values()]

    def finds(self, requests: Iterable[Request]) -> list[str]:
        """Say what it can read: planted words, sealed objects, shares."""
        found = []
        for request in requests:
            text = f"{request.line} {json.dumps(request.body)}"
            planted = (CANARY, self._world.link_secret)
            found += [f"{request.line}: {one}" for one in planted if one in text]
            if "CANARY" in "".join(raw.decode("latin-1") for raw in _bytes(request.body)):
                found.append(f"{request.line}: a planted word in bytes")
            for raw, body in _shares(request.body):
                if self._opens_share(raw, body):
                    found.append(f"{request.line}: a share")
            for raw in _bytes(request.body):
                if raw[:3] == b"KA\x01" and self._opens(raw, request.body):
                    found.append(f"{request.line}: an object of type {raw[3]}")
        return found

    def _opens(self, blob: bytes, body: Any) -> bool:
        for key, fields in product(self._keys, self._contexts(blob[3], body)):
            try:
                seal.open(key, ObjectType(blob[3]), fields, blob)
            except Broken:
                continue
            return True
        return False

    def _contexts(self, kind: int, body: Any) -> Iterator[tuple[bytes, ...]]:
        """Give what the object may be bound to, by all that the request says openly."""
        if kind == ObjectType.KEYRING:
            revision = u64(int(body["replaces"]) + 1)
            yield from ((one.user_id.bytes, revision) for one in self._people)
            return
        commit = parse(unb64(body["commit"]), unb64(body["signature"]))
        for op in commit.ops:
            if isinstance(op, Profile):
                yield profile_fields(self._world.team, op.epoch, commit.seq)
            if isinstance(op, Put):
                yield secret_fields(self._world.team, op.secret_id, op.version, op.epoch)

    def opens_secret(self, listed: Any) -> bool:
        """Try every key on what a list shows of a secret."""
        place = UUID(listed["secret_id"]), int(listed["version"]), int(listed["epoch"])
        fields, blob = secret_fields(self._world.team, *place), unb64(listed["overview"])
        for key in self._keys:
            try:
                seal.open(key, ObjectType.SECRET_OVERVIEW, fields, blob)
            except Broken:
                continue
            return True
        return False

    def _opens_share(self, ciphertext: bytes, share: Any) -> bool:
        for mine, sender in product(self._identities, self._people):
            for recipient in {mine.user_id, UUID(share["recipient_id"])}:
                info = share_info(
                    vault_id=self._world.team,
                    epoch=int(share["epoch"]),
                    sender_id=sender.user_id,
                    sender_ed_pk=sender.ed_pk,
                    recipient_id=recipient,
                    recipient_x_pk=mine.x_pk,
                    head=unb64(share["head"]),
                )
                try:
                    SUITE.decrypt(ciphertext, mine.hpke_key(), info)
                except (InvalidTag, ValueError):
                    continue
                return True
        return False


def _shares(body: Any) -> Iterator[tuple[bytes, Any]]:
    for share in (body or {}).get("shares") or ():
        yield unb64(share["ciphertext"]), share


def _bytes(media: Any) -> Iterator[bytes]:
    """Give every text of a body that reads as bytes."""
    inner = media.values() if isinstance(media, dict) else media if isinstance(media, list) else ()
    for one in inner:
        yield from _bytes(one)
    if isinstance(media, str):
        try:
            yield unb64(media)
        except Broken:
            return
