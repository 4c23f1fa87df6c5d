"""A process that makes other keys for an account, and kills itself at one of its steps.

``python -m tests.keyarc_client.changing HOME KIND STEP``; password and account key come by stdin.
"""

import json
import os
import signal
import sys
from contextlib import closing
from pathlib import Path

from shared.keyarc.client import Client
from shared.keyarc.device import Device
from shared.keyarc.new_keys import NewKeys, prepare_account_key
from shared.keyarc.proofs import prove
from shared.keyarc.rotation import prepare_rotation

# Before a part of a request leaves, and before a file of the device becomes another one.
STEPS = {"http.client.send", "os.rename"}
KINDS = ("account key", "every key")


def prepared(kind: str, client: Client, password: str, account_key: str) -> NewKeys:
    """Make the keys."""
    if kind == "account key":
        return prepare_account_key(client.opened, password)
    return prepare_rotation(client, password, account_key)


def die_at(step: int) -> None:
    """End this process, as a power cut would, before the step of that number from now on."""
    left = iter(range(step))

    def count(event: str, _: object) -> None:
        if event in STEPS and next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def main(home: str, kind: str, step: str) -> None:
    """Change the keys of the device in *home*; the new ones are told before they are sent."""
    password, account_key = sys.stdin.read().splitlines()
    with closing(Client.resume(Device(Path(home)))) as client:
        prove(client.opened, password, account_key=account_key)
        new = prepared(kind, client, password, account_key)
        told = {"account_key": new.account_key, "recovery_code": new.recovery_code}
        sys.stdout.write(json.dumps(told))
        sys.stdout.flush()
        die_at(int(step))
        new.send()


if __name__ == "__main__":
    main(*sys.argv[1:])
