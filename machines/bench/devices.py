"""People with vaults, and their devices: they read and write for as long as they are told to.

What is sealed is random here: a server cannot tell, and sealing would load the wrong machine.
"""

import asyncio
import json
import os
import random
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from machines.failures import Failure
from shared.keyarc import kdf
from shared.keyarc.account_keys import Identity, make_user_key, wrap_user_key
from shared.keyarc.commits import Commit, Genesis, Op, Profile, Put, State, apply, parse, write
from shared.keyarc.encoding import SUITE, ObjectType, b64, sha256, unb64
from shared.keyarc.keyring import Keyring

SECRETS = 20
BLOB_BYTES = 64 + 256 + 16  # salt and nonce, padded text, tag
WRITES = 0.25  # each of them first reads what is new, so that a fifth of all requests are commits
READ, COMMIT = "reads", "commits"


class Answer(NamedTuple):
    """A status, the body, and how long it took."""

    status: int
    body: bytes
    ms: float

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Place:
    """Where to ask, and the host by which the services know themselves."""

    port: int
    host: str

    async def ask(
        self, method: str, target: str, media: object = None, *, token: str = ""
    ) -> Answer:
        """Ask over a connection of its own, as a proxy before the services does."""
        body = b"" if media is None else json.dumps(media).encode()
        headers = {"Host": self.host, "Connection": "close", "X-KeyArc-Client-IP": "127.0.0.1"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        if body:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        began = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode() + body)
            answer = await reader.read(-1)
        finally:
            writer.close()
        head, _, rest = answer.partition(b"\r\n\r\n")
        took_ms = (time.perf_counter() - began) * 1000
        return Answer(int(head[9:12] or 0), rest, took_ms)


@dataclass
class Tally:
    """What came back, and when."""

    ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    conflicts: int = 0
    errors: int = 0

    def add(self, kind: str, answer: Answer) -> None:
        """Count an answer; one that lost against another commit is an answer, too."""
        self.ms[kind].append(answer.ms)
        self.conflicts += kind == COMMIT and answer.status == 409
        self.errors += answer.status not in ((201, 409) if kind == COMMIT else (200, 304))


@dataclass(frozen=True)
class Person:
    """Someone with an account, a session that outlives the load, and vaults."""

    identity: Identity
    token: str
    vaults: tuple[UUID, ...]


class Device:
    """One of a person's devices: reads their vaults, and commits on what it has read."""

    def __init__(self, person: Person, gateway: Place, seed: int) -> None:
        self._person = person
        self._gateway = gateway
        self._random = random.Random(seed)  # noqa: S311 - the same mix in every run
        self._states = {vault_id: State(vault_id) for vault_id in person.vaults}
        self.tally = Tally()

    async def work(self, until: float) -> None:
        """Read and write until the clock says *until*."""
        while time.perf_counter() < until:
            vault_id = self._random.choice(self._person.vaults)
            if self._random.random() < WRITES:
                await self._write(vault_id)
            else:
                await self._read(vault_id)

    async def _read(self, vault_id: UUID) -> None:
        at = f"/api/keys/vaults/{vault_id}"
        target = self._random.choice(
            (f"{at}/secrets", f"{at}/secrets", f"{at}/commits", "/api/account/vaults")
        )
        await self._ask(READ, "GET", target)

    async def _write(self, vault_id: UUID) -> None:
        state, at = self._states[vault_id], f"/api/keys/vaults/{vault_id}/commits"
        news = await self._ask(READ, "GET", f"{at}?after={state.seq}")
        if news.status != 200:
            return
        for item in news.json["items"]:
            apply(state, parse(unb64(item["commit"]), unb64(item["signature"])))
        commit, media = _put(state, self._person.identity, [uuid4()])
        if (await self._ask(COMMIT, "POST", at, media)).status == 201:
            apply(state, commit)

    async def _ask(self, kind: str, method: str, target: str, media: object = None) -> Answer:
        try:
            answer = await self._gateway.ask(method, target, media, token=self._person.token)
        except OSError:
            answer = Answer(0, b"", 0)
        self.tally.add(kind, answer)
        return answer


async def signed_up(auth: Place, gateway: Place, vaults: int) -> Person:
    """Sign somebody up, with *vaults* of ``SECRETS`` secrets each; no password is stretched."""
    identity, registration, login = made(uuid4())
    await _must(auth, "/auth/accounts", registration)
    token = (await _must(auth, "/auth/sessions", login)).json["access_token"]
    ids = tuple(uuid4() for _ in range(vaults))
    for vault_id in ids:
        state = State(vault_id)
        commit, media = _genesis(state, identity)
        await _must(gateway, "/api/account/vaults", media, token)
        apply(state, commit)
        _, media = _put(state, identity, [uuid4() for _ in range(SECRETS)])
        await _must(gateway, f"/api/keys/vaults/{vault_id}/commits", media, token)
    return Person(identity, token, ids)


async def _must(place: Place, target: str, media: object, token: str = "") -> Answer:
    answer = await place.ask("POST", target, media, token=token)
    if answer.status != 201:
        raise Failure(f"POST {target} was answered with {answer.status}, not 201.")
    return answer


def made(user_id: UUID) -> tuple[Identity, Mapping[str, object], Mapping[str, object]]:
    """Return new keys, what signs up by them, and what logs in."""
    identity, user_key = Identity.make(user_id), make_user_key()
    auth, recovery_auth = b64(kdf.derive_auth(os.urandom(32))), b64(kdf.derive_auth(os.urandom(32)))
    wrapped = {
        name: b64(wrap_user_key(user_key, os.urandom(32), kind, user_id, 1))
        for name, kind in (
            ("user_key", ObjectType.USER_KEY_BY_PASSWORD),
            ("recovery_user_key", ObjectType.USER_KEY_BY_RECOVERY_CODE),
        )
    }
    email = f"{user_id.hex}@example.com"
    registration = {
        "user_id": str(user_id),
        "email": email,
        "suite": SUITE,
        "salt": b64(os.urandom(16)),
        "auth": auth,
        "recovery_auth": recovery_auth,
        **wrapped,
        "identity": b64(identity.seal(user_key, 1)),
        "idcert": b64(identity.idcert().raw),
        "keyring": b64(Keyring().seal(user_key, user_id, 1)),
    }
    return identity, registration, {"email": email, "auth": auth, "device": "a machine"}


def _genesis(state: State, identity: Identity) -> tuple[Commit, Mapping[str, object]]:
    profile = _blob(ObjectType.VAULT_PROFILE)
    commit = _signed(
        state,
        identity,
        (Genesis(identity.idcert(), os.urandom(32)), Profile(1, sha256(profile))),
    )
    media = {"vault_id": str(state.vault_id), "profile": b64(profile), **_sent(commit)}
    return commit, media


def _put(
    state: State, identity: Identity, secret_ids: list[UUID]
) -> tuple[Commit, Mapping[str, object]]:
    """Return a commit of new secrets on the state's head, and what to send."""
    ops: list[Op] = []
    blobs = []
    for secret_id in secret_ids:
        overview, details = _blob(ObjectType.SECRET_OVERVIEW), _blob(ObjectType.SECRET_DETAILS)
        ops.append(Put(secret_id, 1, state.epoch, sha256(overview), sha256(details)))
        blobs.append(
            {"secret_id": str(secret_id), "overview": b64(overview), "details": b64(details)}
        )
    commit = _signed(state, identity, ops)
    return commit, {**_sent(commit), "blobs": blobs}


def _signed(state: State, identity: Identity, ops: "list[Op] | tuple[Op, ...]") -> Commit:
    return write(state, identity, time.time_ns() // 1_000_000, ops)


def _sent(commit: Commit) -> dict[str, object]:
    return {"commit": b64(commit.raw), "signature": b64(commit.signature)}


def _blob(kind: ObjectType) -> bytes:
    return b"KA" + bytes([SUITE, kind]) + os.urandom(BLOB_BYTES)
