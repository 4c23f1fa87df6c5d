"""Vectors of an invitation: what its link comes to, its seal, and what the joiner refuses."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from shared.keyarc import commits, hkdf, seal
from shared.keyarc.commits import Role, State
from shared.keyarc.encoding import ObjectType, b64
from shared.keyarc.invitations import Invitation, InvitationKeys, invitation_fields
from tests.vectors.accounts import idcert
from tests.vectors.material import person, some, some_id
from tests.vectors.stories import EXPIRES_MS, START_MS, VAULT, story, vault_key

SECRET = some("invitation secret", 32)
LINK = InvitationKeys.derive(SECRET)
KEYS = {1: vault_key(1), 2: vault_key(2)}
SEQ = 16


def invited() -> tuple[commits.Commit, State]:
    """Return the commit that opens the invitation, and the state after it."""
    state = deepcopy(story().steps[SEQ - 1].after)
    invite = LINK.invite(Role.MEMBER, EXPIRES_MS)
    commit = commits.write(state, person("owner", 2), START_MS + 3_600_000, (invite,))
    commits.apply(state, commit)
    return commit, state


def joined() -> tuple[commits.Commit, State]:
    """Return the commit that answers it, and the state after it."""
    state = invited()[1]
    join = LINK.join(VAULT, idcert("stranger"))
    commit = commits.write(state, person("stranger"), START_MS + 7_200_000, (join,))
    commits.apply(state, commit)
    return commit, state


def invitation() -> Invitation:
    """Return the invitation of the vectors."""
    sender = (idcert("owner", 2), "jörg@example.com", Role.MEMBER, EXPIRES_MS)
    return Invitation(*sender, invited()[1].public(), KEYS)


def make() -> dict[str, Any]:
    """Return the content of ``invitation.json``."""
    salt, plaintext = some("invitation salt", 32), invitation().encode()
    opening, answer = invited(), joined()
    before = opening[1]
    assert before.buckets is not None
    return {
        "secret": SECRET.hex(),
        "fragment": b64(SECRET),
        **_derived(),
        "vault_id": str(VAULT),
        "after_seq": SEQ,
        "invite_commit": _commit(opening[0]),
        "buckets": b64(b"".join(before.buckets)),
        "state_after_invite": before.signed.hex(),
        "joiner": {
            "user_id": str(person("stranger").user_id),
            "ed_seed": some("stranger ed seed 1", 32).hex(),
            "idcert": idcert("stranger").raw.hex(),
        },
        "join_signed": commits.join_message(VAULT, LINK.invite_id, idcert("stranger")).hex(),
        "join_time_ms": START_MS + 7_200_000,
        "join_commit": _commit(answer[0]),
        "salt": salt.hex(),
        "plaintext": plaintext.decode(),
        "blob": _sealed(salt, plaintext).hex(),
        "refused": _refused(),
    }


def _derived() -> dict[str, str]:
    mk = hkdf.derive(SECRET, bytes(32), b"keyarc/ka1/invitation\0", 32)
    return {
        "mk": mk.hex(),
        "invite_id": str(LINK.invite_id),
        "sign_seed": hkdf.expand(mk, b"keyarc/ka1/invite-sign", 32).hex(),
        "public_key": LINK.public_key.hex(),
        "seal_key": LINK.seal_key.hex(),
    }


def _commit(commit: commits.Commit) -> dict[str, str]:
    return {
        "commit": commit.raw.hex(),
        "signature": commit.signature.hex(),
        "hash": commit.hash.hex(),
        "state": commit.state.hex(),
    }


def _sealed(salt: bytes, plaintext: bytes) -> bytes:
    fields = invitation_fields(VAULT, LINK.invite_id)
    key, kind = LINK.seal_key, ObjectType.INVITATION
    return seal.seal_with_salt(salt, key, kind, fields, plaintext)


def _refused() -> list[dict[str, str]]:
    """Return invitations that are sealed rightly, and that no joiner may believe."""
    found = []
    for why, change in (_wrong_shapes() | _wrong_contents()).items():
        media = json.loads(invitation().encode())
        change(media)
        text = json.dumps(media, ensure_ascii=False, separators=(",", ":"))
        salt = some(f"invitation salt {why}", 32)
        found.append({"why": why, "blob": _sealed(salt, text.encode()).hex()})
    return found


def _wrong_shapes() -> dict[str, Callable[[dict[str, Any]], object]]:
    return {
        "no format": lambda media: media.pop("ka"),
        "another format": lambda media: media.update(ka=2),
        "a format that is true": lambda media: media.update(ka=True),
        "no address": lambda media: media.pop("email"),
        "an address that is null": lambda media: media.update(email=None),
        "an end in a number": lambda media: media.update(expires_ms=EXPIRES_MS),
        "no pin": lambda media: media.update(pin=None),
        "keys that are null": lambda media: media.update(keys=None),
        "a key that nobody knows": lambda media: media.update(extra=1),
    }


def _wrong_contents() -> dict[str, Callable[[dict[str, Any]], object]]:
    other = b64(some("another key", 32))
    invites = [some_id("first"), LINK.invite_id]
    return {
        "another vault": lambda media: media.update(vault_id=str(some_id("another vault"))),
        "an inviter who is a stranger": lambda media: media.update(
            inviter=b64(idcert("stranger").raw)
        ),
        "an inviter who may not invite": lambda media: media.update(
            inviter=b64(idcert("joiner").raw)
        ),
        "an inviter by the key before": lambda media: media.update(
            inviter=b64(idcert("owner").raw)
        ),
        "another role": lambda media: media.update(role=4),
        "a role that the inviter may not give": _by_the_admin,
        "another end": lambda media: media.update(expires_ms=str(EXPIRES_MS + 1)),
        "a state in which it is not open": lambda media: media["pin"].update(invites=[]),
        "a state with another invitation": lambda media: media["pin"]["invites"][0].__setitem__(
            0, str(invites[0])
        ),
        "a state in which it has another key": lambda media: media["pin"]["invites"][0].__setitem__(
            1, b64(idcert("owner").ed_pk)
        ),
        "no key of the current epoch": lambda media: media["keys"].pop("2"),
        "another key of the current epoch": lambda media: media["keys"].update({"2": other}),
        "another key of an old epoch": lambda media: media["keys"].update({"1": other}),
        "a key of an epoch to come": lambda media: media["keys"].update({"3": other}),
    }


def _by_the_admin(media: dict[str, Any]) -> None:
    media.update(inviter=b64(idcert("admin").raw), role=2)
    media["pin"]["invites"][0][2] = 2
