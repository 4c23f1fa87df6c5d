"""``members``, ``leave`` and ``words``: who is of a vault, and changes of that."""

import time
from argparse import Namespace

from .. import members
from ..client import Client
from ..commits import Role
from ..directory import OtherKeys, look_up
from ..errors import Conflict, Failure
from ..identity import IdCert
from ..members import Member
from ..memories import Known
from ..open_invitations import OpenInvitation, open_invitations
from ..vaults import Vault
from ..words import words_of_idcert
from .compared import compare, confirm
from .home import open_client
from .moments import at, rfc3339
from .names import SAID
from .terminal import emit, interactive, note, shown, table, when


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
        if member.called:
            note(
                f"{_who(member)} is {shown(member.called)} to the server: somebody else may have"
                " used your link, or they have another address now. Compare their words."
            )
        if member.verified is None and not member.machine:
            note(f"{_who(member)} must see these words on their side: {' '.join(member.words)}")
    for one in invited:
        whom = f" for {shown(one.email)}" if one.email else ""
        note(f"Invited by link{whom}: {one.role.name.lower()}, {until(one)}.")


def add(arguments: Namespace) -> None:
    """Add somebody whose identity was made sure of, now or before."""
    client, vault = _opened(arguments)
    email = arguments.email.strip().lower()
    idcert, known = _looked_up(client, arguments)
    if idcert.user_id in client.sync(vault.id).state.roster:
        raise Conflict(f"{email} is a member of this vault already")
    if known is None or arguments.words is not None:
        compare(email, idcert, arguments.words)
        known = Known(idcert, "words", email)
    who = shown(email if known.email else f"{email} ({SAID})")
    confirm(f"Add {who} to {shown(vault.name)} as {arguments.role}?", yes=arguments.yes)
    person = Known(known.idcert, known.verified, email)
    members.add(client, vault.id, person, Role[arguments.role.upper()])
    note(f"Added {who}. They see the vault once they have said yes to it.")


def change_role(arguments: Namespace) -> None:
    """Give a member another role; more to one nobody here made sure of only after their words."""
    client, vault = _opened(arguments)
    member = members.find(client, vault.id, arguments.email)
    who, role = _who(member), Role[arguments.role.upper()]
    question = f"Make {who} {arguments.role} of {shown(vault.name)}?"
    _make_sure(client, member, arguments, question, more=role < member.role)
    members.set_role(client, vault.id, member.user_id, role)
    note(f"{who} is {arguments.role} of {shown(vault.name)} now.")


def hand_over(arguments: Namespace) -> None:
    """Make a member the owner, and oneself an admin."""
    client, vault = _opened(arguments)
    member = members.find(client, vault.id, arguments.email)
    who = _who(member)
    question = f"Hand {shown(vault.name)} over to {who}?"
    _make_sure(client, member, arguments, question, more=True)
    members.hand_over(client, vault.id, member.user_id)
    note(f"{who} owns {shown(vault.name)} now; you are an admin of it.")


def remove(arguments: Namespace) -> None:
    """Take a member out; the vault gets a new key in the same change."""
    client, vault = _opened(arguments)
    member = members.find(client, vault.id, arguments.email)
    if member.verified == "self":
        _leave(client, vault, yes=arguments.yes)
        return
    who = _who(member)
    confirm(f"Remove {who} from {shown(vault.name)}?", yes=arguments.yes)
    members.remove(client, vault.id, member.user_id)
    note(f"Removed {who}. What is written from now on is sealed with a new key.")
    note(f"What they could read they may have copied: keyarc leavers {shown(vault.name)}")


def leave(arguments: Namespace) -> None:
    """Take oneself out of a vault."""
    _leave(*_opened(arguments), yes=arguments.yes)


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
        "called": member.called or None,
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


def until(one: OpenInvitation) -> str:
    """Tell until when an invitation is open, or that its time is over."""
    over = one.expires_ms < time.time_ns() // 1_000_000
    return f"over since {at(one.expires_ms)}" if over else f"until {at(one.expires_ms)}"


def _opened(arguments: Namespace) -> tuple[Client, Vault]:
    client = open_client()
    return client, client.vault(arguments.vault)


def _leave(client: Client, vault: Vault, *, yes: bool) -> None:
    confirm(f"Leave {shown(vault.name)}? You will not see it any more.", yes=yes)
    members.leave(client, vault.id)
    note(f"You left {shown(vault.name)}.")


def _looked_up(client: Client, arguments: Namespace) -> tuple[IdCert, Known | None]:
    """Give whom an address means; other keys than before need words, and say why."""
    try:
        return look_up(client, arguments.email)
    except OtherKeys as ex:
        if arguments.words is None:
            if not interactive():
                raise
            note(f"keyarc: {ex}.")
        return ex.idcert, None


def _make_sure(
    client: Client, member: Member, arguments: Namespace, question: str, *, more: bool
) -> None:
    """Ask whether it is meant, after words where somebody unverified is to be trusted *more*."""
    if member.machine:
        raise Failure("a machine reads and has no other role: it can be removed, and made anew")
    compared = arguments.words is not None or (more and member.verified is None)
    if compared:
        compare(_who(member), member.idcert, arguments.words)
    confirm(question, yes=arguments.yes)
    if arguments.email.strip().lower() == member.email.lower():
        members.remember(client, member, compared=compared)


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
