"""M40: keys that are being changed by a process that is killed: the old or the new ones, whole."""

import json
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from machines.environment import ROOT
from shared.keyarc import kdf
from shared.keyarc.client import Client
from shared.keyarc.encoding import b64
from shared.keyarc.errors import WrongCredentials
from shared.keyarc.http import Transport
from tests.keyarc_client.changing import KINDS
from tests.keyarc_client.conftest import PASSWORD, Person

PROGRAM = "tests.keyarc_client.changing"


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it had told its person before."""

    killed: bool
    told: dict[str, Any]


def change(person: Person, kind: str, step: int) -> Ended:
    ran = subprocess.run(
        [sys.executable, "-m", PROGRAM, str(person.device.home), kind, str(step)],
        cwd=ROOT,
        input=f"{PASSWORD}\n{person.account_key}",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode in {0, -signal.SIGKILL}, ran.stderr
    return Ended(ran.returncode != 0, json.loads(ran.stdout))


def opens(person: Person, account_key: str) -> bool:
    """Tell whether a device that knows nothing reads everything by that account key."""
    try:
        client = Client.log_in(person.server, person.email, PASSWORD, account_key)
    except WrongCredentials:
        return False
    with closing(client):
        return set(person.values(client)) == {"A", "B"}


def recovers(person: Person, client: Client, code: str) -> bool:
    """Tell whether the server takes a recovery code for right."""
    user_id = client.opened.keys.user_id
    key = kdf.derive_recovery_master_key(kdf.parse_recovery_code(code), user_id)
    body = {"email": person.email, "recovery_auth": b64(kdf.derive_auth(key)), "device": "x"}
    with closing(Transport(person.server)) as transport:
        return transport.ask("POST", "/auth/recovery", body).status == 202


@pytest.mark.parametrize("kind", KINDS)
def test_whenever_a_change_is_killed_the_old_keys_work_or_the_new_ones(
    person: Person, kind: str
) -> None:
    """M40: before every request and every write, until there is no further step."""
    keyset, made, killed = 1, list[bool](), True

    while killed:
        ended = change(person, kind, len(made))
        killed = ended.killed
        client = person.open.enter_context(closing(Client.resume(person.device)))
        made.append(client.opened.keys.keyset == keyset + 1)
        keyset = client.opened.keys.keyset
        if made[-1]:
            person.account_key = ended.told["account_key"] or person.account_key
        person.put(client, A=f"after {len(made)}")
        assert person.values(client)["A"][0] == f"after {len(made)}"
        assert opens(person, person.account_key)
        if made[-1] and (code := ended.told["recovery_code"]):
            assert recovers(person, client, code)

    assert made == sorted(made)
    assert made.count(False) >= 3
    assert made.count(True) >= 3
