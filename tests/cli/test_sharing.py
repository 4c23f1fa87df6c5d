"""Two people and a vault: share, join, read, hand on, remove, and what is left to replace."""

import shlex

import psycopg
import pytest

from machines.stack import Stack
from tests.cli.keyarc import Keyarc


def words_of(someone: Keyarc) -> str:
    return " ".join(someone("words", "--json").json["words"])


def roles(someone: Keyarc, vault: str) -> dict[str, tuple[str, str | None]]:
    found = someone("members", vault, "--json").json["members"]
    return {one["email"]: (one["role"], one["verified"]) for one in found}


def test_a_vault_passes_by_link_and_back(keyarc: Keyarc, other: Keyarc) -> None:
    keyarc("set", "work/A", given=b"value a")
    made = keyarc("share", "work", "--role", "member", "--for", other.email, "--json").json

    refused = other("join", made["link"], code=2)
    link = made["link"].replace("localhost", "127.0.0.1")  # this machine's other name
    joined = other("join", "-", "--yes", "--json", given=link.encode()).json

    assert "--yes" in refused.err
    assert joined["role"] == "member"
    team = joined["vault"]["id"]
    assert other("get", f"{team}/A").out.strip() == "value a"
    assert roles(keyarc, "work") == {
        keyarc.email: ("owner", "self"),
        other.email: ("member", "link"),
    }
    assert "this invitation is not open" in other("join", made["link"], code=4).err

    keyarc("members", "remove", "work", other.email, "--yes")
    keyarc("set", "work/B", given=b"value b")
    (gone,) = keyarc("leavers", "work", "--json").json["leavers"]

    assert gone["who"]["email"] == other.email
    assert [(one["name"], one["status"]) for one in gone["secrets"]] == [("A", "left")]
    assert f"{keyarc.email} removed you" in other("vault", "ls").err
    assert other("vault", "ls").err == ""
    other("get", f"{team}/B", code=4)

    keyarc("set", "work/A", given=b"another value")
    assert "replaced" in keyarc("leavers", "work").out
    assert keyarc("leavers", "work", "--json").json["leavers"][0]["left"] == 0


def test_words_are_compared_before_anybody_gets_a_role(
    stack: Stack, keyarc: Keyarc, other: Keyarc
) -> None:
    """M19: the server names keys for an address; without their words nothing is sent to them."""
    add = ("members", "add", "work", other.email, "--role", "viewer", "--yes")
    words = words_of(other)

    def accepted(vault: str) -> list[bool]:
        question = "SELECT accepted FROM vault_members WHERE vault_id = %s ORDER BY joined_at"
        with psycopg.connect(stack.database_url) as conn:
            return [one for (one,) in conn.execute(question, (vault,))]

    wrong = " ".join(reversed(words.split()))

    unasked, differing = keyarc(*add, code=2), keyarc(*add, "--words", wrong, code=1)
    keyarc(*add, "--words", words)

    assert "seven words" in unasked.err
    assert "Nothing was sent" in differing.err
    assert "waiting for a yes: keyarc join" in other("vault", "ls").err
    (waiting,) = other("join", "--json").json["waiting"]
    assert (waiting["role"], waiting["verified"]) == ("viewer", None)
    answer = ("join", waiting["vault"]["id"], "--yes")
    assert "seven words" in other(*answer, code=2).err
    assert accepted(waiting["vault"]["id"]) == [True, False]  # so nobody writes letters to them
    other(*answer, "--words", words_of(keyarc))
    assert accepted(waiting["vault"]["id"]) == [True, True]
    assert roles(other, waiting["vault"]["id"])[keyarc.email] == ("owner", "words")
    assert other("leave", waiting["vault"]["id"], "--yes").code == 0


def test_who_came_by_a_link_for_nobody_in_particular_is_given_roles_by_address(
    keyarc: Keyarc, other: Keyarc
) -> None:
    """M19: the question says whose word the address is; --yes takes it, and it is held to."""
    other("join", keyarc("share", "work", "--json").json["link"], "--yes")
    asked = keyarc("members", "role", "work", other.email, "admin", code=2)
    keyarc("vault", "create", "second")

    keyarc("members", "add", "second", other.email.upper(), "--role", "viewer", "--yes")
    keyarc("members", "role", "work", other.email, "admin", "--yes")

    assert "--yes" in asked.err
    found = keyarc("members", "second", "--json").json["members"]
    assert [(one["email"], one["role"], one["said"]) for one in found][1:] == [
        (other.email, "viewer", False)
    ]


def test_one_takes_oneself_out_by_either_name(keyarc: Keyarc, other: Keyarc) -> None:
    link = keyarc("share", "work", "--role", "viewer", "--for", other.email, "--json").json["link"]
    team = other("join", link, "--yes", "--json").json["vault"]["id"]

    other("members", "remove", team, other.email, "--yes")

    (gone,) = keyarc("leavers", "work", "--json").json["leavers"]
    assert (gone["by"]["email"], gone["rotated"]) == (other.email, False)
    assert "is no address" in keyarc("share", "work", "--for", "me", code=2).err


def test_on_a_terminal_words_are_shown_and_asked_about(keyarc: Keyarc, other: Keyarc) -> None:
    told = keyarc.on_terminal(
        *shlex.split(f"members add work {other.email}"),
        talk=[("Does it? [y/N]", "y\n"), ("as member? [y/N]", "y\n")],
    )

    assert words_of(other) in told.err


def test_an_invitation_is_listed_and_cancelled(keyarc: Keyarc, other: Keyarc) -> None:
    """M36: one that was cancelled lets nobody in."""
    link = keyarc("share", "work", "--json").json["link"]
    (invited,) = keyarc("invitation", "ls", "work", "--json").json["invitations"]

    keyarc("invitation", "cancel", "work", invited["id"])

    assert keyarc("invitation", "ls", "work", "--json").json["invitations"] == []
    assert "not open" in other("join", link, "--yes", code=4).err


def test_nothing_is_no_vault(keyarc: Keyarc) -> None:
    assert "give a link or a vault" in keyarc("join", " ", code=2).err


@pytest.mark.parametrize("link", ["https://keyarc.example/once#x", "x#y", "http://[#x", "#"])
def test_what_is_no_link_is_mistyped(keyarc: Keyarc, link: str) -> None:
    assert "this is no link" in keyarc("join", link, code=2).err
