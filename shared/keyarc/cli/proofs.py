"""Proving who one is: the password and, where the account has a second factor, a code."""

from ..client import Client
from ..errors import WrongCode
from ..proofs import prove as prove_to_server
from ..second_factors import Challenge
from .terminal import ask, interactive, note, password, variable


def prove(client: Client, chosen: str | None = None) -> str:
    """Give the server the fresh proof that one deed takes; the password, asked for or *chosen*."""
    found = password() if chosen is None else chosen
    prove_to_server(client.opened, found, ask_code, variable("KEYARC_ACCOUNT_KEY"))
    return found


def ask_code(challenge: Challenge) -> str:
    """Give the code of KEYARC_CODE where nobody can be asked, or ask for one, again if need be."""
    given = variable("KEYARC_CODE")
    if given is not None and not challenge.wrong:
        return given
    if challenge.wrong:
        sentence = "this code is wrong, or was used before: codes of an app serve once"
        if not interactive():
            raise WrongCode(sentence)
        note(f"{sentence[0].upper()}{sentence[1:]}.")
    prompt = "Code (of the app, or a backup code):" if challenge.takes_totp else "Backup code:"
    if not challenge.takes_totp and not challenge.wrong:
        note("A passkey needs a browser; a backup code does here.")
    return ask(prompt, "set KEYARC_CODE to a code of the app or a backup code")
