"""Account key and session are in the system's key store where there is one."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import NewDevice
from tests.cli.keyarc import Keyarc


@pytest.fixture
def key_store(tmp_path: Path) -> Path:
    return tmp_path / "key-store.json"


@pytest.fixture
def someone(device: NewDevice, key_store: Path) -> Keyarc:
    made = device()
    made.variables |= {
        "PYTHON_KEYRING_BACKEND": "tests.cli.file_keyring.FileKeyring",
        "KEY_STORE": str(key_store),
    }
    return made


def names(key_store: Path) -> set[str]:
    return {name.partition("|")[2].split()[0] for name in json.loads(key_store.read_text())}


def test_a_key_store_of_the_system_is_used_where_it_works(someone: Keyarc, key_store: Path) -> None:
    someone("signup")
    signed_up = names(key_store)
    someone("vault", "create", "work")
    someone("logout")
    logged_out = names(key_store)
    someone("login")

    assert signed_up == {"account-key", "session"}
    assert logged_out == {"account-key"}
    assert not (someone.home / "secrets.json").exists()
    assert someone("status", "--json").json["secrets_kept_in"] == "system"


def test_the_choice_is_made_once(someone: Keyarc, key_store: Path) -> None:
    backend = someone.variables.pop("PYTHON_KEYRING_BACKEND")
    someone("signup")
    someone.variables["PYTHON_KEYRING_BACKEND"] = backend

    someone("vault", "ls")

    assert not key_store.exists()
    assert someone("status", "--json").json["secrets_kept_in"] == "file"


def test_a_key_store_that_fails_later_is_told(someone: Keyarc, key_store: Path) -> None:
    someone("signup")
    key_store.write_text("{")

    assert "key store does not work" in someone("vault", "ls", code=1).err
