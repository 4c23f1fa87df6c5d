"""Machines as processes that know nothing but their token."""

from contextlib import ExitStack, closing
from uuid import UUID

from shared.keyarc import machines, proofs
from shared.keyarc.client import Client
from tests.keyarc_client.conftest import PASSWORD

LOGIN = "POST /auth/machine-sessions"


class Jobs:
    """Lets machines in, each as a process that knows nothing but its token."""

    def __init__(self, server: str, undo: ExitStack) -> None:
        self._server = server
        self._undo = undo

    def log_in(self, token: str) -> Client:
        return self._undo.enter_context(closing(machines.log_in(self._server, token)))


def made(client: Client, *vault_ids: UUID, name: str = "ci") -> str:
    """Make a machine, after a fresh proof."""
    proofs.prove(client.opened, PASSWORD)
    return machines.create(client, name, vault_ids)
