"""The account service: told by its environment, loaded once the port is open."""

import functools
import os

from shared import behind_gateway, relays, waking


def from_env() -> waking.Service:
    """Return the service that the environment describes."""
    routes = functools.partial(_routes, relays.read(os.environ))
    return behind_gateway.service("account", os.environ, routes)


def _routes(mail_settings: relays.Settings | None) -> behind_gateway.CreateApp:
    from handlers.account.routes import create_app  # noqa: PLC0415 - see the module's docstring
    from shared import mail  # noqa: PLC0415 - see the module's docstring

    return lambda pool, verifier: create_app(pool, verifier, mail.open_post(pool, mail_settings))
