"""Machines with real keys, as their owner's client makes them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from shared.db import Connection
from shared.keyarc.account_keys import Identity
from shared.keyarc.commits import Add, Commit, How, Role
from shared.keyarc.encoding import b64
from shared.keyarc.keyring import Keyring
from shared.keyarc.machine_keys import MachineToken
from tests.clients import Client
from tests.vaults import Person, Vault


@dataclass
class Machine:
    """A machine, which has a session once it has logged in."""

    name: str = "ci"
    token: MachineToken = field(default_factory=MachineToken.make)
    session_id: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        self.identity = Identity.make(self.user_id)
        self.idcert = self.identity.idcert()

    @property
    def user_id(self) -> UUID:
        return self.token.machine_id

    @property
    def add(self) -> Add:
        """The op that lets the machine read a vault."""
        return Add(self.idcert, Role.VIEWER, How.MACHINE)

    @property
    def proof(self) -> dict[str, str]:
        """The body of a log-in."""
        return {"machine_id": str(self.user_id), "auth": b64(self.token.auth)}

    def body(self, commits: Sequence[Commit], **fields: Any) -> dict[str, Any]:
        """Return the body that makes the machine."""
        honest = {
            "machine_id": str(self.user_id),
            "name": self.name,
            "auth": b64(self.token.auth),
            "identity": b64(self.identity.seal(self.token.user_key, 1)),
            "idcert": b64(self.idcert.raw),
            "keyring": b64(Keyring().seal(self.token.user_key, self.user_id, 1)),
            "expires_at": None,
            "commits": [sent(commit) for commit in commits],
        }
        return honest | fields


def sent(commit: Commit) -> dict[str, str]:
    """Return a commit as it stands in the body."""
    return {
        "vault_id": str(commit.vault_id),
        "commit": b64(commit.raw),
        "signature": b64(commit.signature),
    }


def prove(conn: Connection, person: Person) -> None:
    """Let somebody have proved themselves a moment ago."""
    conn.execute(
        "UPDATE sessions SET proven_at = now() WHERE session_id = %s", (person.session_id,)
    )


def made(
    conn: Connection, account: Client, *vaults: Vault, name: str = "ci", **fields: Any
) -> Machine:
    """Return a machine that reads *vaults*, all of one owner."""
    machine, owner = Machine(name), vaults[0].owner
    commits = [vault.commit([machine.add]) for vault in vaults]
    prove(conn, owner)
    body = machine.body(commits, **fields)
    response = account.as_(owner).post("/api/account/machine-tokens", json=body)
    assert response.status_code == 201, response.text
    for vault, commit in zip(vaults, commits, strict=True):
        vault.accept(commit)
    return machine


def logged_in(auth: Client, machine: Machine) -> Any:
    """Return the answer to a log-in, which gives the machine its session."""
    response = auth.post("/auth/machine-sessions", json=machine.proof)
    assert response.status_code == 201, response.text
    machine.session_id = UUID(response.json["session_id"])
    return response.json
