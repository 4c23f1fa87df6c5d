"""What each route answers to whom: the rows of the matrix in test_access_matrix."""

import re

from tests.askers import MACHINE, PEOPLE

OVER = {"deleted", "ended", "expired", "revoked"}  # account, session or machine token
IN = {"member", "waiting"}  # who has not said yes to a vault yet is of it for the server
WRITERS = {"owner", "admin", "member"}
KEEPERS = {"owner", "admin"}
ALL = {*PEOPLE, MACHINE}

READ = "POST /api/keys/vaults/{vault_id}/secrets/read"
OVERVIEWS = "POST /api/keys/vaults/{vault_id}/versions/overviews"
REMINDERS = "PUT /api/keys/vaults/{vault_id}/reminders"
TOKENS = "POST /api/account/machine-tokens"
DELETION = "DELETE /api/account/vaults/{vault_id}"
CHALLENGED = "POST /api/account/passkeys"

# Routes that name a vault: whom the service lets do it, and what it then answers.
OF_VAULT: dict[str, tuple[set[str], int]] = {
    DELETION: ({"owner"}, 409),  # others are of it
    "DELETE /api/keys/vaults/{vault_id}/reminders/{secret_id}": (WRITERS, 204),
    "DELETE /api/keys/vaults/{vault_id}/secrets/{secret_id}/versions": (KEEPERS, 409),  # it is live
    "GET /api/account/vaults/{vault_id}/invitations": (KEEPERS, 200),
    "GET /api/account/vaults/{vault_id}/members": (set(PEOPLE), 200),
    "GET /api/keys/vaults/{vault_id}/audit": (set(PEOPLE), 200),
    "GET /api/keys/vaults/{vault_id}/commits": (ALL, 200),
    "GET /api/keys/vaults/{vault_id}/expiring": (ALL, 200),
    "GET /api/keys/vaults/{vault_id}/secrets": (ALL, 200),
    "GET /api/keys/vaults/{vault_id}/secrets/{secret_id}": (ALL, 200),
    "GET /api/keys/vaults/{vault_id}/secrets/{secret_id}/versions": (ALL, 200),
    "GET /api/keys/vaults/{vault_id}/secrets/{secret_id}/versions/{version}": (ALL, 200),
    "GET /api/keys/vaults/{vault_id}/uses": (set(PEOPLE), 200),
    TOKENS: (KEEPERS, 201),
    "POST /api/account/vaults/{vault_id}/commits": (set(PEOPLE), 201),  # anybody may leave
    "POST /api/keys/vaults/{vault_id}/commits": (WRITERS, 201),
    READ: (ALL, 200),
    OVERVIEWS: (ALL, 200),
    REMINDERS: (WRITERS, 204),
    "PUT /api/keys/vaults/{vault_id}/reminders/{secret_id}": (WRITERS, 204),
}
PROVEN = {DELETION, TOKENS}  # before the vault is looked at, they take what no machine has

# Routes of one's own account: what they answer to a person, and to a machine. Where the path names
# something, what is another's is not there.
OF_PERSON: dict[str, tuple[int, int]] = {
    "DELETE /api/account/device-requests/{request_id}": (204, 403),
    "DELETE /api/account/machine-tokens/{machine_id}": (404, 403),  # nobody here has one
    "DELETE /api/account/passkeys/{credential_id}": (204, 403),
    "DELETE /api/account/recovery": (204, 403),
    "DELETE /api/account/sessions": (200, 403),
    "DELETE /api/account/sessions/{session_id}": (204, 403),
    "DELETE /api/account/totp": (404, 403),
    "DELETE /api/keys/links/{link_id}": (204, 403),
    "GET /api/account/audit": (200, 403),
    "GET /api/account/data": (200, 403),
    "GET /api/account/device-requests": (200, 403),
    "GET /api/account/keyring": (200, 200),
    "GET /api/account/machine-tokens": (200, 403),
    "GET /api/account/people": (404, 403),  # nobody has the address
    "GET /api/account/profile": (200, 200),
    "GET /api/account/second-factors": (200, 403),
    "GET /api/account/sessions": (200, 403),
    "GET /api/account/shares": (200, 200),
    "GET /api/account/vaults": (200, 200),
    "GET /api/keys/links": (200, 403),
    "PATCH /api/account/profile": (200, 403),
    "POST /api/account/backup-codes": (201, 403),
    CHALLENGED: (401, 403),  # there is no such challenge
    "POST /api/account/passkeys/options": (200, 403),
    "POST /api/account/totp": (201, 403),
    "POST /api/account/vaults": (201, 403),
    "POST /api/keys/links": (201, 403),
    "PUT /api/account/device-requests/{request_id}": (204, 403),
    "PUT /api/account/email": (200, 403),
    "PUT /api/account/keyring": (200, 200),
    "PUT /api/account/keys": (409, 403),  # the keyset is another
    "PUT /api/account/passkeys/{credential_id}/unlock": (204, 403),
    "PUT /api/account/password": (409, 403),
    "PUT /api/account/recovery": (200, 403),
    "PUT /api/account/totp": (404, 403),  # nothing was offered
}
PROFILE = "DELETE /api/account/profile"
REMOVAL = "GET /api/account/vaults/{vault_id}/removal"
INVITATION = re.compile(r"(GET|POST) /api/account/invitations/{invite_id}(/commits)?")
# What somebody did in a vault, they did: their own log names it after they are gone.
MEMORIES = {"GET /api/account/audit", "GET /api/account/data"}


def has_row(name: str) -> bool:
    """Tell whether it is written down here whom a route answers."""
    return name in {*OF_VAULT, *OF_PERSON, PROFILE, REMOVAL} or bool(INVITATION.fullmatch(name))


def expected(name: str, role: str, membership: str, on: str) -> int:
    """Return the status of a cell."""
    if membership in OVER:
        return 401
    if name in OF_VAULT:
        return _of_vault(name, role, membership, on)
    if name in OF_PERSON:
        to_person, to_machine = OF_PERSON[name]
        found = 404 if on != "own" else to_person
        return to_machine if role == MACHINE else found
    return 403 if role == MACHINE else _of_membership(name, membership, on)


def _of_vault(name: str, role: str, membership: str, on: str) -> int:
    allowed, status = OF_VAULT[name]
    if role == MACHINE and name in PROVEN:
        return 403
    if membership not in IN or on in {"other", "unknown"}:
        return 404
    if role not in allowed:
        return 403
    # there is none, as was wanted; and of many those that are not there are passed over
    forgiving = (name.startswith("DELETE") and "reminders" in name) or name == REMINDERS
    return status if on == "own" or forgiving else 404


def _of_membership(name: str, membership: str, on: str) -> int:
    if name == PROFILE:
        return 409 if membership in IN else 204  # a vault is not left alone to others
    if name == REMOVAL:
        return 200 if on == "own" and membership in {"removed", "left"} else 404
    if on == "other":  # whoever knows the id was shown the link; only its key answers
        return 200 if name.startswith("GET") else 422
    good = 200 if name.startswith("GET") else 201
    return good if (on, membership) == ("own", "invited") else 404
