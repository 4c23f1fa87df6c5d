"""``recover`` and ``recovery stop``."""

from argparse import Namespace

from .. import recovery
from ..device import Device
from ..errors import ChallengeEnded
from ..http import Transport
from ..recovered import NewAccess
from ..recovery import Recovered, Recovery
from . import kit
from .home import device, open_client
from .keeping import kept
from .kit import Kit
from .proofs import ask_code
from .terminal import ask, ask_hidden, new_password, note, required, variable

KEEP = """\
The account has a new account key and a new recovery code; what you had before opens nothing any
more. Keep both apart from this device."""
STOPPED = """\
No recovery runs any more. If you did not begin one, somebody has your recovery code: make another
with `keyarc account recovery-code`."""


def recover(arguments: Namespace) -> None:
    """Begin a recovery, or go on with the one that this device began."""
    kit.check_free(arguments.kit)
    server = required(arguments.server, "--server", "KEYARC_SERVER")
    email = required(arguments.email, "--email", "KEYARC_EMAIL")
    here, transport = device(), Transport(server, plain_http=arguments.plain_http)
    with transport.closed_on_failure():
        begun = None if arguments.again else recovery.kept(here, transport.server, email)
        if begun is not None:
            begun.wait()
        code = variable("KEYARC_RECOVERY_CODE")
        code = code or ask_hidden("Recovery code:", "set KEYARC_RECOVERY_CODE")
        if begun is None:
            begun = _begin(arguments, transport, here, email, code)
        try:
            recovered = _open(transport, here, begun, code)
            _finish(arguments, transport, here, recovered)
        except ChallengeEnded:
            recovery.forget(here, begun)
            raise
    recovery.forget(here, begun)
    transport.close()
    note(f"Recovered and logged in as {begun.email}. Every other session has ended.")


def stop(_: Namespace) -> None:
    """Stop a recovery of this account, whoever began it."""
    client = open_client()
    client.opened.connection.post("/api/account/recovery", None, method="DELETE", status=204)
    note(STOPPED)


def _begin(
    arguments: Namespace, transport: Transport, here: Device, email: str, code: str
) -> Recovery:
    begun = recovery.begin(transport, email, code, here, plain_http=arguments.plain_http)
    recovery.keep(here, begun)
    if begun.mail:
        note("A mail with a code is on its way, if address and recovery code belong together.")
    begun.wait()
    return begun


def _open(transport: Transport, here: Device, begun: Recovery, code: str) -> Recovered:
    mail_code = None
    if begun.mail:
        mail_code = variable("KEYARC_MAIL_CODE")
        mail_code = mail_code or ask("Code of the mail:", "set KEYARC_MAIL_CODE")
    return recovery.open_keys(
        transport, begun, code, here, mail_code=mail_code, second_factor=ask_code
    )


def _finish(arguments: Namespace, transport: Transport, here: Device, recovered: Recovered) -> None:
    chosen = new_password("New password (12 characters or more):")
    note("Deriving keys…")
    new = NewAccess(recovered, chosen)
    account = recovered.account
    page = Kit(account.server, account.email, new.account_key, new.recovery_code)
    told = {"Account key": new.account_key, "Recovery code": new.recovery_code}
    note(KEEP)
    with kept(arguments.kit, page, told):
        new.send(transport, here, ask_code)
