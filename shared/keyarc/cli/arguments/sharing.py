"""``share``, ``invitation``, ``join``, ``members``, ``leave``, ``leavers`` and ``words``."""

import argparse
from collections.abc import Sequence
from typing import Any

from .forms import add, group, json_too

ROLES = ("owner", "admin", "member", "viewer")
RIGHTS = """\
roles: a viewer reads; a member reads and writes; an admin also invites, adds and removes members
and viewers; an owner does everything. A vault has one owner at least.
"""
SURE = """\
Nobody gets a role before somebody made sure of them: by a link that was passed on, or by seven
words, which are asked for here or given as --words. --yes does not skip that. It does take the
server's word for the address of who came by a link of yours without --for; that address is kept.
"""
# `members VAULT` is short for `members ls VAULT`.
OF_MEMBERS = ("ls", "add", "role", "remove", "hand-over")


def spelled_out(words: Sequence[str]) -> list[str]:
    """Give the words of a command, with the one that `members VAULT` leaves out."""
    if words[:1] == ["members"] and words[1:] and words[1] not in {*OF_MEMBERS, "-h", "--help"}:
        return ["members", "ls", *words[1:]]
    return list(words)


def add_to(commands: Any) -> None:
    """Add the commands of sharing."""
    _sharing(commands)
    _joining(commands)
    _members(commands)
    example = "The last owner hands over first.\n\nexample:\n  keyarc leave team"
    _yes(_of_vault(add(commands, "leave", "members:leave", "leave a vault", example)))
    example = (
        "Whoever was of a vault may have copied what was in it. A credential is done once its value"
        "\nwas replaced; one that was deleted here may still be valid where it was made.\n\n"
        "example:\n  keyarc leavers team --json"
    )
    what = "list what people who are gone could read, and what is left to replace"
    json_too(_of_vault(add(commands, "leavers", "leavers:show", what, example)))
    example = "Whoever adds you to a vault compares them.\n\nexample:\n  keyarc words"
    json_too(add(commands, "words", "members:show_words", "show your seven words", example))


def _sharing(commands: Any) -> None:
    example = (
        "Whoever opens the link can join, once. The server never sees what makes it valid.\n\n"
        "examples:\n  keyarc share team --role member --for someone@example.com\n"
        "  keyarc share team --role viewer --expires 12h --json\n\n"
    )
    what = "make a link by which somebody can join a vault"
    sharing = _of_vault(add(commands, "share", "sharing:share", what, example + RIGHTS))
    _role(sharing)
    sharing.add_argument(
        "--for",
        dest="email",
        metavar="EMAIL",
        help="for whom: you know them by it then, without the server's word",
    )
    sharing.add_argument(
        "--expires",
        default="7d",
        metavar="WHEN",
        help="12h, 7d, or the last day (UTC); 7d where left out",
    )
    json_too(sharing)
    inner = group(commands, "invitation", "list and cancel open links of a vault")
    example = "example:\n  keyarc invitation ls team"
    what = "list the open invitations of a vault"
    json_too(_of_vault(add(inner, "ls", "sharing:show_invitations", what, example)))
    example = "example:\n  keyarc invitation cancel team 0b0f5d8e-7d2c-4a52-9d4c-5d1f6f1d2c3b"
    cancel = _of_vault(add(inner, "cancel", "sharing:cancel", "cancel an invitation", example))
    cancel.add_argument("invitation", metavar="ID")


def _joining(commands: Any) -> None:
    example = (
        "Alone it lists the vaults that somebody added you to; none is there before you say yes.\n"
        "Words are asked for where nobody here has made sure of who shares.\n\n"
        "examples:\n  keyarc join 'https://keyarc.example/join#…'\n  keyarc join - < link.txt\n"
        "  keyarc join\n  keyarc join team --yes\n  keyarc join team --refuse"
    )
    joining = add(commands, "join", "sharing:join", "join a vault", example)
    joining.add_argument(
        "what", metavar="LINK|VAULT", nargs="?", help="- reads a link from standard input"
    )
    joining.add_argument("--refuse", action="store_true", help="say no to a vault that waits")
    _words(joining)
    _yes(joining)
    json_too(joining)


def _members(commands: Any) -> None:
    inner = group(commands, "members", "list and change who is of a vault")
    example = (
        "`keyarc members VAULT` is the same, but for a vault called ls, add, role, remove or"
        " hand-over.\n\nexample:\n  keyarc members team --json"
    )
    json_too(_of_vault(add(inner, "ls", "members:show", "list the members of a vault", example)))
    example = "example:\n  keyarc members add team someone@example.com --role viewer\n\n"
    what = "add somebody who has an account"
    adding = _of_person(add(inner, "add", "members:add", what, example + SURE + RIGHTS))
    _role(adding)
    _words(adding)
    example = "example:\n  keyarc members role team someone@example.com admin\n\n"
    what, more = "give a member another role", example + SURE + RIGHTS
    changing = _of_person(add(inner, "role", "members:change_role", what, more))
    changing.add_argument("role", choices=ROLES)
    _words(changing)
    example = (
        "The vault's key changes with it; those who stay get the new one.\n\n"
        "example:\n  keyarc members remove team someone@example.com"
    )
    _of_person(add(inner, "remove", "members:remove", "take a member out", example))
    example = "example:\n  keyarc members hand-over team someone@example.com\n\n"
    what = "make a member the owner, and yourself an admin"
    handing = _of_person(add(inner, "hand-over", "members:hand_over", what, example + SURE))
    _words(handing)


def _of_vault(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    command.add_argument("vault", metavar="VAULT")
    return command


def _of_person(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    _of_vault(command).add_argument(
        "email", metavar="EMAIL", help="or the id that `members --json` shows"
    )
    _yes(command)
    return command


def _role(command: argparse.ArgumentParser) -> None:
    command.add_argument("--role", choices=ROLES, default="member", help="member where left out")


def _words(command: argparse.ArgumentParser) -> None:
    command.add_argument("--words", metavar="W", help="the seven words that they told you")


def _yes(command: argparse.ArgumentParser) -> None:
    command.add_argument("--yes", action="store_true", help="do not ask whether it is meant")
