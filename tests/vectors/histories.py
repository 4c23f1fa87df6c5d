"""Vectors of a vault's history: every op, and its hashes step by step."""

from dataclasses import fields
from typing import Any
from uuid import UUID

from shared.keyarc import commits
from shared.keyarc.commits import Op, State
from shared.keyarc.commits.log import NO_HASH
from shared.keyarc.commits.ops import write_op
from shared.keyarc.commits.state import bucket_hash
from shared.keyarc.encoding import sha256, u64
from shared.keyarc.identity import IdCert
from shared.keyarc.vault_keys import vk_commit
from tests.vectors import forgeries, malformed, misdeeds
from tests.vectors.accounts import idcert
from tests.vectors.material import person, some
from tests.vectors.stories import VAULT, Step, story, vault_key


def make() -> dict[str, Any]:
    """Return the content of ``history.json``."""
    told = story()
    return {
        "vault_id": str(VAULT),
        "vault_keys": {str(epoch): vault_key(epoch).hex() for epoch in (1, 2)},
        "vk_commits": {
            str(epoch): vk_commit(vault_key(epoch), VAULT, epoch).hex() for epoch in (1, 2)
        },
        "people": {
            name: {"user_id": str(person(name).user_id), "idcert": idcert(name).raw.hex()}
            for name in ("owner", "admin", "member", "viewer", "joiner", "stranger")
        },
        "invite_keys": {
            name: some(f"invite key {name}", 32).hex() for name in ("first", "second", "third")
        },
        "commits": [_step(step) for step in told.steps],
        "secrets_at_head": [
            _media(one) for bucket in told.state.secrets.values() for one in bucket.values()
        ],
        "deleted_at_head": {str(one): version for one, version in told.state.deleted.items()},
        "refused": _refused(),
    }


def _refused() -> list[dict[str, Any]]:
    found = forgeries.by_role() | forgeries.by_place() | misdeeds.make() | malformed.make()
    return [
        {
            "why": why,
            "after_seq": one.after,
            "error": one.error,
            "commit": one.raw.hex(),
            "signature": one.signature.hex(),
        }
        for why, one in found.items()
    ]


def _step(step: Step) -> dict[str, Any]:
    commit, state = step.commit, step.after
    assert state.buckets is not None
    return {
        "what": step.what,
        "vault_id": str(commit.vault_id),
        "seq": commit.seq,
        "prev": commit.prev.hex(),
        "time_ms": commit.time_ms,
        "author_id": str(commit.author_id),
        "author_key_epoch": commit.author_key_epoch,
        "state": commit.state.hex(),
        "ops": [_op(op) for op in commit.ops],
        "commit": commit.raw.hex(),
        "signature": commit.signature.hex(),
        "hash": commit.hash.hex(),
        "after": {
            "roster": [
                {"user_id": str(one), "role": int(who.role), "idcert_hash": who.idcert_hash.hex()}
                for one, who in sorted(state.roster.items())
            ],
            "invites": [_media(one) for _, one in sorted(state.invites.items())],
            "epochs": [one.hex() for one in state.epochs],
            "profile": state.profile and _media_of_mark(state.profile),
            **_hashes(state),
            "buckets_that_are_not_zero": {
                f"{at:02x}": one.hex() for at, one in enumerate(state.buckets) if one != NO_HASH
            },
        },
    }


def _hashes(state: State) -> dict[str, str]:
    """Return the four hashes in front of the buckets, computed here once more from the text."""
    roster = [
        one.bytes + bytes([who.role]) + who.idcert_hash for one, who in sorted(state.roster.items())
    ]
    invites = [
        one.invite_id.bytes + one.public_key + bytes([one.role]) + u64(one.expires_ms)
        for _, one in sorted(state.invites.items())
    ]
    epochs = [u64(at) + one for at, one in enumerate(state.epochs, start=1)]
    mark = state.profile
    profile = sha256(u64(mark.epoch), u64(mark.seq), mark.blob_hash) if mark else bytes(32)
    parts = [sha256(*roster), sha256(*invites), sha256(*epochs), profile]
    buckets = [bucket_hash(state.secrets[at].values()) for at in range(256)]
    assert sha256(b"keyarc/ka1/state\0", *parts, *buckets) == state.signed
    names = ("roster_hash", "invites_hash", "epochs_hash", "profile_hash")
    return {name: part.hex() for name, part in zip(names, parts, strict=True)}


def _op(op: Op) -> dict[str, Any]:
    raw = write_op(op)
    return {"op": type(op).__name__.lower(), "code": raw[0], "body": raw[5:].hex(), **_media(op)}


def _media(one: Op) -> dict[str, Any]:
    return {part.name: _value(getattr(one, part.name)) for part in fields(one)}


def _media_of_mark(mark: commits.ProfileMark) -> dict[str, Any]:
    return {"epoch": mark.epoch, "seq": mark.seq, "blob_hash": mark.blob_hash.hex()}


def _value(value: Any) -> Any:
    match value:
        case bytes():
            return value.hex()
        case UUID():
            return str(value)
        case IdCert():
            return value.raw.hex()
        case _:
            return int(value)
