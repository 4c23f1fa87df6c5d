"""The routes of the account service."""

from falcon import App, Request, Response

from handlers.account.keyring import Keyrings
from handlers.account.people import People
from handlers.account.profile import Profiles
from handlers.account.vaults import Vaults
from shared import access_tokens, caller, db, service

PREFIX = "/api/account"


def create_app(pool: db.Pool, verifier: access_tokens.ContextVerifier) -> App[Request, Response]:
    """Return the app; *verifier* checks the gateway's word on who asks."""
    app = service.new_app(
        "account", PREFIX, middleware=[caller.FromContext(verifier)], ready=pool.ready
    )
    app.add_route(f"{PREFIX}/keyring", Keyrings(pool))
    app.add_route(f"{PREFIX}/people", People(pool))
    app.add_route(f"{PREFIX}/profile", Profiles(pool))
    app.add_route(f"{PREFIX}/vaults", Vaults(pool))
    return app
