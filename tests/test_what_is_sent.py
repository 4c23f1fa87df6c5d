"""What bytes any route takes: sealed, public, or a proof, and never a key."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from machines.environment import ROOT

SEALED = {
    *("blob", "ciphertext", "details", "identity", "keyring", "overview", "profile", "sealed"),
    *("recovery_user_key", "user_key"),
}
PUBLIC = {"commit", "head", "idcert", "public_key", "salt", "signature"}
# Made for the server to know, or derived one way from what it must not know.
PROOFS = {
    *("auth", "challenge", "new_recovery_auth", "recovery", "recovery_auth", "refresh_token"),
    *("secret", "token"),
}


def taken(document: dict[str, Any], schema: dict[str, Any], name: str = "") -> Iterator[str]:
    """Name the fields of a body that are bytes."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for key, inner in schema.get("properties", {}).items():
        yield from taken(document, inner, key)
    if "items" in schema:
        yield from taken(document, schema["items"], name)
    if schema.get("format") == "base64url":
        yield name


@pytest.mark.parametrize("service", ["auth", "gateway"])
def test_no_route_takes_a_key(service: str) -> None:
    """M25: there is nowhere to send one to; a new field of bytes has to say what it is."""
    text = (ROOT / "handlers" / service / "openapi.json").read_text(encoding="utf-8")
    document = json.loads(text)
    bodies = [
        operation["requestBody"]["content"]["application/json"]["schema"]
        for path in document["paths"].values()
        for operation in path.values()
        if "requestBody" in operation
    ]

    found = {name for body in bodies for name in taken(document, body)}

    assert len(found) > 5
    assert found <= SEALED | PUBLIC | PROOFS
