"""Every deed that a route of a service does, ready to be asked for and sure to be done."""

from collections.abc import Callable
from uuid import uuid4

import pyotp

from shared.keyarc.commits import Remove
from shared.keyarc.encoding import ObjectType, b64
from tests import (
    factories,
    key_changes,
    links,
    machine_tokens,
    rosters,
    second_factors,
    vaults,
    ways_in,
)
from tests.authenticator import Passkey
from tests.machine_tokens import Machine
from tests.recoveries import Recovering
from tests.second_factors import Guarded
from tests.vaults import Vault
from tests.worlds import Ask, World

SEALED = b64(bytes(1152))


def of_account(method: str, path: str, **kwargs: object) -> Callable[[World], Ask]:
    """Return a deed that takes a fresh proof and nothing else."""
    return lambda world: _bound(world.proven(), method, path, **kwargs)


def changed(name: str) -> Callable[[World], Ask]:
    """Return a change of keys or address."""

    def deed(world: World) -> Ask:
        change = key_changes.CHANGES[name](world.person.person, [world.vault])
        world.proven()
        return lambda: change.send(world.person)

    return deed


def totp_confirmed(world: World) -> Ask:
    offer = _bound(world.proven(), "POST", "totp")().json
    code = pyotp.TOTP(offer["secret"]).at(second_factors.now(world.conn))
    return _bound(world.person, "PUT", "totp", json={"code": code})


def totp_removed(world: World) -> Ask:
    world.person.add_totp(second_factors.now(world.conn))
    return _bound(world.proven(), "DELETE", "totp")


def codes_replaced(world: World) -> Ask:
    world.person.add_totp(second_factors.now(world.conn))
    return _bound(world.proven(), "POST", "backup-codes")


def passkey_added(world: World) -> Ask:
    passkey, options = Passkey(), world.person.options()
    credential = passkey.register(options)
    return lambda: world.person.register(options, credential)


def passkey_removed(world: World) -> Ask:
    passkey = world.person.add_passkey()
    return _bound(world.proven(), "DELETE", f"passkeys/{b64(passkey.credential_id)}")


def passkey_opens(world: World) -> Ask:
    path = f"passkeys/{b64(world.person.add_passkey().credential_id)}/unlock"
    body = {"keyset": "1", "user_key": b64(vaults.blob(ObjectType.USER_KEY_BY_PASSKEY))}
    return _bound(world.person, "PUT", path, json=body)


def session_ended(world: World) -> Ask:
    other = factories.logged_in(world.auth, world.person.person).json["session_id"]
    return _bound(world.person, "DELETE", f"sessions/{other}")


def sessions_ended(world: World) -> Ask:
    factories.logged_in(world.auth, world.person.person)
    return _bound(world.person, "DELETE", "sessions")


def recovery_stopped(world: World) -> Ask:
    Recovering(world.auth, world.person.person).begin()
    return _bound(world.person, "DELETE", "recovery")


def device_answered(method: str, **kwargs: object) -> Callable[[World], Ask]:
    def deed(world: World) -> Ask:
        email = world.person.person.email
        body = {"email": email, "public_key": b64(bytes(1216)), "device": "a phone"}
        asked = world.auth.post("/auth/device-requests", json=body).json["request_id"]
        return _bound(world.proven(), method, f"device-requests/{asked}", **kwargs)

    return deed


def token_made(world: World) -> Ask:
    machine = Machine()
    body = machine.body([world.vault.commit([machine.add])])
    return _bound(world.proven(), "POST", "machine-tokens", json=body)


def token_revoked(world: World) -> Ask:
    machine = machine_tokens.made(world.conn, world.person.account, world.vault)
    return _bound(world.person, "DELETE", f"machine-tokens/{machine.user_id}")


def roster_changed(world: World) -> Ask:
    machine = machine_tokens.made(world.conn, world.person.account, world.vault)
    vault = world.vault
    commit = vault.commit([Remove(machine.user_id), rosters.rotate(vault)])
    body = rosters.body(commit, rosters.enclosed(vault, commit))
    return _bound(world.person, "POST", f"vaults/{vault.id}/commits", json=body)


def invitation_accepted(world: World) -> Ask:
    vault, account = vaults.begin(world.conn), world.person.account
    link = rosters.invited(account, vault)
    body = rosters.signed(link.join(vault, world.vault.owner))
    return _bound(world.person, "POST", f"invitations/{link.invite_id}", json=body)


def vault_begun(world: World) -> Ask:
    vault = Vault(world.vault.owner)
    genesis = vault.genesis()
    body = {"vault_id": str(vault.id), "profile": b64(vault.profile)}
    body |= {"commit": b64(genesis.raw), "signature": b64(genesis.signature)}
    return _bound(world.person, "POST", "vaults", json=body)


def keyring_replaced(world: World) -> Ask:
    body = {"replaces": "1", "blob": b64(vaults.blob(ObjectType.KEYRING))}
    return _bound(world.person, "PUT", "keyring", json=body)


def secret_written(world: World) -> Ask:
    put, content = world.vault.put(uuid4())
    body = vaults.body(world.vault.commit([put]), [content])
    client = world.keys.as_(world.person.actor)
    return lambda: client.post(f"{world.vault.url}/commits", json=body)


def live(world: World) -> str:
    """Return the id of a secret."""
    return str(next(next(iter(rows)) for rows in world.vault.state.secrets.values() if rows))


def secrets_read(world: World) -> Ask:
    client, body = world.keys.as_(world.person.actor), {"secret_ids": [live(world)]}
    return lambda: client.post(f"{world.vault.url}/secrets/read", json=body)


def secret_purged(world: World) -> Ask:
    (content,) = world.vault.fill(world.keys, 1)
    world.vault.send(world.keys, [world.vault.delete(content.secret_id)])
    client = world.keys.as_(world.person.actor)
    return lambda: client.delete(f"{world.vault.url}/secrets/{content.secret_id}/versions")


def reminder(method: str, day: str | None = None, *, many: bool = False) -> Callable[[World], Ask]:
    """Return a deed to the reminder of a secret that has one."""

    def deed(world: World) -> Ask:
        client, path = world.keys.as_(world.person.actor), f"{world.vault.url}/reminders"
        one, wish = f"{path}/{live(world)}", {"day": day}
        client.put(one, json={"day": "2027-06-30"})
        if many:
            items = {"items": [wish | {"secret_id": live(world)}]}
            return lambda: client.simulate_request(method, path, json=items)
        return lambda: client.simulate_request(method, one, json=wish)

    return deed


def link_made(world: World) -> Ask:
    client, body = world.keys.as_(world.person.actor), links.body()
    return lambda: client.post("/api/keys/links", json=body)


def link_removed(world: World) -> Ask:
    client, link_id = world.keys.as_(world.person.actor), link_made(world)().json["link_id"]
    return lambda: client.delete(f"/api/keys/links/{link_id}")


def link_opened(world: World) -> Ask:
    link_id = link_made(world)().json["link_id"]
    return lambda: world.auth.post(f"/auth/links/{link_id}")


DEEDS: dict[str, Callable[[World], Ask]] = {
    "DELETE /api/account/device-requests/{request_id}": device_answered("DELETE"),
    "DELETE /api/account/machine-tokens/{machine_id}": token_revoked,
    "DELETE /api/account/passkeys/{credential_id}": passkey_removed,
    "DELETE /api/account/profile": of_account("DELETE", "profile"),
    "DELETE /api/account/recovery": recovery_stopped,
    "DELETE /api/account/sessions": sessions_ended,
    "DELETE /api/account/sessions/{session_id}": session_ended,
    "DELETE /api/account/totp": totp_removed,
    "DELETE /api/keys/vaults/{vault_id}/secrets/{secret_id}/versions": secret_purged,
    "DELETE /api/keys/links/{link_id}": link_removed,
    "DELETE /api/keys/vaults/{vault_id}/reminders/{secret_id}": reminder("DELETE"),
    "DELETE /api/account/vaults/{vault_id}": lambda world: _bound(
        world.proven(), "DELETE", f"vaults/{world.vault.id}"
    ),
    "DELETE /auth/sessions/current": ways_in.logged_out,
    "PATCH /api/account/profile": of_account("PATCH", "profile", json={"reminders": False}),
    "POST /api/account/backup-codes": codes_replaced,
    "POST /api/account/invitations/{invite_id}": invitation_accepted,
    "POST /api/account/machine-tokens": token_made,
    "POST /api/account/passkeys": passkey_added,
    "POST /api/account/vaults": vault_begun,
    "POST /api/account/vaults/{vault_id}/commits": roster_changed,
    "POST /api/keys/links": link_made,
    "POST /api/keys/vaults/{vault_id}/commits": secret_written,
    "POST /api/keys/vaults/{vault_id}/secrets/read": secrets_read,
    "POST /auth/accounts": ways_in.signed_up,
    "POST /auth/links/{link_id}": link_opened,
    "POST /auth/machine-sessions": ways_in.logged_in_as_machine,
    "POST /auth/passkey-sessions": ways_in.logged_in_by_passkey,
    "POST /auth/recovery": ways_in.recovery_begun,
    "POST /auth/recovery/finish": ways_in.recovery_finished,
    "POST /auth/recovery/keys": ways_in.recovery_released,
    "POST /auth/sessions": ways_in.logged_in,
    "POST /auth/sessions/current/proof": lambda world: world.person.prove,
    "POST /auth/sessions/passkey": ways_in.logged_in_by_touch,
    "POST /auth/sessions/totp": ways_in.logged_in_by_code,
    "PUT /api/account/device-requests/{request_id}": device_answered(
        "PUT", json={"sealed": SEALED}
    ),
    "PUT /api/account/email": changed("email"),
    "PUT /api/account/keyring": keyring_replaced,
    "PUT /api/account/keys": changed("keys"),
    "PUT /api/account/passkeys/{credential_id}/unlock": passkey_opens,
    "PUT /api/account/password": changed("password"),
    "PUT /api/account/recovery": changed("recovery"),
    "PUT /api/account/totp": totp_confirmed,
    "PUT /api/keys/vaults/{vault_id}/reminders": reminder("PUT", many=True),
    "PUT /api/keys/vaults/{vault_id}/reminders/{secret_id}": reminder("PUT", "2027-07-01"),
}


def _bound(person: Guarded, method: str, path: str, **kwargs: object) -> Ask:
    return lambda: person.ask(method, path, **kwargs)
