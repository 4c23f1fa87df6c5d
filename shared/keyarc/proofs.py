"""A fresh proof of who asks, as a login takes it; the next dangerous deed uses it up."""

from . import second_factors
from .encoding import Mistyped, b64
from .entrance import kept_account_key
from .errors import WrongCredentials
from .http import Answer, refuse
from .kdf import derive_auth, parse_account_key
from .login import derive
from .opened import Opened
from .second_factors import Challenge, SecondFactor

PATH = "/auth/sessions/current/proof"
WRONG = "the password, or the account key of this device, is wrong"


def prove(
    opened: Opened,
    password: str,
    second_factor: SecondFactor | None = None,
    account_key: str | None = None,
) -> None:
    """Prove password, account key and second factor; five minutes are left for the deed.

    Without *account_key* the device's own is taken.
    """
    account, transport = opened.keyring.account, opened.connection.transport
    text = account_key or kept_account_key(opened.device, account.server, account.email)
    if text is None:
        raise Mistyped("this device does not have the account key")
    key = parse_account_key(text)
    _, master_key = derive(transport, account.email, password, key, account.user_id)
    auth = b64(derive_auth(master_key))

    def send(code: str) -> Answer:
        return opened.connection.ask("POST", PATH, {"auth": auth, "code": code})

    answer = opened.connection.ask("POST", PATH, {"auth": auth})
    if answer.problem == "second-factor-needed":
        answer = second_factors.answer(Challenge.of(answer.media), second_factor, send)
    if answer.problem == "wrong-credentials":
        raise WrongCredentials(WRONG)
    if answer.status != 204:
        raise refuse(answer)
