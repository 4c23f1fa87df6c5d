"""``share``, ``invitation ls|cancel`` and ``join``: vaults that pass from person to person."""

from argparse import Namespace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from .. import joining, open_invitations, waiting
from ..client import Client
from ..commits import Role
from ..encoding import Broken, parse_id
from ..errors import Conflict, NotFound
from ..http import normal_server
from ..joining import Offer
from ..waiting import Waiting
from .compared import compare, confirm
from .home import open_client
from .members import media_of_invitation, until
from .moments import at
from .names import SAID, Names
from .terminal import Usage, emit, line_of_input, note, shown, table
from .tokens import parse_expiry

LONGEST = timedelta(days=366)
HANDING = """\
Whoever has this link can join once, until {}. Pass it on by a way that you trust, not by this
server; it is shown this once."""

BROKEN = 6  # as where only one vault is asked for: what came is not what was sealed and signed
UNOPENED = "what came with it is not what was sealed and signed"


def share(arguments: Namespace) -> None:
    """Make a link by which one person can join a vault, and print it."""
    now = datetime.now(UTC)
    expires_at = parse_expiry(arguments.expires, now)
    if expires_at is None or expires_at > now + LONGEST:
        raise Usage(f"--expires {arguments.expires} is not within the next year")
    client = open_client()
    vault, role = client.vault(arguments.vault), Role[arguments.role.upper()]
    whom = _whom(arguments.email)
    expires_ms = int(expires_at.timestamp()) * 1000
    link = open_invitations.share_by_link(client, vault.id, role, expires_ms, whom)
    if arguments.json:
        emit({"link": link, "expires_at": f"{expires_at:%Y-%m-%dT%H:%M:%SZ}"})
        return
    print(link)
    note(HANDING.format(at(expires_ms)))


def _whom(email: str | None) -> str:
    """Give for whom a link is, as addresses are compared; empty where nobody was named."""
    whom = None if email is None else email.strip().lower()
    if whom is not None and "@" not in whom:
        raise Usage(f"--for {email} is no address")
    return whom or ""


def show_invitations(arguments: Namespace) -> None:
    """List the open invitations of a vault."""
    client = open_client()
    found = open_invitations.open_invitations(client, client.vault(arguments.vault).id)
    if arguments.json:
        emit({"invitations": [media_of_invitation(one) for one in found]})
    elif found:
        rows = [
            (str(one.invite_id), one.role.name.lower(), shown(one.email) or "-", until(one))
            for one in found
        ]
        table([("ID", "ROLE", "FOR", "OPEN"), *rows])
    else:
        note("No invitation to this vault is open.")


def cancel(arguments: Namespace) -> None:
    """Take an invitation back."""
    try:
        invite_id = parse_id(arguments.invitation)
    except Broken:
        raise Usage(f"{arguments.invitation} is no id of `keyarc invitation ls`") from None
    client = open_client()
    open_invitations.cancel(client, client.vault(arguments.vault).id, invite_id)
    note("Cancelled: nobody can join by that link any more.")


def join(arguments: Namespace) -> int:
    """Join by link, answer what waits, or without either list what waits."""
    what = arguments.what
    if what is not None and not what.strip():
        raise Usage("give a link or a vault, or nothing to see what waits")
    client = open_client()
    if what is None:
        return _show_waiting(client, as_json=arguments.json)
    if what == "-" or "#" in what:
        _join_by_link(client, line_of_input() if what == "-" else what, arguments)
    elif arguments.refuse and (unopened := _waiting_id(client, what)):
        _refuse(client, unopened, what, arguments)
    else:
        _answer(client, _chosen(client, what), arguments)
    return 0


def _join_by_link(client: Client, link: str, arguments: Namespace) -> None:
    origin, secret = joining.parse_link(link)
    account = client.opened.keyring.account
    if _of_server(origin) != _of_server(account.server):
        raise Usage(f"this link is of {shown(origin)}, and you are logged in at {account.server}")
    offer = joining.read_link(client, secret)
    role = offer.invitation.role.name.lower()
    note(f"{shown(offer.invitation.email)} invites you to {shown(offer.name)} as {role}.")
    if not arguments.refuse:
        confirm("Join?", yes=arguments.yes)
        joining.join(client, offer)
        _tell(offer, role, as_json=arguments.json)


def _of_server(origin: str) -> str:
    """Give an address to compare; this machine has two names."""
    return normal_server(origin, plain_http=True).replace("//127.0.0.1", "//localhost")


def _answer(client: Client, offer: Waiting, arguments: Namespace) -> None:
    if arguments.refuse:
        _refuse(client, offer.vault_id, shown(offer.name), arguments)
        return
    names, role = Names(client, offer.vault_id), offer.role.name.lower()
    said = names(offer.granter.user_id)
    note(f"{shown(said)} shares {shown(offer.name)} with you as {role}.")
    compared = offer.verified is None or arguments.words is not None
    if compared:
        compare(said, offer.granter, arguments.words)
    confirm("Accept?", yes=arguments.yes)
    email = offer.email or said.removesuffix(f" ({SAID})")
    waiting.accept(client, offer, compared=compared, email=email if "@" in email else "")
    client.sync(offer.vault_id)  # the first list tells the server of the yes: letters begin
    _tell(offer, role, as_json=arguments.json)


def _refuse(client: Client, vault_id: UUID, called: str, arguments: Namespace) -> None:
    confirm(f"Refuse {called}?", yes=arguments.yes)
    waiting.decline(client, vault_id)
    note("Refused: you are not a member of it any more.")


def _waiting_id(client: Client, what: str) -> UUID | None:
    """Give the vault of that id, if it waits: it can be refused even where it does not open."""
    client.vaults()
    return next((one for one in client.unmounted if str(one) == what), None)


def _show_waiting(client: Client, *, as_json: bool) -> int:
    found, closed = waiting.waiting(client)
    if as_json:
        emit({"waiting": [_media(client, one) for one in found]})
    elif found:
        rows = [
            (
                shown(one.name),
                one.role.name.lower(),
                shown(Names(client, one.vault_id)(one.granter.user_id)),
                one.verified or "compare words",
                str(one.vault_id),
            )
            for one in found
        ]
        table([("VAULT", "ROLE", "FROM", "VERIFIED", "ID"), *rows])
        note("keyarc join VAULT takes one, keyarc join VAULT --refuse does not.")
    elif not closed:
        note("Nothing waits for you.")
    for vault_id, ex in closed.items():
        note(f"keyarc: a vault that was shared with you does not open: {str(ex) or UNOPENED}.")
        note(f"keyarc join {vault_id} --refuse takes you out of it.")
    return BROKEN if closed else 0


def _chosen(client: Client, name: str) -> Waiting:
    found, closed = waiting.waiting(client)
    if ex := next((ex for one, ex in closed.items() if str(one) == name), None):
        raise ex
    named = [one for one in found if name in {str(one.vault_id), one.name}]
    if not named:
        raise NotFound(f"no vault {name} waits for you; a link ends with /join# and 43 characters")
    if len(named) > 1:
        raise Conflict(f"several vaults {name} wait for you: give the id of `keyarc join`")
    return named[0]


def _tell(offer: Offer | Waiting, role: str, *, as_json: bool) -> None:
    if as_json:
        emit({"vault": {"id": str(offer.vault_id), "name": offer.name}, "role": role})
    else:
        note(f"You are {role} of {shown(offer.name)}: keyarc ls {shown(offer.name)}")


def _media(client: Client, one: Waiting) -> dict[str, object]:
    return {
        "vault": {"id": str(one.vault_id), "name": one.name},
        "role": one.role.name.lower(),
        "from": Names(client, one.vault_id).media(one.granter.user_id),
        "verified": one.verified,
        "words": one.words,
    }
