"""``signup``, ``login``, ``logout`` and ``status``."""

from typing import Any

from .forms import add, json_too, server

KEEPING = """\
Between login and logout this device keeps the session and the unlocked user key, so that commands
need no password; the account key stays after logout too. They are kept in the system's key store
where there is one, else in a file under KEYARC_HOME that only you can read (mode 0600).
"""


def add_to(commands: Any) -> None:
    """Add the commands that begin and end a session."""
    example = "example:\n  keyarc signup --server https://keyarc.example --email me@example.com\n\n"
    signup = add(commands, "signup", "accounts:sign_up", "make an account", example + KEEPING)
    server(signup)
    signup.add_argument(
        "--kit",
        metavar="FILE",
        help="write the Emergency Kit here (HTML if the name ends in .html, else text;"
        " an existing file is never replaced)",
    )
    example = "example:\n  keyarc login --server https://keyarc.example --email me@example.com\n\n"
    login = add(commands, "login", "accounts:log_in", "begin a session", example + KEEPING)
    server(login)
    login.add_argument(
        "--approve",
        action="store_true",
        help="get the account key from a device that is logged in, instead of typing it",
    )
    add(commands, "logout", "accounts:log_out", "end the session", KEEPING)
    status = add(commands, "status", "accounts:status", "say who is logged in where", "")
    json_too(status)
