"""The gateway: told by its environment, loaded once the port is open."""

import functools
import os
from collections.abc import Mapping

from handlers.gateway.upstream import Upstream
from shared import access_tokens, browsers, metrics, settings, waking

CERTIFICATES_EVERY_SECONDS = 6 * 3600


def from_env() -> waking.Service:
    """Return the service that the environment describes."""
    read = functools.partial(settings.setting, os.environ)
    return waking.Service(
        "/api/health",
        functools.partial(
            _load,
            {"account": read("ACCOUNT_URL", Upstream), "keys": read("KEYS_URL", Upstream)},
            read("JWT_SECRET", access_tokens.parse_secrets),
            read("PUBLIC_ORIGIN", browsers.Origins),
            metrics.listener(os.environ),
        ),
    )


def _load(
    upstreams: Mapping[str, Upstream],
    secrets: tuple[str, ...],
    origins: browsers.Origins,
    listener: metrics.Listener | None,
) -> waking.Wsgi:
    from handlers.gateway import certificates, routes  # noqa: PLC0415 - see the module's docstring

    access_tokens.load()
    app = routes.create_app(upstreams, secrets, origins)
    expiry = functools.partial(certificates.readings, origins.origins)
    metrics.publish(app, "gateway", listener, metrics.rarely(expiry, CERTIFICATES_EVERY_SECONDS))
    return app
