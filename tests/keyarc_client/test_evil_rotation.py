"""M24: a server that adds people, devices and keys of its own while an account gets new keys."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from shared.keyarc import kdf, seal
from shared.keyarc.account_keys import Identity, identity_fields, make_user_key, user_key_fields
from shared.keyarc.client import Client
from shared.keyarc.commits import Rekey, parse
from shared.keyarc.encoding import Broken, ObjectType, b64, parse_u64, u64, unb64
from shared.keyarc.errors import Conflict
from shared.keyarc.proofs import prove
from shared.keyarc.rotation import prepare_rotation
from tests.evil.server import Evil
from tests.keyarc_client.conftest import PASSWORD, Person
from tests.keyarc_client.lies import VAULTS, recorded

KEYS = "PUT /api/account/keys"
SENT = {"keyset", "salt", "auth", "user_key", "recovery_auth", "recovery_user_key", "identity"}
SENT |= {"idcert", "keyring", "commits"}
CODE = kdf.make_recovery_code()
USER_KEY = make_user_key()


def adversary(person: Person) -> Identity:
    """Give an identity in the person's own name whose every private key the server has."""
    return Identity.make(person.client().opened.keys.user_id)


def crowded(stranger: Identity) -> dict[str, Any]:
    """Give what a server of another make would tell of people to encrypt to."""
    them = {
        "user_id": str(stranger.user_id),
        "idcert": b64(stranger.idcert().raw),
        "public_key": b64(stranger.x_pk),
        "role": "owner",
    }
    lists = ("organizations", "devices", "emergency_contacts", "recipients", "recovery_keys")
    return {
        **{name: [them] for name in lists},
        "recovery_key": b64(stranger.x_pk),
        "recovery_code": kdf.show_recovery_code(CODE),
        "new_user_key": b64(USER_KEY),
    }


def crowd(media: Any, more: dict[str, Any]) -> Any:
    """Add *more* to every object of an answer, and a member to every roster."""
    if isinstance(media, list):
        return [crowd(one, more) for one in media]
    if not isinstance(media, dict):
        return media
    crowded = {name: crowd(value, more) for name, value in media.items()}
    if "members" in crowded:
        crowded["members"] += more["recipients"]
    return crowded | more


def leaves(media: Any) -> Iterator[bytes]:
    """Give every text of a body that reads as bytes."""
    for text in json.dumps(media).split('"')[1::2]:
        try:
            yield unb64(text)
        except Broken:
            continue


def opened_by(stranger: Identity, raw: bytes, keyset: int) -> bool:
    """Tell whether the server's keys open it: as a share, or as a sealed object."""
    suite = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    if len(raw) > 1136:
        try:
            suite.decrypt(raw, stranger.hpke_key(), info=b"")
        except (InvalidTag, ValueError):
            pass
        else:
            return True
    user_id = stranger.user_id
    contexts = (
        user_key_fields(user_id, keyset),
        identity_fields(user_id, keyset, 2),
        (user_id.bytes, u64(keyset)),
    )
    master_key = kdf.derive_recovery_master_key(CODE, user_id)
    keys = (USER_KEY, kdf.derive_kek(master_key), master_key, stranger.ed_seed, stranger.x_seed)
    return any(_opens(key, fields, raw) for key in keys for fields in contexts)


def _opens(key: bytes, fields: tuple[bytes, ...], raw: bytes) -> bool:
    try:
        seal.open(key, ObjectType(raw[3]), fields, raw)
    except (Broken, IndexError, ValueError):
        return False
    return True


def test_whom_a_server_adds_gets_nothing(person: Person, evil: Evil) -> None:
    """M24: more people, devices, contacts and keys in every answer change nothing that is sent."""
    client, stranger = person.client(), adversary(person)
    more = crowded(stranger)
    for line in ("GET /api/account/", "GET /api/keys/"):
        evil.answer(line, lambda media: crowd(media, more))
    prove(client.opened, PASSWORD)
    evil.requests.clear()

    new = prepare_rotation(client, PASSWORD, person.account_key)
    opened = new.send()

    bodies = [request.body for request in evil.requests if request.method != "GET"]
    (body,) = (request.body for request in evil.requests if request.line == KEYS)
    assert body.keys() == SENT
    sealed = [raw for one in bodies for raw in leaves(one)]
    assert len(sealed) >= len(SENT)
    assert not any(opened_by(stranger, raw, 2) for raw in sealed)
    for sent in body["commits"]:
        commit = parse(unb64(sent["commit"]), unb64(sent["signature"]))
        assert commit.ops == (Rekey(opened.keys.idcert),)
    assert [sent["vault_id"] for sent in body["commits"]] == [str(person.vault_id)]
    assert set(Client(opened).sync(person.vault_id).state.roster) == {stranger.user_id}
    assert parse_u64(body["keyset"]) == opened.keys.keyset


def test_what_is_sent_opens_by_the_keys_that_were_shown(person: Person, evil: Evil) -> None:
    """M24: the same attempts do open it with the person's own code: they are in earnest."""
    client = person.client()
    new = prepare_rotation(client, PASSWORD, person.account_key)
    prove(client.opened, PASSWORD)

    opened = new.send()

    (body,) = (request.body for request in evil.requests if request.line == KEYS)
    assert new.recovery_code is not None
    code, user_id = kdf.parse_recovery_code(new.recovery_code), opened.keys.user_id
    kek = kdf.derive_kek(kdf.derive_recovery_master_key(code, user_id))
    kind, fields = ObjectType.USER_KEY_BY_RECOVERY_CODE, user_key_fields(user_id, 2)
    found = seal.open(kek, kind, fields, unb64(body["recovery_user_key"]))
    assert found == opened.keys.user_key
    assert person.values(Client(opened)) == {"A": ("value a", 1), "B": ("value b", 1)}


def test_a_vault_of_the_servers_own_making_is_not_joined(person: Person, evil: Evil) -> None:
    """M24: a certificate goes into the vaults of the keyring and into no other.

    One that waits for a yes stops a rotation: it is answered first, or is none.
    """
    client, other = person.client(), person.fresh()
    strange = other.create_vault("of somebody else")
    listed = recorded(evil, VAULTS)
    other.vaults()
    theirs = next(one for one in listed[-1]["items"] if one["vault_id"] == str(strange))
    fake = {**theirs, "vault_id": "7d444840-9dc0-41d1-b245-5ffdce74fad2"}
    evil.answer(VAULTS, lambda media: media | {"items": [*media["items"], fake]})
    prove(client.opened, PASSWORD)

    new = prepare_rotation(client, PASSWORD, person.account_key)
    with pytest.raises(Conflict, match="take it or refuse it"):
        new.send()
    assert KEYS not in evil.lines()
    evil.honest()
    opened = new.send()

    (body,) = (request.body for request in evil.requests if request.line == KEYS)
    named = {sent["vault_id"] for sent in body["commits"]}
    assert named == {str(person.vault_id), str(strange)}
    assert opened.keys.keyset == 2


def test_a_vault_that_is_kept_back_stops_the_rotation(person: Person, evil: Evil) -> None:
    """M24: it would stay behind with the old certificate; so nothing is sent."""
    client = person.client()
    evil.answer(VAULTS, lambda media: media | {"items": []})
    prove(client.opened, PASSWORD)
    evil.lines()

    with pytest.raises(Conflict):
        prepare_rotation(client, PASSWORD, person.account_key).send()

    assert KEYS not in evil.lines()
    evil.transforms.clear()
    assert set(person.values(person.client())) == {"A", "B"}


def test_another_head_than_the_signed_one_stops_the_rotation(person: Person, evil: Evil) -> None:
    """M24: what is rekeyed is the verified state, not what a list says."""
    client = person.client()
    lie = {"hash": b64(bytes(32)), "state": b64(bytes(32))}
    path = f"GET /api/keys/vaults/{person.vault_id}/secrets"
    evil.answer(path, lambda media: media | {"head": media["head"] | lie})
    prove(client.opened, PASSWORD)

    with pytest.raises(Broken):
        prepare_rotation(client, PASSWORD, person.account_key).send()

    assert KEYS not in evil.lines()
    evil.transforms.clear()
    with closing(Client.resume(person.device)) as again:
        assert set(person.values(again)) == {"A", "B"}
