"""Password and account key are lost, and the recovery code is not."""

import stat
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from machines.stack import Stack
from tests.cli.conftest import NewDevice
from tests.cli.keyarc import Keyarc
from tests.waiting import until

NEW_PASSWORD = "another horse, another battery"


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Services where a recovery waits for some seconds only."""
    folder, settings = tmp_path_factory.mktemp("quick"), {"RECOVERY_DELAY": "4s"}
    with Stack(folder, durable=False, settings=settings) as stack:
        yield stack


def codes(shown: str) -> tuple[str, str]:
    """Return account key and recovery code of what a command printed."""
    key, code = (line.split()[-1] for line in shown.splitlines()[:2])
    return key, code


def test_a_lost_password_is_replaced_after_the_delay(quick: Stack, tmp_path: Path) -> None:
    email = f"{uuid4().hex}@example.com"
    first = Keyarc(tmp_path / "first", quick.url, email)
    _, code = codes(first("signup").out)
    first("vault", "create", "work")
    first("set", "work/KEY", given=b"value")
    other = Keyarc(tmp_path / "other", quick.url, email)
    other.variables["KEYARC_RECOVERY_CODE"] = code

    begun = other("recover", code=10)
    kept = {stat.S_IMODE(file.stat().st_mode) for file in other.home.iterdir()}
    other.variables["KEYARC_NEW_PASSWORD"] = NEW_PASSWORD
    kit = tmp_path / "kit.txt"
    result = until(lambda: _recovered(other, kit))

    assert "the recovery has begun and goes on at" in begun.err
    assert kept == {0o600}
    account_key, new_code = codes(result)
    assert account_key in kit.read_text()
    assert new_code in kit.read_text()
    assert other("get", "work/KEY").out == "value"
    assert "recovery" not in (other.home / "secrets.json").read_text()
    first("ls", code=3)
    first("login", code=8)
    first.password = NEW_PASSWORD
    first.variables["KEYARC_ACCOUNT_KEY"] = account_key
    first("login")
    assert first("get", "work/KEY").out == "value"
    again = Keyarc(tmp_path / "again", quick.url, email)
    again.variables["KEYARC_RECOVERY_CODE"] = code
    again("recover", code=8)
    again.variables["KEYARC_RECOVERY_CODE"] = new_code
    again("recover", code=10)


def _recovered(device: Keyarc, kit: Path) -> str:
    """Try again, which is no use before the time has come."""
    with device.start("recover", "--kit", str(kit)) as process:
        out, _ = process.communicate(timeout=60)
    assert process.returncode in {0, 10}
    return out.decode() if process.returncode == 0 else ""


def test_whoever_is_logged_in_stops_a_recovery(device: NewDevice) -> None:
    owner = device()
    _, code = codes(owner("signup").out)
    thief = device(owner.email)
    thief.variables["KEYARC_RECOVERY_CODE"] = code
    thief("recover", code=10)

    told = owner("status").err
    stopped = owner("recovery", "stop")

    assert "recovery" in told.lower()
    assert "somebody has your recovery code" in stopped.err
    assert "recovery" not in owner("status").err.lower()


def test_a_wrong_or_mistyped_code_begins_nothing(device: NewDevice) -> None:
    owner, stranger = device(), device()
    owner("signup")
    _, other_code = codes(stranger("signup").out)
    someone = device(owner.email)

    someone("recover", code=2)
    someone.variables["KEYARC_RECOVERY_CODE"] = "ABCD"
    someone("recover", code=2)
    someone.variables["KEYARC_RECOVERY_CODE"] = other_code
    refused = someone("recover", code=8)

    assert "do not belong together" in refused.err
