"""Every way in and out, ready to be asked for and sure to be taken."""

from tests import factories, machine_tokens, recoveries, second_factors
from tests.factories import FROM_PAGE
from tests.recoveries import Recovering
from tests.worlds import Ask, World


def signed_up(world: World) -> Ask:
    body = factories.Person().registration
    return lambda: world.auth.post("/auth/accounts", json=body)


def logged_in(world: World) -> Ask:
    return lambda: world.auth.post("/auth/sessions", json=world.person.person.login)


def logged_in_by_code(world: World) -> Ask:
    world.person.add_totp(second_factors.now(world.conn))
    challenge, code = world.person.challenged(), world.person.backup_codes.pop()
    return lambda: world.person.answer(code, challenge)


def logged_in_by_touch(world: World) -> Ask:
    passkey = world.person.add_passkey()
    challenge = world.person.challenged()
    return lambda: world.person.touch(passkey, challenge)


def logged_in_by_passkey(world: World) -> Ask:
    passkey = world.person.add_passkey()
    asked = world.auth.post("/auth/passkey-sessions/options", json={}, headers=FROM_PAGE)
    challenge = asked.json["challenge"]
    body = {"challenge": challenge, "credential": passkey.sign(challenge), "device": "a laptop"}
    return lambda: world.auth.post("/auth/passkey-sessions", json=body, headers=FROM_PAGE)


def logged_in_as_machine(world: World) -> Ask:
    machine = machine_tokens.made(world.conn, world.person.account, world.vault)
    return lambda: world.auth.post("/auth/machine-sessions", json=machine.proof)


def logged_out(world: World) -> Ask:
    return lambda: world.auth.as_(world.person.actor).delete("/auth/sessions/current")


def recovery_begun(world: World) -> Ask:
    person = world.person.person
    proof = Recovering(world.auth, person).proof
    return lambda: recoveries.begin(world.auth, person.email, proof)


def recovering(world: World) -> Recovering:
    begun = Recovering(recoveries.service(world.conn), world.person.person)
    begun.begin()
    return begun


def recovery_released(world: World) -> Ask:
    return recovering(world).keys


def recovery_finished(world: World) -> Ask:
    begun = recovering(world)
    assert begun.keys().status_code == 200
    return begun.finish
