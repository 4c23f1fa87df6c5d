"""Back in by recovery code: begun, perhaps a day later opened, and then given other keys.

What the server hands out must open under the recovery code, whole, before any key is made; and the
keys are made, shown and kept before anything is sent.
"""

import json
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from . import kdf, second_factors
from .account_keys import unwrap_user_key
from .answers import SealedKeyring, blob, number, raw
from .answers import field as member
from .device import Account, Device
from .encoding import Broken, ObjectType, b64, parse_id, parse_u64, strict_json, unb64
from .errors import ChallengeEnded, Rollback, Waiting, WrongCode, WrongCredentials
from .http import Answer, Transport, refuse
from .keyring import Keyring
from .login import identify, normal_email, this_device
from .own_keys import OwnKeys
from .second_factors import Challenge, SecondFactor
from .secret_store import secret_store

TOKEN_BYTES = 32
BEGIN, KEYS = "/auth/recovery", "/auth/recovery/keys"
WRONG = "e-mail address and recovery code do not belong together"
OVER = "the recovery was stopped, begun again elsewhere, or is too old: begin again"


@dataclass(frozen=True, slots=True)
class Recovery:
    """A recovery that was begun. It opens nothing without the recovery code.

    *ready_at* is the time (seconds since 1970) from which the server hands the keys out; *mail*
    says that a code was mailed, which is needed then.
    """

    server: str
    email: str
    user_id: str
    token: str = field(repr=False)
    ready_at: int
    mail: bool
    plain_http: bool = False

    def wait(self) -> None:
        """Raise `Waiting` where it is too early to ask for the keys."""
        left = self.ready_at - int(time.time())
        if left > 0:
            raise waiting(left)


@dataclass(frozen=True, slots=True)
class Recovered:
    """The keys of an account, opened by its recovery code; *account* is as the server has it."""

    recovery: Recovery
    account: Account
    keys: OwnKeys
    auth: str = field(repr=False)


def begin(
    transport: Transport,
    email: str,
    recovery_code: str,
    device: Device | None = None,
    *,
    plain_http: bool = False,
) -> Recovery:
    """Begin a recovery, or begin it again: the delay goes on, a new code is mailed."""
    code, email = kdf.parse_recovery_code(recovery_code), normal_email(email)
    known = device.account(transport.server, email) if device else None
    user_id = identify(transport, email, known.user_id if known else None).user_id
    auth = b64(kdf.derive_auth(kdf.derive_recovery_master_key(code, user_id)))
    body = {"email": email, "recovery_auth": auth, "device": this_device()}
    answer = transport.ask("POST", BEGIN, body)
    if answer.status == 401:
        raise WrongCredentials(WRONG)
    if answer.status != 202:
        raise refuse(answer)
    mail = member(answer.media, "mail")
    if not isinstance(mail, bool):
        raise Broken
    return Recovery(
        server=transport.server,
        email=email,
        user_id=str(user_id),
        token=b64(raw(answer.media, "recovery", TOKEN_BYTES)),
        ready_at=int(time.time()) + number(answer.media, "ready_in"),
        mail=mail,
        plain_http=plain_http,
    )


def open_keys(
    transport: Transport,
    recovery: Recovery,
    recovery_code: str,
    device: Device | None = None,
    *,
    mail_code: str | None = None,
    second_factor: SecondFactor | None = None,
) -> Recovered:
    """Prove everything, and open the account's keys; raises `Waiting` before it is time."""
    code, user_id = kdf.parse_recovery_code(recovery_code), parse_id(recovery.user_id)
    master_key = kdf.derive_recovery_master_key(code, user_id)
    proofs = {"recovery": recovery.token, "recovery_auth": b64(kdf.derive_auth(master_key))}
    if mail_code is not None:
        proofs["mail_code"] = mail_code
    answer = transport.ask("POST", KEYS, proofs)
    if answer.problem == "second-factor-needed":

        def send(typed: str) -> Answer:
            return transport.ask("POST", KEYS, {**proofs, "code": typed})

        answer = second_factors.answer(_challenge(answer.media), second_factor, send)
    _check(answer)
    account, user_key = _open(recovery, answer.media, kdf.derive_kek(master_key))
    known = device.account(recovery.server, recovery.email) if device else None
    if known is not None and parse_u64(account.keyset) < parse_u64(known.keyset):
        raise Rollback
    keys = OwnKeys.of(account, user_key)
    keys.identity  # noqa: B018 - opened now: nothing is made for an account that does not open
    Keyring.open(user_key, user_id, parse_u64(account.revision), unb64(account.keyring))
    return Recovered(recovery, account, keys, proofs["recovery_auth"])


def waiting(seconds: int) -> Waiting:
    """Make what says that a recovery is not ready."""
    at = time.strftime("%Y-%m-%d %H:%M", time.localtime(time.time() + seconds))
    return Waiting(f"the recovery has begun and goes on at {at}: run this again then", seconds)


def kept(device: Device, server: str, email: str) -> Recovery | None:
    """Give the recovery that was begun on this device."""
    if device.store() is None:
        return None
    text = secret_store(device).get(_name(server, normal_email(email)))
    try:
        return None if text is None else Recovery(**strict_json(text))
    except (Broken, TypeError):
        return None


def keep(device: Device, recovery: Recovery) -> None:
    """Keep a recovery until it goes on: what only the owner of the device can read."""
    name = _name(recovery.server, recovery.email)
    secret_store(device).put(name, json.dumps(asdict(recovery)))


def forget(device: Device, recovery: Recovery) -> None:
    """Forget a recovery that is over."""
    secret_store(device).remove(_name(recovery.server, recovery.email))


def _name(server: str, email: str) -> str:
    return f"recovery {email} {server}"


def _challenge(media: Any) -> Challenge:
    methods = member(media, "methods")
    if not isinstance(methods, list) or not all(isinstance(one, str) for one in methods):
        raise Broken
    return Challenge("", tuple(methods))


def _check(answer: Answer) -> None:
    if answer.problem == "recovery-waiting":
        raise waiting(number(answer.media, "ready_in"))
    if answer.problem == "challenge-ended":
        raise ChallengeEnded(OVER)
    if answer.problem == "wrong-code":
        raise WrongCode("the code of the mail is wrong: the newest mail has the one that counts")
    if answer.problem == "wrong-credentials":
        raise WrongCredentials(WRONG)
    if answer.status != 200:
        raise refuse(answer)


def _open(recovery: Recovery, media: Any, kek: bytes) -> tuple[Account, bytes]:
    """Open the user key; nothing of the account is believed but what it then opens."""
    user_id = parse_id(member(media, "user_id"))
    keyset = parse_u64(member(media, "keyset"))
    sealed_for = parse_u64(member(media, "recovery_keyset"))
    if str(user_id) != recovery.user_id or not 1 <= sealed_for <= keyset:
        raise Broken
    kind = ObjectType.USER_KEY_BY_RECOVERY_CODE
    sealed = blob(media, "recovery_user_key", kind)
    user_key = unwrap_user_key(sealed, kek, kind, user_id, sealed_for)
    keyring = SealedKeyring.of(member(media, "keyring"))
    account = Account(
        server=recovery.server,
        email=recovery.email,
        user_id=str(user_id),
        keyset=str(keyset),
        idcert=b64(raw(media, "idcert")),
        identity=b64(blob(media, "identity", ObjectType.IDENTITY)),
        revision=str(keyring.revision),
        keyring=b64(keyring.blob),
        plain_http=recovery.plain_http,
    )
    return account, user_key
