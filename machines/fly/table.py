"""Which app has which secrets: the table of apps.py, and what migrations and jobs need besides."""

from collections.abc import Sequence

from machines.apps import APPS, App
from machines.failures import Failure

# Of the database's owner: the release command migrates with it, and the jobs start from it.
OWNER = "DIRECT_DATABASE_URL"
BACKUP = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "BACKUP_AGE_RECIPIENT",
    "BACKUP_KEEP",
    "BACKUP_S3_BUCKET",
    "BACKUP_S3_ENDPOINT",
)

# Without them there is no mail; whoever writes letters has both.
MAIL = ("MAIL_FROM", "SMTP_URL")


def required(app: App) -> Sequence[str]:
    """Return the secrets without which *app* or its jobs cannot start."""
    return (*app.secrets, OWNER) if app.name == "auth" else app.secrets


def optional(app: App) -> Sequence[str]:
    """Return those that it may have: of mail, and of the backups, whose job runs with auth's."""
    return {"auth": (*BACKUP, *MAIL), "account": MAIL}.get(app.name, ())


def holders(name: str) -> Sequence[App]:
    """Return the apps that have, or may have, the secret *name*."""
    return [app for app in APPS.values() if name in (*required(app), *optional(app))]


def known() -> Sequence[str]:
    """Return the names of all secrets."""
    return sorted({name for app in APPS.values() for name in (*required(app), *optional(app))})


def plain(name: str, value: str) -> str:
    """Return a value that flyctl keeps as it is: it reads lines, and takes outer quotes away."""
    if not value or value != value.strip(" \t\"'") or not value.isprintable():
        raise Failure(f"{name} must be one line without quotes or spaces around it.")
    return value
