"""The history that the vectors tell: every op, by every role."""

from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.keyarc import commits
from shared.keyarc.account_keys import Identity
from shared.keyarc.commits import How, Op, Put, Role, State
from shared.keyarc.identity import IdCert
from shared.keyarc.vault_keys import vk_commit
from tests.vectors.accounts import idcert
from tests.vectors.material import person, some, some_id

VAULT = some_id("vault")
START_MS = 1_790_000_000_000
EXPIRES_MS = START_MS + 7 * 86_400_000


def vault_key(epoch: int) -> bytes:
    """Return the vault key of an epoch."""
    return some(f"vault key {epoch}", 32)


def secret_id(label: str, bucket: int) -> UUID:
    """Return the id of a secret that falls in *bucket*."""
    return UUID(bytes=bytes([bucket]) + some_id(label).bytes[1:])


DATABASE = secret_id("database", 0x2A)
OPENAI = secret_id("openai", 0x2A)
STRIPE = secret_id("stripe", 0xFF)
BULK = tuple(some_id(f"imported {number}") for number in range(64))


def put(secret: UUID, version: int, epoch: int = 1) -> Put:
    """Return a put whose hashes follow from what it puts."""
    label = f"{secret} {version} {epoch}"
    return Put(secret, version, epoch, some(f"o {label}", 32), some(f"d {label}", 32))


def invite_key(name: str) -> Ed25519PrivateKey:
    """Return the key of an invitation."""
    return Ed25519PrivateKey.from_private_bytes(some(f"invite key {name}", 32))


def invite(name: str, role: Role, expires_ms: int = EXPIRES_MS) -> commits.Invite:
    """Return an invitation."""
    public_key = invite_key(name).public_key().public_bytes_raw()
    return commits.Invite(some_id(f"invite {name}"), public_key, role, expires_ms)


def join(name: str, cert: IdCert) -> commits.Join:
    """Return the answer to an invitation."""
    invite_id = some_id(f"invite {name}")
    signature = invite_key(name).sign(commits.join_message(VAULT, invite_id, cert))
    return commits.Join(invite_id, cert, signature)


@dataclass
class Step:
    """A commit and the state before and after it."""

    what: str
    commit: commits.Commit
    before: State
    after: State


@dataclass
class Story:
    """A history that grows."""

    state: State = field(default_factory=lambda: State(VAULT))
    steps: list[Step] = field(default_factory=list)

    def tell(self, what: str, author: Identity, *ops: Op) -> None:
        """Add one commit."""
        before, time_ms = deepcopy(self.state), START_MS + 60_000 * len(self.steps)
        written = commits.write(self.state, author, time_ms, ops)
        commit = commits.parse(written.raw, written.signature)
        commits.apply(self.state, commit)
        self.steps.append(Step(what, commit, before, deepcopy(self.state)))


@cache
def story() -> Story:
    """Return the history of the vectors."""
    told = Story()
    owner, admin, member = person("owner"), person("admin"), person("member")
    viewer, joiner = person("viewer"), person("joiner")
    told.tell(
        "the owner makes the vault",
        owner,
        commits.Genesis(idcert("owner"), vk_commit(vault_key(1), VAULT, 1)),
        commits.Profile(1, some("profile 1", 32)),
    )
    told.tell(
        "the owner puts three secrets, two of them in one bucket",
        owner,
        put(DATABASE, 1),
        put(OPENAI, 1),
        put(STRIPE, 1),
    )
    told.tell(
        "the owner adds three people",
        owner,
        commits.Add(idcert("admin"), Role.ADMIN, How.WORDS),
        commits.Add(idcert("member"), Role.MEMBER, How.LINK),
        commits.Add(idcert("viewer"), Role.VIEWER, How.WORDS),
    )
    told.tell(
        "the admin invites and renames",
        admin,
        invite("first", Role.VIEWER),
        commits.Profile(1, some("profile 2", 32)),
    )
    told.tell(
        "the member puts a second version and deletes",
        member,
        put(DATABASE, 2),
        commits.Delete(STRIPE, 2),
    )
    told.tell("the owner invites an admin", owner, invite("second", Role.ADMIN))
    told.tell("somebody joins", joiner, join("first", idcert("joiner")))
    told.tell(
        "the admin takes an invitation back", admin, commits.Uninvite(some_id("invite second"))
    )
    told.tell(
        "the owner changes roles",
        owner,
        commits.SetRole(member.user_id, Role.OWNER),
        commits.SetRole(joiner.user_id, Role.MEMBER),
        invite("third", Role.MEMBER),
    )
    told.tell(
        "the owner removes an owner and rotates, which ends the open invitation",
        owner,
        commits.Remove(member.user_id),
        commits.Rotate(2, vk_commit(vault_key(2), VAULT, 2)),
        commits.Profile(2, some("profile 3", 32)),
        put(OPENAI, 2, 2),
    )
    told.tell("the owner takes a new key", owner, commits.Rekey(idcert("owner", 2)))
    told.tell("the owner restores the deleted secret", person("owner", 2), put(STRIPE, 3, 2))
    told.tell("the joiner imports 64 secrets", joiner, *(put(one, 1, 2) for one in BULK))
    told.tell("the last secret of a bucket goes", joiner, commits.Delete(STRIPE, 4))
    told.tell("the viewer leaves", viewer, commits.Remove(viewer.user_id))
    told.tell(
        "the admin adds a machine",
        admin,
        commits.Add(idcert("machine"), Role.VIEWER, How.MACHINE),
    )
    return told
