"""The account service: told by its environment, loaded once the port is open."""

import functools
import os

from shared import access_tokens, metrics, settings, waking


def from_env() -> waking.Service:
    """Return the service that the environment describes."""
    read = functools.partial(settings.setting, os.environ)
    verifier = functools.partial(access_tokens.ContextVerifier, audience="account")
    return waking.Service(
        "/api/account/health",
        functools.partial(
            _load,
            read("DATABASE_URL", str),
            read("CONTEXT_PUBLIC_KEYS", verifier),
            metrics.listener(os.environ),
        ),
    )


def _load(
    database_url: str,
    verifier: access_tokens.ContextVerifier,
    listener: metrics.Listener | None,
) -> waking.Wsgi:
    from handlers.account import routes  # noqa: PLC0415 - see the module's docstring
    from shared import db  # noqa: PLC0415 - see the module's docstring

    access_tokens.load()
    pool = db.open_pool(database_url)
    app = routes.create_app(pool, verifier)
    metrics.publish(app, "account", listener, pool.readings)
    return app
