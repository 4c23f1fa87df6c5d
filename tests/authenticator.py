"""An authenticator in software: makes passkeys and signs by them, as WebAuthn has it."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from shared.keyarc.encoding import b64, unb64
from tests.clients import HOST, ORIGIN

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Passkey:
    """One passkey; *changed* replaces what an honest browser or authenticator would say."""

    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    user_handle: bytes = b""
    sign_count: int = 0

    def register(self, options: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """Return RegistrationResponseJSON to PublicKeyCredentialCreationOptionsJSON."""
        self.user_handle = unb64(options["user"]["id"])
        data = self._data(PRESENT | VERIFIED | ATTESTED, changed) + self._attested()
        attestation = {"fmt": "none", "attStmt": {}, "authData": data}
        return self._credential(
            clientDataJSON=b64(_client_data("webauthn.create", options["challenge"], changed)),
            attestationObject=b64(cbor2.dumps(attestation)),
        )

    def sign(self, challenge: str, *, verified: bool = True, **changed: Any) -> dict[str, Any]:
        """Return AuthenticationResponseJSON to a challenge."""
        self.sign_count = changed.get("sign_count", self.sign_count + 1)
        data = self._data(PRESENT | (VERIFIED if verified else 0), changed)
        client_data = _client_data("webauthn.get", challenge, changed)
        signed = data + hashlib.sha256(client_data).digest()
        return self._credential(
            clientDataJSON=b64(client_data),
            authenticatorData=b64(data),
            signature=b64(changed.get("key", self.key).sign(signed, ec.ECDSA(SHA256()))),
            userHandle=b64(changed.get("user_handle", self.user_handle)),
        )

    def _credential(self, **response: str) -> dict[str, Any]:
        credential_id = b64(self.credential_id)
        return {
            "id": credential_id,
            "rawId": credential_id,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }

    def _data(self, flags: int, changed: dict[str, Any]) -> bytes:
        host = changed.get("rp_id", HOST)
        counted = self.sign_count.to_bytes(4, "big")
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + counted

    def _attested(self) -> bytes:
        """Return the new key: no model of authenticator, the id, and a COSE key of P-256."""
        point = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (point.x, point.y))
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        length = len(self.credential_id).to_bytes(2, "big")
        return bytes(16) + length + self.credential_id + cose


def _client_data(kind: str, challenge: str, changed: dict[str, Any]) -> bytes:
    said = {
        "type": kind,
        "challenge": challenge,
        "origin": ORIGIN,
        "crossOrigin": False,
    }
    return json.dumps(said | changed.get("client_data", {})).encode()
