"""A pin: the public state of a vault as a keyring keeps it, in JSON."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from .commits import Invite, Member, ProfileMark, Role, State
from .encoding import Broken, b64, parse_id, parse_u64, unb64
from .identity import ED_PK, check_ed_pk

_HASH: Final = 32


def members(media: Any, *names: str) -> dict[str, Any]:
    """Return an object that has these keys and no others."""
    if not isinstance(media, dict) or media.keys() != set(names):
        raise Broken
    return media


def pairs(media: Any) -> Iterable[tuple[str, Any]]:
    """Return the entries of an object."""
    if not isinstance(media, dict):
        raise Broken
    return media.items()


def integer(media: Any) -> int:
    """Return a number that is whole, and not a boolean."""
    if type(media) is not int:
        raise Broken
    return media


def read_text(media: Any) -> str:
    """Return a text."""
    if not isinstance(media, str):
        raise Broken
    return media


def encode_pin(state: State) -> dict[str, Any]:
    """Return the JSON of a public state."""
    mark = state.profile
    return {
        "seq": str(state.seq),
        "hash": b64(state.head),
        "state": b64(state.signed),
        "roster": [
            [str(user_id), int(member.role), b64(member.idcert_hash)]
            for user_id, member in sorted(state.roster.items())
        ],
        "invites": [
            [str(invite_id), b64(invite.public_key), int(invite.role), str(invite.expires_ms)]
            for invite_id, invite in sorted(state.invites.items())
        ],
        "epochs": [[str(epoch), b64(key)] for epoch, key in enumerate(state.epochs, start=1)],
        "profile": mark and [str(mark.epoch), str(mark.seq), b64(mark.blob_hash)],
    }


def decode_pin(vault_id: UUID, media: Any) -> State:
    """Return the public state of its JSON."""
    pin = members(media, "seq", "hash", "state", "roster", "invites", "epochs", "profile")
    return State(
        vault_id,
        seq=parse_u64(pin["seq"]),
        head=unb64(pin["hash"], _HASH),
        signed=unb64(pin["state"], _HASH),
        roster=_roster(pin["roster"]),
        invites=_invites(pin["invites"]),
        epochs=_epochs(pin["epochs"]),
        profile=None if pin["profile"] is None else _profile(pin["profile"]),
        buckets=None,
        secrets={},
    )


def _rows(media: Any, width: int) -> list[list[Any]]:
    if not isinstance(media, list):
        raise Broken
    if not all(isinstance(row, list) and len(row) == width for row in media):
        raise Broken
    return media


def _roster(media: Any) -> dict[UUID, Member]:
    rows = _rows(media, 3)
    roster = {parse_id(one): Member(read_role(role), unb64(key, _HASH)) for one, role, key in rows}
    if len(roster) != len(rows):
        raise Broken
    return roster


def _invites(media: Any) -> dict[UUID, Invite]:
    rows = _rows(media, 4)
    invites = {}
    for invite_id, key, role, expires_ms in rows:
        invite = Invite(
            parse_id(invite_id), unb64(key, ED_PK), read_role(role), parse_u64(expires_ms)
        )
        check_ed_pk(invite.public_key)
        invites[invite.invite_id] = invite
    if len(invites) != len(rows):
        raise Broken
    return invites


def _epochs(media: Any) -> list[bytes]:
    rows = _rows(media, 2)
    if [parse_u64(epoch) for epoch, _ in rows] != list(range(1, len(rows) + 1)):
        raise Broken
    return [unb64(key, _HASH) for _, key in rows]


def _profile(media: Any) -> ProfileMark:
    [[epoch, seq, blob_hash]] = _rows([media], 3)
    return ProfileMark(parse_u64(epoch), parse_u64(seq), unb64(blob_hash, _HASH))


def read_role(media: Any) -> Role:
    """Return a role of its number."""
    try:
        return Role(integer(media))
    except ValueError:
        raise Broken from None
