"""``recover``, ``recovery``: back in by recovery code."""

from typing import Any

from .forms import add, group, server

RECOVER = """\
For when password or account key are lost. It takes the recovery code, the code of a mail where the
server sends mails, and the second factor where there is one. The server waits (a day, if not set
otherwise) and tells every signed-in device, each of which can stop it; run the same command again
when the time has come: exit code 10 says that it has not. At the end there are a new password, a
new account key and a new recovery code, and every other session has ended.

Where nobody can be asked: KEYARC_RECOVERY_CODE, KEYARC_MAIL_CODE, KEYARC_CODE and
KEYARC_NEW_PASSWORD.

example:
  keyarc recover --server https://keyarc.example --email me@example.com --kit kit.html
"""


def add_to(commands: Any) -> None:
    """Add them."""
    what = "log in by recovery code, with a new password and account key"
    recover = add(commands, "recover", "recovery:recover", what, RECOVER)
    server(recover)
    again = "begin again, with a new mail; the waiting goes on from when it first began"
    recover.add_argument("--again", action="store_true", help=again)
    recover.add_argument(
        "--kit",
        metavar="FILE",
        help="write the Emergency Kit here (HTML if the name ends in .html, else text;"
        " an existing file is never replaced)",
    )
    inner = group(commands, "recovery", "stop a recovery that runs")
    example = "`keyarc status` says whether one runs.\n\nexample:\n  keyarc recovery stop"
    add(inner, "stop", "recovery:stop", "stop a recovery of this account", example)
