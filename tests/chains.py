"""The audit rows of a vault as its members follow them."""

from typing import Any

from shared.keyarc.accesses import BEGINNING, Access, audit_head
from shared.keyarc.memories import AuditPin
from tests.clients import Client, Signed
from tests.vaults import Vault


def told(keys: Client, vault: Vault, member: Signed | None = None, after: int = 0) -> Any:
    """Return what the route says of the rows after *after*."""
    asked = keys.as_(member or vault.owner).get(f"{vault.url}/audit", params={"after": str(after)})
    assert asked.status_code == 200, asked.text
    return asked.json


def followed(keys: Client, vault: Vault, member: Signed | None = None) -> list[Access]:
    """Return every row; each must hold the hash of the one before, and the last be the head."""
    rows: list[Access] = []
    at, page = BEGINNING, told(keys, vault, member)
    while True:
        for item in page["items"]:
            row = Access.of(item)
            assert row.seq == at.seq + 1
            at = AuditPin(row.seq, row.hash(vault.id, at.hash))
            rows.append(row)
        if page["next"] is None:
            break
        assert page["next"] == str(at.seq)
        page = told(keys, vault, member, at.seq)
    assert at == audit_head(page["head"])
    return rows
