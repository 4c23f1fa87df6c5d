"""A machine's way in: by its token, and without a device, since a CI job keeps nothing."""

import time
from dataclasses import replace

from .answers import SealedKeyring, blob, field, number, raw, text
from .device import Account
from .encoding import Broken, ObjectType, b64, parse_id
from .entrance import Entered
from .errors import TokenOver, WrongCredentials
from .http import Transport, refuse
from .login import Unlocked
from .machine_keys import MachineToken
from .own_keys import OwnKeys
from .session import MemorySession, Session

PATH = "/auth/machine-sessions"
KEYSET = 1  # of every machine: its keys never change
WRONG = "the server knows no such machine token"
OVER = {
    "token-expired": "the machine token has expired: make another by keyarc token create",
    "token-revoked": "the machine token was revoked by its owner",
}


def by_token(server: str, token: str, *, plain_http: bool = False) -> Entered:
    """Log a machine in; its session lasts ten minutes, and begins again whenever it is over."""
    machine = MachineToken.parse(token)
    transport = Transport(server, plain_http=plain_http)
    with transport.closed_on_failure():
        media = _prove(transport, machine)
        unlocked = _unlock(transport.server, machine, media)

    def again(transport: Transport, session: Session) -> Session:
        media = _prove(transport, machine)
        return replace(
            session,
            access_token=text(media, "access_token"),
            expires_at=_ends(media),
        )

    keeper = MemorySession()
    keeper.save(unlocked.session)
    return Entered(transport, unlocked, keeper, None, renewal=again, machine=True)


def _prove(transport: Transport, machine: MachineToken) -> object:
    """Prove the token, and give the session that the server answers."""
    body = {"machine_id": str(machine.machine_id), "auth": b64(machine.auth)}
    answer = transport.ask("POST", PATH, body)
    if answer.problem in OVER:
        raise TokenOver(OVER[answer.problem])
    if answer.status == 401:
        raise WrongCredentials(WRONG)
    if answer.status != 201:
        raise refuse(answer)
    if parse_id(field(answer.media, "machine_id")) != machine.machine_id:
        raise Broken
    return answer.media


def _unlock(server: str, machine: MachineToken, media: object) -> Unlocked:
    keyring = SealedKeyring.of(field(media, "keyring"))
    account = Account(
        server=server,
        email=text(media, "name"),
        user_id=str(machine.machine_id),
        keyset=str(KEYSET),
        idcert=b64(raw(media, "idcert")),
        identity=b64(blob(media, "identity", ObjectType.IDENTITY)),
        revision=str(keyring.revision),
        keyring=b64(keyring.blob),
    )
    keys = OwnKeys.of(account, machine.user_key)
    keys.identity  # noqa: B018 - opened now: the server must not give a machine other keys
    session = Session(
        account=account.name,
        access_token=text(media, "access_token"),
        refresh_token="",
        expires_at=_ends(media),
        user_key=b64(machine.user_key),
    )
    return Unlocked(account, keys, session)


def _ends(media: object) -> int:
    return int(time.time()) + number(media, "expires_in")
