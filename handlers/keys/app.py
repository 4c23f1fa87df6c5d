"""The keys service: told by its environment, loaded once the port is open."""

import os

from shared import behind_gateway, waking


def from_env() -> waking.Service:
    """Return the service that the environment describes."""
    return behind_gateway.service("keys", os.environ, _routes)


def _routes() -> behind_gateway.CreateApp:
    from handlers.keys.routes import create_app  # noqa: PLC0415 - see the module's docstring

    return create_app
