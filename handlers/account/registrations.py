"""What WebAuthn asks of a new passkey, and whether its answer is right.

The library is loaded with the first passkey: it takes a fifth of a second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared import problems
from shared.relying_party import RelyingParty

NAME = "KeyArc"
PATIENCE_MS = 300_000  # as long as the challenge waits
LONGEST_ID = 1023  # WebAuthn, section 4, "Credential ID"
LONGEST_KEY = 2048


@dataclass(frozen=True, slots=True)
class Registered:
    """A new passkey."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def options(
    party: RelyingParty, user_id: UUID, email: str, challenge: bytes, present: Sequence[bytes]
) -> dict[str, Any]:
    """Return PublicKeyCredentialCreationOptionsJSON; an authenticator has none of *present*."""
    import webauthn  # noqa: PLC0415 - see the module's docstring
    from webauthn.helpers import options_to_json_dict, structs  # noqa: PLC0415 - likewise

    made = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=NAME,
        user_id=user_id.bytes,
        user_name=email,
        challenge=challenge,
        timeout=PATIENCE_MS,
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=each) for each in present],
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.PREFERRED,
            user_verification=structs.UserVerificationRequirement.PREFERRED,
        ),
    )
    return options_to_json_dict(made)


def verify(party: RelyingParty, credential: dict[str, Any], challenge: bytes) -> Registered:
    """Return the passkey that RegistrationResponseJSON tells of; refuse one that is not right."""
    import webauthn  # noqa: PLC0415 - see the module's docstring
    from webauthn import helpers  # noqa: PLC0415 - likewise

    try:
        found = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
        )
        # A key that no signature can be checked with would lock its person out.
        key = helpers.decode_credential_public_key(found.credential_public_key)
        helpers.decoded_public_key_to_cryptography(key)
    except Exception as ex:
        # Whatever the library's parsers make of foreign bytes is a refusal.
        raise problems.Invalid({"credential": ["Not the answer of a new passkey."]}) from ex
    if len(found.credential_id) > LONGEST_ID or len(found.credential_public_key) > LONGEST_KEY:
        raise problems.Invalid({"credential": ["Too long."]})
    return Registered(found.credential_id, found.credential_public_key, found.sign_count)
