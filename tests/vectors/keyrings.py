"""Vectors of the keyring: its JSON, its seal, and the contents that are refused."""

import json
from collections.abc import Callable
from typing import Any

from shared.keyarc import seal
from shared.keyarc.encoding import SUITE, ObjectType, b64
from shared.keyarc.keyring import Keyring, keyring_fields
from tests.vectors.accounts import idcert
from tests.vectors.material import some, some_id
from tests.vectors.stories import VAULT, story, vault_key

USER = some_id("owner")
NEW_VAULT = some_id("vault being made")


def keyring(seq: int) -> Keyring:
    """Return the owner's keyring after commit *seq* of the history."""
    held = Keyring()
    state = story().steps[seq - 1].after
    for epoch in range(1, state.epoch + 1):
        held.add_vault_key(VAULT, epoch, vault_key(epoch))
    held.pin(state)
    held.add_vault_key(NEW_VAULT, 1, some("new vault key", 32))
    held.know(idcert("admin"), "words")
    held.know(idcert("member"), "link")
    return held


def make() -> dict[str, Any]:
    """Return the content of ``keyring.json``."""
    return {
        "user_id": str(USER),
        "user_key": some("user key", 32).hex(),
        "suite": SUITE,
        "keyrings": [_sealed(1, Keyring()), _sealed(2, keyring(6)), _sealed(3, keyring(15))],
        "pins_that_follow": [[6, 6], [6, 15]],
        "pins_that_do_not": [[15, 6]],
        "refused": [
            {"why": why, "plaintext": plaintext} for why, plaintext in _wrong_contents().items()
        ],
    }


def _sealed(revision: int, held: Keyring) -> dict[str, Any]:
    salt, plaintext = some(f"keyring salt {revision}", 32), held.encode()
    fields = keyring_fields(USER, revision)
    blob = seal.seal_with_salt(salt, some("user key", 32), ObjectType.KEYRING, fields, plaintext)
    return {
        "revision": revision,
        "salt": salt.hex(),
        "plaintext": plaintext.decode(),
        "blob": blob.hex(),
    }


def _wrong_contents() -> dict[str, str]:
    vault, key = str(VAULT), b64(some("user key", 32))
    person, stranger = str(some_id("admin")), str(some_id("stranger"))
    changes: dict[str, Callable[[dict[str, Any]], object]] = {
        "no format": lambda media: media.pop("ka"),
        "another format": lambda media: media.update(ka=2),
        "a format that is true": lambda media: media.update(ka=True),
        "a format in text": lambda media: media.update(ka="1"),
        "no smallest suite": lambda media: media.pop("min_suite"),
        "a smallest suite of 0": lambda media: media.update(min_suite=0),
        "a smallest suite that is not known": lambda media: media.update(min_suite=2),
        "no vaults": lambda media: media.pop("vaults"),
        "vaults that are null": lambda media: media.update(vaults=None),
        "vaults in a list": lambda media: media.update(vaults=[]),
        "no people": lambda media: media.pop("people"),
        "no invitations": lambda media: media.pop("invitations"),
        "a key that nobody knows": lambda media: media.update(extra=1),
        "a vault id in capitals": lambda media: media["vaults"].update(
            {vault.upper(): {"keys": {"1": key}, "pin": None}}
        ),
        "a vault without keys": lambda media: media["vaults"][vault].pop("keys"),
        "a vault without a pin": lambda media: media["vaults"][vault].pop("pin"),
        "a vault key of epoch 0": lambda media: media["vaults"][vault]["keys"].update({"0": key}),
        "a vault key of epoch 01": lambda media: media["vaults"][vault]["keys"].update({"01": key}),
        "a vault key that is short": lambda media: media["vaults"][vault]["keys"].update(
            {"1": key[:-1]}
        ),
        "a vault key that is null": lambda media: media["vaults"][vault]["keys"].update(
            {"1": None}
        ),
        "a person under another id": lambda media: media["people"].update(
            {stranger: media["people"][person]}
        ),
        "a person verified by nothing": lambda media: media["people"][person].update(verified=""),
        "a person verified by null": lambda media: media["people"][person].update(verified=None),
        "a person whose certificate is changed": lambda media: media["people"][person].update(
            idcert=b64(idcert("admin").raw[:-1] + b"\0")
        ),
        **{why: _on_pin(vault, change) for why, change in _wrong_pins().items()},
    }
    found = {"not an object": "[]", "null": "null", "empty": "", "not JSON": "{", "a text": '"{}"'}
    found["a key twice"] = keyring(6).encode().decode().replace("{", '{"ka":1,', 1)
    for why, change in changes.items():
        media = json.loads(keyring(6).encode())
        change(media)
        found[why] = json.dumps(media, separators=(",", ":"))
    return found


def _on_pin(
    vault: str, change: Callable[[dict[str, Any]], object]
) -> Callable[[dict[str, Any]], object]:
    return lambda media: change(media["vaults"][vault]["pin"])


def _wrong_pins() -> dict[str, Callable[[dict[str, Any]], object]]:
    small = b64(bytes([1]) + bytes(31))
    return {
        "a pin without a number": lambda pin: pin.pop("seq"),
        "a pin whose number is a number": lambda pin: pin.update(seq=6),
        "a pin with a short hash": lambda pin: pin.update(hash=pin["hash"][:-2]),
        "a pin with more": lambda pin: pin.update(buckets=[]),
        "a roster that is null": lambda pin: pin.update(roster=None),
        "a roster in an object": lambda pin: pin.update(roster={}),
        "a member in a text": lambda pin: pin["roster"].append("abc"),
        "invitations that are null": lambda pin: pin.update(invites=None),
        "epochs that are null": lambda pin: pin.update(epochs=None),
        "a profile in a text": lambda pin: pin.update(profile="111"),
        "a member twice": lambda pin: pin["roster"].append(pin["roster"][0]),
        "a member without a role": lambda pin: pin["roster"][0].pop(1),
        "a role of 0": lambda pin: pin["roster"][0].__setitem__(1, 0),
        "a role that is true": lambda pin: pin["roster"][0].__setitem__(1, True),
        "a role in text": lambda pin: pin["roster"][0].__setitem__(1, "1"),
        "an invitation twice": lambda pin: pin["invites"].append(pin["invites"][0]),
        "an invitation key of small order": lambda pin: pin["invites"][0].__setitem__(1, small),
        "epochs that begin at 2": lambda pin: pin["epochs"][0].__setitem__(0, "2"),
        "an epoch twice": lambda pin: pin["epochs"].append(pin["epochs"][0]),
        "a profile of two parts": lambda pin: pin["profile"].pop(),
        "a profile that is false": lambda pin: pin.update(profile=False),
    }
