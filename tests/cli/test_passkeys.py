"""Passkeys, which a browser makes; the command line lists and removes them, and does without."""

import json
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from shared.keyarc.client import Client
from shared.keyarc.device import Device
from shared.keyarc.proofs import prove
from tests.authenticator import Passkey
from tests.cli.keyarc import Keyarc

NAME = "a laptop's key"


def as_a_page(keyarc: Keyarc, path: str, body: Any) -> Any:
    """Ask in the name of the device's session, with the Origin that a page would have."""
    kept = json.loads((keyarc.home / "secrets.json").read_text())["secrets"]
    token = json.loads(kept["session"])["access_token"]
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Origin": keyarc.server,
    }
    parts = urlsplit(keyarc.server)
    with closing(HTTPConnection(parts.hostname or "", parts.port, timeout=30)) as line:
        line.request("POST", path, json.dumps(body), headers)
        response = line.getresponse()
        answer = json.loads(response.read())
    assert response.status in {200, 201}, answer
    return answer


@pytest.fixture
def backup_codes(keyarc: Keyarc) -> list[str]:
    """Give the account a passkey and nothing else; the codes that come with it."""
    with closing(Client.resume(Device(keyarc.home))) as client:
        prove(client.opened, keyarc.password)
    options = as_a_page(keyarc, "/api/account/passkeys/options", {})
    credential = Passkey().register(
        options, client_data={"origin": keyarc.server}, rp_id="localhost"
    )
    body = {"challenge": options["challenge"], "name": NAME, "credential": credential}
    codes: list[str] = as_a_page(keyarc, "/api/account/passkeys", body)["backup_codes"]
    return codes


def test_a_login_beside_a_passkey_takes_a_backup_code(
    keyarc: Keyarc, backup_codes: list[str]
) -> None:
    keyarc("logout")

    asked = keyarc.on_terminal("login", talk=[("Backup code:", f"{backup_codes[0]}\n")])

    assert "needs a browser" in asked.err
    assert keyarc("2fa", "status", "--json").json["backup_codes"] == 9


def test_a_passkey_is_listed_and_removed_by_its_name(
    keyarc: Keyarc, backup_codes: list[str]
) -> None:
    listed = keyarc("passkey", "ls", "--json").json["passkeys"]
    keyarc.variables["KEYARC_CODE"] = backup_codes[0]

    for_people = keyarc("passkey", "ls").out
    keyarc("passkey", "rm", listed[0]["credential_id"], "--yes")

    assert NAME in for_people
    assert [(one["name"], one["unlocks"]) for one in listed] == [(NAME, False)]
    status = keyarc("2fa", "status", "--json").json
    assert (status["passkeys"], status["backup_codes"]) == ([], 0)


def test_the_last_second_factor_is_removed_knowingly(
    keyarc: Keyarc, backup_codes: list[str]
) -> None:
    asked = keyarc.on_terminal("passkey", "rm", NAME, talk=[("[y/N]", "n\n")], code=2)

    assert "nothing is asked for beside the password" in asked.err
    assert len(keyarc("passkey", "ls", "--json").json["passkeys"]) == 1
    assert len(backup_codes) == 10
