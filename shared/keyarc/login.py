"""From an address, a password and an account key to unlocked keys and a session."""

import re
import socket
import time
from dataclasses import dataclass, field
from uuid import UUID

from . import kdf, second_factors
from .account_keys import unwrap_user_key
from .answers import Login, Prelogin
from .device import Account
from .encoding import Broken, Mistyped, ObjectType, b64, unb64
from .errors import WrongCredentials
from .http import Answer, Transport, refuse
from .own_keys import OwnKeys
from .second_factors import Challenge, SecondFactor
from .session import Session

ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
WRONG = "e-mail address, password and account key do not belong together"


@dataclass(frozen=True, slots=True)
class Unlocked:
    """Everything that a login gives."""

    account: Account
    keys: OwnKeys
    session: Session = field(repr=False)


def normal_email(email: str) -> str:
    """Give the spelling under which an account is found."""
    found = email.strip().lower()
    if not ADDRESS.fullmatch(found) or len(found) > 254:
        raise Mistyped(f"{email} is not an e-mail address")
    return found


def this_device() -> str:
    """Give what this device is called in lists and letters."""
    return f"keyarc on {socket.gethostname()}"[:64]


def log_in(
    transport: Transport,
    email: str,
    password: str,
    account_key: bytes,
    known_user: str | None,
    *,
    second_factor: SecondFactor | None,
    plain_http: bool,
) -> Unlocked:
    """Log in; on a device that knows the account, its user id must be the known one."""
    prelogin, master_key = derive(transport, email, password, account_key, known_user)
    user_id, salt = prelogin.user_id, prelogin.salt
    return begin_session(
        transport,
        email,
        user_id,
        salt,
        master_key,
        second_factor=second_factor,
        plain_http=plain_http,
    )


def derive(
    transport: Transport, email: str, password: str, account_key: bytes, known_user: str | None
) -> tuple[Prelogin, bytes]:
    """Ask the server for the salt, and give the master key; a known account keeps its user id."""
    kdf.normalise_password(password)
    prelogin = identify(transport, email, known_user)
    stretched = kdf.stretch(password, prelogin.salt)
    return prelogin, kdf.derive_master_key(stretched, account_key, prelogin.user_id)


def identify(transport: Transport, email: str, known_user: str | None) -> Prelogin:
    """Ask for user id and salt of an address; *known_user* is the id that a device knows."""
    answer = transport.ask("POST", "/auth/prelogin", {"email": email})
    if answer.status != 200:
        raise refuse(answer)
    prelogin = Prelogin.of(answer.media)
    if known_user is not None and str(prelogin.user_id) != known_user:
        raise Broken
    return prelogin


def begin_session(
    transport: Transport,
    email: str,
    user_id: UUID,
    salt: bytes,
    master_key: bytes,
    *,
    second_factor: SecondFactor | None = None,
    plain_http: bool,
) -> Unlocked:
    """Prove the master key and, where it is asked for, the second factor; open what comes then."""
    body = {
        "email": email,
        "auth": b64(kdf.derive_auth(master_key)),
        "device": this_device(),
    }
    answer = transport.ask("POST", "/auth/sessions", body)
    if answer.status == 200:
        challenge = Challenge.of(answer.media)

        def send(code: str) -> Answer:
            proof = {"challenge": challenge.challenge, "code": code}
            return transport.ask("POST", "/auth/sessions/totp", proof)

        answer = second_factors.answer(challenge, second_factor, send)
    if answer.status == 401:
        raise WrongCredentials(WRONG)
    if answer.status != 201:
        raise refuse(answer)
    login = Login.of(answer.media)
    if (login.user_id, login.salt) != (user_id, salt):
        raise Broken
    return unlock(transport.server, email, login, master_key, plain_http=plain_http)


def unlock(
    server: str, email: str, login: Login, master_key: bytes, *, plain_http: bool
) -> Unlocked:
    """Open what a session brought, or raise `Broken`."""
    user_key = unwrap_user_key(
        login.user_key,
        kdf.derive_kek(master_key),
        ObjectType.USER_KEY_BY_PASSWORD,
        login.user_id,
        login.keyset,
    )
    account = Account(
        server=server,
        email=email,
        user_id=str(login.user_id),
        keyset=str(login.keyset),
        idcert=b64(login.idcert),
        identity=b64(login.identity),
        revision=str(login.keyring.revision),
        keyring=b64(login.keyring.blob),
        plain_http=plain_http,
    )
    keys = OwnKeys.of(account, user_key)
    keys.identity  # noqa: B018 - opened now: a login with broken keys must not become a session
    session = Session(
        account=account.name,
        access_token=login.tokens.access_token,
        refresh_token=login.tokens.refresh_token,
        expires_at=int(time.time()) + login.tokens.expires_in,
        user_key=b64(user_key),
    )
    return Unlocked(account, keys, session)


def unlock_again(account: Account, session: Session) -> OwnKeys:
    """Give the keys that a device kept since its login."""
    return OwnKeys.of(account, unb64(session.user_key, 32))
