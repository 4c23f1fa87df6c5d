"""The auth service: told by its environment, loaded once the port is open."""

import functools
import os

from shared import access_tokens, browsers, metrics, relays, settings, waking

JOBS_EVERY_SECONDS = 600
DEFAULTS = {"RECOVERY_DELAY": "24h"}


def from_env() -> waking.Service:
    """Return the service that the environment describes."""
    read = functools.partial(settings.setting, os.environ)
    delay = settings.setting(DEFAULTS | os.environ, "RECOVERY_DELAY", settings.seconds)
    return waking.Service(
        "/auth/health",
        functools.partial(
            _load,
            read("DATABASE_URL", str),
            read("JWT_SECRET", access_tokens.parse_secrets),
            read("PUBLIC_ORIGIN", browsers.Origins),
            mail_settings=relays.read(os.environ),
            recovery_delay_s=delay,
            listener=metrics.listener(os.environ),
        ),
    )


def _load(
    database_url: str,
    secrets: tuple[str, ...],
    origins: browsers.Origins,
    *,
    mail_settings: relays.Settings | None,
    recovery_delay_s: int,
    listener: metrics.Listener | None,
) -> waking.Wsgi:
    from handlers.auth import job_runs, routes  # noqa: PLC0415 - see the module's docstring
    from shared import db, mail  # noqa: PLC0415 - see the module's docstring

    pool = db.open_pool(database_url)
    app = routes.create_app(
        pool, secrets, origins, mail.open_post(pool, mail_settings), recovery_delay_s
    )
    runs = metrics.rarely(functools.partial(job_runs.readings, pool), JOBS_EVERY_SECONDS)
    metrics.publish(app, "auth", listener, pool.readings, runs)
    return app
