"""Vectors of the keyring: its JSON, its seal, and the contents that are refused."""

import json
from collections.abc import Callable
from typing import Any

from shared.keyarc import seal
from shared.keyarc.commits import Role
from shared.keyarc.encoding import SUITE, ObjectType, b64
from shared.keyarc.keyring import Keyring, keyring_fields
from shared.keyarc.memories import AuditPin, SentInvitation
from tests.vectors.accounts import idcert
from tests.vectors.material import some, some_id
from tests.vectors.stories import EXPIRES_MS, VAULT, story, vault_key

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
    held.pin_audit(VAULT, audit(10 * seq))
    held.know(idcert("admin"), "words", "admin@example.com")
    held.know(idcert("member"), "link")
    held.invitations[some_id("invite first")] = SentInvitation(
        VAULT, Role.VIEWER, "jörg@example.com", EXPIRES_MS
    )
    return held


def audit(seq: int) -> AuditPin:
    """Return the head of an access log."""
    return AuditPin(seq, some(f"audit row {seq}", 32))


def make() -> dict[str, Any]:
    """Return the content of ``keyring.json``."""
    return {
        "user_id": str(USER),
        "user_key": some("user key", 32).hex(),
        "suite": SUITE,
        "keyrings": [_sealed(1, Keyring()), _sealed(2, keyring(6)), _sealed(3, keyring(15))],
        "pins_that_follow": [[6, 6], [6, 15]],
        "pins_that_do_not": [[15, 6]],
        "audits": _audits(),
        "joined": _joined(),
        "refused": [
            {"why": why, "plaintext": plaintext} for why, plaintext in _wrong_contents().items()
        ],
    }


def _audits() -> dict[str, Any]:
    """Return keyrings that follow, and that do not follow, one that has pinned the 20th row."""

    def pinned(head: AuditPin | None) -> str:
        held = Keyring()
        held.add_vault_key(VAULT, 1, vault_key(1))
        if head is not None:
            held.pin_audit(VAULT, head)
        return held.encode().decode()

    return {
        "earlier": pinned(audit(20)),
        "follow": [pinned(audit(20)), pinned(audit(21))],
        "do_not": [pinned(None), pinned(audit(19)), pinned(AuditPin(20, some("forked", 32)))],
    }


def _joined() -> list[dict[str, str]]:
    """Return pairs of one person's keyrings on two devices, and what both come to."""
    lower, higher, left = keyring(6), keyring(15), keyring(15)
    lower.vaults[VAULT].left = True  # and came back by a later commit, which *higher* has seen
    lower.know(idcert("owner"), "link", "owner@example.com")
    lower.know(idcert("member"), "words")
    lower.invitations[some_id("invite second")] = SentInvitation(VAULT, Role.ADMIN, "", EXPIRES_MS)
    higher.know(idcert("owner"), "words")
    higher.know(idcert("owner", 2), "words", "new@example.com")
    left.vaults[VAULT].left = True
    left.vaults[VAULT].audit = None
    beaten = keyring(6)  # changed the vault's key too, and was not the first
    beaten.add_vault_key(VAULT, 2, some("beaten", 32))
    pairs = (
        *((lower, higher), (higher, lower), (higher, left), (left, higher), (Keyring(), lower)),
        *((higher, beaten), (beaten, higher), (lower, beaten)),
    )
    return [_join(base, other) for base, other in pairs]


def _join(base: Keyring, other: Keyring) -> dict[str, str]:
    held = Keyring.decode(base.encode())
    held.take(other)
    names = ("base", "other", "joined")
    return {
        name: one.encode().decode() for name, one in zip(names, (base, other, held), strict=True)
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
            {vault.upper(): {"keys": {"1": key}, "pin": None, "audit": None, "left": False}}
        ),
        "a vault without keys": lambda media: media["vaults"][vault].pop("keys"),
        "a vault that does not say whether it was left": lambda media: media["vaults"][vault].pop(
            "left"
        ),
        "a vault left in a number": lambda media: media["vaults"][vault].update(left=0),
        "a vault left by null": lambda media: media["vaults"][vault].update(left=None),
        "a vault without an access log": lambda media: media["vaults"][vault].pop("audit"),
        "an access log whose number is a number": lambda media: media["vaults"][vault].update(
            audit=[60, media["vaults"][vault]["audit"][1]]
        ),
        "an access log with a short hash": lambda media: media["vaults"][vault].update(
            audit=["60", "AAAA"]
        ),
        "an access log of one part": lambda media: media["vaults"][vault]["audit"].pop(),
        "an access log in an object": lambda media: media["vaults"][vault].update(audit={}),
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
        "a person without an address": lambda media: media["people"][person].pop("email"),
        "a person whose address is null": lambda media: media["people"][person].update(email=None),
        "a person whose certificate is changed": lambda media: media["people"][person].update(
            idcert=b64(idcert("admin").raw[:-1] + b"\0")
        ),
        **{why: _on_pin(vault, change) for why, change in _wrong_pins().items()},
        **{why: _on_sent(change) for why, change in _wrong_invitations().items()},
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


def _on_sent(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], object]:
    return lambda media: change(media["invitations"][str(some_id("invite first"))])


def _wrong_invitations() -> dict[str, Callable[[dict[str, Any]], object]]:
    return {
        "an invitation without a vault": lambda sent: sent.pop("vault_id"),
        "an invitation to a vault in capitals": lambda sent: sent.update(
            vault_id=str(VAULT).upper()
        ),
        "an invitation without a role": lambda sent: sent.pop("role"),
        "an invitation to a role of 5": lambda sent: sent.update(role=5),
        "an invitation to a role in text": lambda sent: sent.update(role="4"),
        "an invitation for null": lambda sent: sent.update(email=None),
        "an invitation that ends at a number": lambda sent: sent.update(expires_ms=EXPIRES_MS),
        "an invitation that ends never": lambda sent: sent.update(expires_ms=None),
        "an invitation with more": lambda sent: sent.update(secret="x"),
    }


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
