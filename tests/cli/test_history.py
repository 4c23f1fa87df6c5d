"""What was before, by command: versions, the trash, the log, a vault as it was, a check of it."""

from contextlib import closing
from uuid import UUID

import pytest

from shared.keyarc.changes import Removal, Write
from shared.keyarc.client import Client
from shared.keyarc.device import Device
from shared.keyarc.items import Details, Field, Overview
from shared.keyarc.sync import VaultView
from tests.cli.keyarc import Keyarc


@pytest.fixture
def filled(keyarc: Keyarc) -> Keyarc:
    """Someone with a secret of two versions, and another that was removed; by the library."""
    with closing(Client.resume(Device(keyarc.home))) as client:
        vault_id = client.vault("work").id
        key = Overview(name="KEY", path="db")
        client.change(vault_id, lambda _: [Write(key, details("first"))])
        client.change(vault_id, lambda view: [Write(key, details("second"), only(view))])
        client.change(vault_id, lambda _: [Write(Overview(name="OLD"), details("old"))])
        client.change(vault_id, lambda view: [Removal(view.find("OLD").id)])
    return keyarc


def details(value: str) -> Details:
    return Details((Field("value", value),))


def only(view: VaultView) -> UUID:
    [secret_id] = view.secrets
    return secret_id


def test_a_secret_s_versions_are_listed_read_and_brought_back(filled: Keyarc) -> None:
    filled("get", "work/db/KEY")

    history = filled("history", "work/db/KEY", "--json").json
    versions = [(one["version"], one["change"], one["by"]["email"]) for one in history["versions"]]
    assert versions == [(1, 2, filled.email), (2, 3, filled.email)]
    assert history["last_used_at"] is not None
    assert filled("get", "work/db/KEY", "--version", "1").out == "first"
    assert filled("get", "work/db/KEY", "--at", "2").out == "first"

    restored = filled("restore", "work/db/KEY", "--json").json

    assert (restored["restored"], restored["version"]) == (1, 3)
    assert filled("get", "work/db/KEY").out == "first"
    assert "no version 9" in filled("get", "work/db/KEY", "--version", "9", code=4).err


def test_the_trash_gives_back_and_is_emptied(filled: Keyarc) -> None:
    [thrown] = filled("trash", "ls", "work", "--json").json["trash"]
    assert (thrown["name"], thrown["removed"]["change"]) == ("OLD", 5)

    filled("trash", "restore", "work/OLD")
    assert filled("get", "work/OLD").out == "old"
    filled("rm", "work/OLD")
    assert "--yes" in filled("trash", "purge", "work/OLD", code=2).err
    filled("trash", "purge", "work/OLD", "--yes")

    assert filled("trash", "ls", "work", "--json").json["trash"] == []
    assert "no secret OLD" in filled("restore", "work/OLD", code=4).err
    told = filled("history", f"work/{thrown['id']}", "--json").json["versions"]
    assert [one["state"] for one in told[:2]] == ["purged", "removed"]
    assert "purged" in filled("restore", f"work/{thrown['id']}", code=4).err


def test_a_vault_is_listed_as_it_was(filled: Keyarc) -> None:
    then = filled("ls", "work", "--at", "4", "--json").json

    assert [one["name"] for one in then["secrets"]] == ["OLD", "KEY"]
    assert then["by"]["email"] == filled.email
    assert "work/OLD" in filled("ls", "work", "--at", "4").out
    assert "say which" in filled("ls", "--at", "4", code=2).err


def test_changes_and_accesses_are_told_together(filled: Keyarc) -> None:
    filled("get", "work/db/KEY")

    entries = filled("log", "work", "--json").json["entries"]
    table = filled("log", "work", "--last", "2").out

    changes = [one["seq"] for one in entries if one["kind"] == "change"]
    reads = [one for one in entries if one["kind"] == "access" and one["action"] == "secret.read"]
    assert changes == [1, 2, 3, 4, 5]
    assert reads[-1]["from"] == "127.0.0.1"
    assert reads[-1]["objects"][0]["name"] == "db/KEY"
    assert "  read db/KEY" in table
    assert "removed OLD" in table


def test_a_whole_vault_is_recomputed_and_what_was_checked_is_said(filled: Keyarc) -> None:
    report = filled("verify", "work", "--json").json
    told = filled("verify", "work").out

    assert report["verified"] is True
    assert report["checked"]["commits"] == 5
    assert (report["checked"]["secrets"], report["checked"]["deleted"]) == (1, 1)
    assert report["head"]["hash"] in told
    assert "5 changes from the first on" in told
    assert "1 member, 1 key:" in told
    assert "Not checked: values" in told
