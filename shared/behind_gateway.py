"""A service behind the gateway: told by its environment, loaded once the port is open."""

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from shared import access_tokens, metrics, settings, waking

if TYPE_CHECKING:
    from falcon import App  # loaded later than this module

    from shared import db  # loaded later than this module

CreateApp = Callable[["db.Pool", access_tokens.ContextVerifier], "App[Any, Any]"]


def service(
    name: str, environ: Mapping[str, str], routes: Callable[[], CreateApp]
) -> waking.Service:
    """Return the service that *environ* describes; *routes* imports what creates its app."""
    read = functools.partial(settings.setting, environ)
    verifier = functools.partial(access_tokens.ContextVerifier, audience=name)
    load = functools.partial(
        _load,
        name,
        routes,
        read("DATABASE_URL", str),
        read("CONTEXT_PUBLIC_KEYS", verifier),
        metrics.listener(environ),
    )
    return waking.Service(f"/api/{name}/health", load)


def _load(
    name: str,
    routes: Callable[[], CreateApp],
    database_url: str,
    verifier: access_tokens.ContextVerifier,
    listener: metrics.Listener | None,
) -> waking.Wsgi:
    from shared import db  # noqa: PLC0415 - see the module's docstring

    create_app = routes()
    access_tokens.load()
    pool = db.open_pool(database_url)
    app = create_app(pool, verifier)
    metrics.publish(app, name, listener, pool.readings)
    return app
