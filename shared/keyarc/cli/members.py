"""``members``, ``leave`` and ``words``: who is of a vault, and changes of that."""

from argparse import Namespace

from .. import members
from ..client import Client
from ..commits import Role
from ..members import Member
from ..memories import Known
from ..open_invitations import OpenInvitation, open_invitations
from ..vaults import Vault
from ..words import words_of_idcert
from .compared import compare, confirm
from .home import open_client
from .moments import at, rfc3339
from .names import SAID
from .terminal import emit, note, shown, table, when


def show(arguments: Namespace) -> None:
    """List the members, and the invitations that are open."""
    client, vault = _opened(arguments)
    everyone, invited = members.members(client, vault.id), open_invitations(client, vault.id)
    if arguments.json:
        found = [media_of(one) for one in everyone]
        emit({"members": found, "invitations": [media_of_invitation(one) for one in invited]})
        return
    table([("WHO", "ROLE", "VERIFIED", "JOINED"), *(_row(one) for one in everyone)])
    for member in everyone:
        if member.verified is None and not member.machine:
            note(f"{_who(member)} must see these words on their side: {' '.join(member.words)}")
    for one in invited:
        whom = f" for {shown(one.email)}" if one.email else ""
        note(f"Invited by link{whom}: {one.role.name.lower()}, until {at(one.expires_ms)}.")


def add(arguments: Namespace) -> None:
    """Add somebody whose identity was made sure of, now or before."""
    client, vault = _opened(arguments)
    idcert, known = members.look_up(client, arguments.email)
    if known is None or arguments.words is not None:
        compare(arguments.email, idcert, arguments.words)
        known = Known(idcert, "words", arguments.email.strip().lower())
    role = Role[arguments.role.upper()]
    confirm(
        f"Add {shown(known.email)} to {shown(vault.name)} as {arguments.role}?", yes=arguments.yes
    )
    members.add(client, vault.id, known, role)
    note(f"Added {shown(known.email)}. They see the vault once they have said yes to it.")


def change_role(arguments: Namespace) -> None:
    """Give a member another role; one that nobody here made sure of only after their words."""
    client, vault = _opened(arguments)
    member = members.find(client, vault.id, arguments.email)
    _make_sure(member, arguments)
    who, role = _who(member), arguments.role
    confirm(f"Make {who} {role} of {shown(vault.name)}?", yes=arguments.yes)
    members.set_role(client, vault.id, member.user_id, Role[role.upper()])
    note(f"{who} is {role} of {shown(vault.name)} now.")


def hand_over(arguments: Namespace) -> None:
    """Make a member the owner, and oneself an admin."""
    client, vault = _opened(arguments)
    member = members.find(client, vault.id, arguments.email)
    _make_sure(member, arguments)
    who = _who(member)
    confirm(f"Hand {shown(vault.name)} over to {who}?", yes=arguments.yes)
    members.hand_over(client, vault.id, member.user_id)
    note(f"{who} owns {shown(vault.name)} now; you are an admin of it.")


def remove(arguments: Namespace) -> None:
    """Take a member out; the vault gets a new key in the same change."""
    client, vault = _opened(arguments)
    member = members.find(client, vault.id, arguments.email)
    who = _who(member)
    confirm(f"Remove {who} from {shown(vault.name)}?", yes=arguments.yes)
    members.remove(client, vault.id, member.user_id)
    note(f"Removed {who}. What is written from now on is sealed with a new key.")
    note(f"What they could read they may have copied: keyarc leavers {shown(vault.name)}")


def leave(arguments: Namespace) -> None:
    """Take oneself out of a vault."""
    client, vault = _opened(arguments)
    confirm(f"Leave {shown(vault.name)}? You will not see it any more.", yes=arguments.yes)
    members.leave(client, vault.id)
    note(f"You left {shown(vault.name)}.")


def rotate(arguments: Namespace) -> None:
    """Change a vault's key."""
    client, vault = _opened(arguments)
    confirm(f"Change the key of {shown(vault.name)}?", yes=arguments.yes)
    members.rotate(client, vault.id)
    note("Changed. Open invitations have ended with the old key.")


def show_words(arguments: Namespace) -> None:
    """Print one's own seven words."""
    opened = open_client().opened
    words = words_of_idcert(opened.keys.idcert)
    if arguments.json:
        emit({"email": opened.keyring.account.email, "words": words})
    else:
        print(" ".join(words))


def media_of(member: Member) -> dict[str, object]:
    """Give the JSON of a member; ``said`` tells that the address is only the server's word."""
    return {
        "user_id": str(member.user_id),
        "email": member.email or None,
        "said": member.said,
        "role": member.role.name.lower(),
        "verified": member.verified,
        "machine": member.machine,
        "joined_at": member.joined_at or None,
        "words": member.words,
    }


def media_of_invitation(one: OpenInvitation) -> dict[str, object]:
    """Give the JSON of an open invitation."""
    return {
        "id": str(one.invite_id),
        "role": one.role.name.lower(),
        "email": one.email or None,
        "own": one.own,
        "expires_at": rfc3339(one.expires_ms),
    }


def _opened(arguments: Namespace) -> tuple[Client, Vault]:
    client = open_client()
    return client, client.vault(arguments.vault)


def _make_sure(member: Member, arguments: Namespace) -> None:
    """Have words compared, also where only the server says that the address is a member's."""
    named = member.said and arguments.email.strip().lower() != str(member.user_id)
    if member.verified is None or named or arguments.words is not None:
        compare(_who(member), member.idcert, arguments.words)


def _who(member: Member) -> str:
    if member.machine:
        return f"the machine {member.user_id}"
    if not member.email:
        return str(member.user_id)
    return shown(f"{member.email} ({SAID})" if member.said else member.email)


def _row(member: Member) -> tuple[str, ...]:
    verified = {"self": "you", None: "-"}.get(member.verified, member.verified or "-")
    joined = when(member.joined_at) if member.joined_at else "-"
    return (_who(member), member.role.name.lower(), verified, joined)
