"""Requests that an evil server lies to, and what a client does once it has noticed."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from shared.keyarc.client import Client
from shared.keyarc.encoding import Broken
from tests.evil.server import Evil
from tests.keyarc_client.conftest import Person
from tests.keyarc_client.people import Someone

KEYRING = "GET /api/account/keyring"
VAULTS = "GET /api/account/vaults"


def listing(person: Person) -> str:
    return f"GET /api/keys/vaults/{person.vault_id}/secrets"


def commits(person: Person) -> str:
    return f"GET /api/keys/vaults/{person.vault_id}/commits"


def accesses(person: Person) -> str:
    return f"GET /api/keys/vaults/{person.vault_id}/audit"


def reading(person: Person) -> str:
    return f"POST /api/keys/vaults/{person.vault_id}/secrets/read"


def recorded(evil: Evil, line: str) -> list[Any]:
    """Keep what honest services answer to *line* from now on."""
    answers: list[Any] = []

    def keep(media: Any) -> Any:
        answers.append(media)
        return media

    evil.answer(line, keep)
    return answers


def refused(evil: Evil, client: Client, person: Person, last: str) -> type[BaseException]:
    """Hold that reading is refused, that *last* was the last request, and that none follows."""
    with pytest.raises(Broken) as caught:
        person.values(client)
    assert evil.lines()[-1].startswith(last)
    with pytest.raises(Broken):
        client.sync(person.vault_id)
    with pytest.raises(Broken):
        person.put(client, C="c")
    assert evil.lines() == []
    return caught.type


def changes(vault_id: UUID) -> str:
    return f"GET /api/keys/vaults/{vault_id}/secrets"


def log_of(vault_id: UUID) -> str:
    return f"GET /api/keys/vaults/{vault_id}/audit"


def written(someone: Someone, device: Client, vault_id: UUID) -> None:
    """Write another value of A on another device."""
    device.vaults()
    replace(someone, client=device).put(vault_id, A="newer")
