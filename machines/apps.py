"""The apps on Fly: secrets and triggers. Their names and addresses stand in the toml files."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MACHINES = Path(__file__).parent
EVERY_IMAGE = (
    ".dockerignore",
    "machines/Dockerfile",
    "machines/gunicorn.conf.py",
    "machines/requirements*.txt",
    ".github/workflows/deploy.yml",
)


@dataclass(frozen=True)
class App:
    """One app: the target of its image in the Dockerfile is its name."""

    name: str
    secrets: tuple[str, ...] = ()
    # As in .gitignore: a later pattern with `!` takes back what an earlier one named.
    triggers: tuple[str, ...] = ()

    @property
    def toml(self) -> Path:
        """Its ``fly.toml``."""
        return MACHINES / f"{self.name}.toml"

    @property
    def settings(self) -> dict[str, Any]:
        """What stands in its ``fly.toml``."""
        return tomllib.loads(self.toml.read_text())

    @property
    def fly_name(self) -> str:
        """Its name on Fly, ``keyarc-auth``; the other apps reach it at ``keyarc-auth.flycast``."""
        return str(self.settings["app"])


# What a server imports of the library: it can verify, and cannot open.
_IDENTITIES = (
    "!shared/keyarc/**",
    "shared/keyarc/__init__.py",
    "shared/keyarc/encoding.py",
    "shared/keyarc/identity.py",
)
_VERIFYING = (*_IDENTITIES, "shared/keyarc/commits/**")

# In the order of a deployment: auth migrates the database, the page comes when all behind it stand.
APPS = {
    app.name: app
    for app in (
        App(
            "auth",
            ("DATABASE_URL", "JWT_SECRET"),
            (
                "handlers/__init__.py",
                "handlers/auth/**",
                "shared/**",
                *_IDENTITIES,
                "migrations/**",
                "pyproject.toml",  # tells alembic where they are
                "handlers/jobs/**",  # run as machines of this app
                "machines/jobs.toml",
                "machines/auth.toml",
                *EVERY_IMAGE,
            ),
        ),
        App(
            "account",
            ("DATABASE_URL",),
            (
                "handlers/__init__.py",
                "handlers/account/**",
                "shared/**",
                *_VERIFYING,
                "machines/account.toml",
                *EVERY_IMAGE,
            ),
        ),
        App(
            "keys",
            ("DATABASE_URL",),
            (
                "handlers/__init__.py",
                "handlers/keys/**",
                "shared/**",
                *_VERIFYING,
                "machines/keys.toml",
                *EVERY_IMAGE,
            ),
        ),
        App(
            "gateway",
            ("JWT_SECRET",),
            (
                "handlers/__init__.py",
                "handlers/gateway/**",
                "shared/__init__.py",
                "shared/access_tokens.py",
                "shared/bodies.py",
                "shared/browsers.py",
                "shared/caller.py",
                "shared/log.py",
                "shared/metrics.py",
                "shared/operations.py",
                "shared/problem_documents.py",
                "shared/problems.py",
                "shared/scrapes.py",
                "shared/service.py",
                "shared/settings.py",
                "shared/waking.py",
                "shared/keyarc/__init__.py",
                "shared/keyarc/encoding.py",
                "machines/gateway.toml",
                *EVERY_IMAGE,
            ),
        ),
        App(
            "frontend",
            (),
            (
                "web/**",
                "shared/keyarc/words.txt",
                "machines/nginx*",
                "machines/frontend.toml",
                *EVERY_IMAGE,
            ),
        ),
    )
}
