"""The routes of the auth service."""

from pathlib import Path

from falcon import App, Request, Response

from handlers.auth.accounts import Accounts
from handlers.auth.prelogin import Prelogin
from handlers.auth.refreshes import Refreshes
from handlers.auth.sessions import CurrentSession, Sessions
from handlers.auth.tokens import Tokens
from shared import browsers, caller, db, service

OPENAPI = Path(__file__).with_name("openapi.json")


class OpenApi:
    """``/auth/openapi.json``."""

    public = True

    def on_get(self, _req: Request, resp: Response) -> None:
        """Serve the document that is generated from the schemas."""
        resp.data = OPENAPI.read_bytes()


def create_app(
    pool: db.Pool, secrets: tuple[str, ...], origins: browsers.Origins
) -> App[Request, Response]:
    """Return the app; *secrets* sign tokens, *origins* are those of the page."""
    app = service.new_app(
        "auth",
        "/auth",
        middleware=[caller.FromToken(secrets, origins)],
        ready=pool.ready,
        hosts=origins.hosts,
    )
    tokens = Tokens(secrets)
    app.add_route("/auth/accounts", Accounts(pool))
    app.add_route("/auth/openapi.json", OpenApi())
    app.add_route("/auth/prelogin", Prelogin(pool))
    app.add_route("/auth/sessions", Sessions(pool, tokens, origins))
    app.add_route("/auth/sessions/current", CurrentSession(pool))
    app.add_route("/auth/sessions/refresh", Refreshes(pool, tokens, origins))
    return app
