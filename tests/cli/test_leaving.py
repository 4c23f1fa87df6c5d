"""Taking everything along, moving to another address, and leaving nothing behind."""

import json
import stat
from pathlib import Path
from uuid import uuid4

import pytest

from tests.cli.conftest import NewDevice
from tests.cli.keyarc import Keyarc


@pytest.fixture
def filled(keyarc: Keyarc) -> Keyarc:
    """Someone with two vaults, of which one has a secret."""
    keyarc("vault", "create", "empty")
    keyarc("set", "work/api/KEY", "--tag", "prod", given=b"needle")
    return keyarc


def test_an_export_holds_every_value_and_is_for_its_owner_alone(
    filled: Keyarc, tmp_path: Path
) -> None:
    file = tmp_path / "all.json"

    told = filled("export", str(file)).err

    taken = json.loads(file.read_text())
    assert taken["keyarc_export"] == 1
    assert [(vault["name"], len(vault["secrets"])) for vault in taken["vaults"]] == [
        ("empty", 0),
        ("work", 1),
    ]
    secret = taken["vaults"][1]["secrets"][0]
    assert (secret["overview"]["path"], secret["overview"]["tags"]) == ("api", ["prod"])
    assert secret["details"]["fields"][0]["value"] == "needle"
    assert filled.email in json.dumps(taken["account"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "plain text" in told
    filled("export", str(file), code=5)


def test_an_export_to_standard_output_is_the_same(filled: Keyarc) -> None:
    exported = filled("export", "-")

    assert json.loads(exported.out)["vaults"][0]["name"] == "empty"
    assert "plain text" in exported.err


def test_an_account_moves_to_another_address(filled: Keyarc) -> None:
    address = f"{uuid4().hex}@example.com"

    filled("account", "email", address.upper())

    assert filled("get", "work/api/KEY").out == "needle"
    assert filled("status", "--json").json["email"] == address
    filled("logout")
    filled("login", code=2)  # under the old address nothing is kept any more
    filled.email = address
    filled("login")
    assert filled("get", "work/api/KEY").out == "needle"


def test_an_address_that_is_taken_stays_whose_it_is(filled: Keyarc, device: NewDevice) -> None:
    other = device()
    other("signup")

    assert other.email in filled("account", "email", other.email, code=5).err
    filled("account", "email", "nonsense", code=2)
    assert filled("account", "show", "--json").json["email"] == filled.email


def test_an_account_is_deleted_by_who_types_its_address(filled: Keyarc) -> None:
    filled("account", "delete", code=2)
    filled("account", "delete", "--confirm", "someone@example.com", code=2)
    filled.password, right = "a wrong password", filled.password
    filled("account", "delete", "--confirm", filled.email, code=8)
    filled.password = right
    assert filled("get", "work/api/KEY").out == "needle"

    filled("account", "delete", "--confirm", filled.email)

    filled("ls", code=3)
    kept = "".join(file.read_text() for file in filled.home.iterdir())
    assert "account-key" not in kept
    assert "user_key" not in kept
    filled("signup")


def test_a_person_types_the_address_on_a_terminal(filled: Keyarc) -> None:
    talk = [("address of the account:", f"{filled.email}\n")]

    asked = filled.on_terminal("account", "delete", talk=talk)

    assert "for\r\ngood" in asked.err
    assert "Deleted the account" in asked.err
