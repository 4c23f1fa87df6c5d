"""The routes of the auth service."""

from pathlib import Path

from falcon import App, Request, Response

from handlers.auth.about import About
from handlers.auth.accounts import Accounts
from handlers.auth.device_requests import DeviceAnswer, DeviceRequests
from handlers.auth.email_verifications import EmailVerifications
from handlers.auth.links import Links
from handlers.auth.machine_sessions import MachineSessions
from handlers.auth.passkey_sessions import PasskeySessions
from handlers.auth.prelogin import Prelogin
from handlers.auth.proofs import Proofs
from handlers.auth.recovery import Recoveries
from handlers.auth.recovery_finish import RecoveryFinish
from handlers.auth.recovery_keys import RecoveryKeys
from handlers.auth.refreshes import Refreshes
from handlers.auth.second_steps import SecondSteps
from handlers.auth.sessions import CurrentSession, Sessions
from handlers.auth.tokens import Tokens
from shared import browsers, caller, db, mail, service

OPENAPI = Path(__file__).with_name("openapi.json")
RECOVERY_DELAY_S = 86_400


class OpenApi:
    """``/auth/openapi.json``."""

    public = True

    def on_get(self, _req: Request, resp: Response) -> None:
        """Serve the document that is generated from the schemas."""
        resp.data = OPENAPI.read_bytes()


def create_app(
    pool: db.Pool,
    secrets: tuple[str, ...],
    origins: browsers.Origins,
    post: mail.Post | None = None,
    recovery_delay_s: int = RECOVERY_DELAY_S,
) -> App[Request, Response]:
    """Return the app; *secrets* sign tokens, *origins* are the page's, *post* is its mail."""
    post = post or mail.Post()
    app = service.new_app(
        "auth",
        "/auth",
        middleware=[caller.FromToken(secrets, origins)],
        ready=pool.ready,
        hosts=origins.hosts,
    )
    tokens = Tokens(secrets)
    about = About(has_mail=post.enabled, recovery_delay_s=recovery_delay_s)
    app.add_route("/auth/about", about)
    app.add_route("/auth/accounts", Accounts(pool, post))
    app.add_route("/auth/device-requests", DeviceRequests(pool))
    app.add_route("/auth/device-requests/{request_id:uuid}/answer", DeviceAnswer(pool))
    app.add_route("/auth/email-verifications", EmailVerifications(pool))
    app.add_route("/auth/links/{link_id:uuid}", Links(pool))
    app.add_route("/auth/machine-sessions", MachineSessions(pool, secrets))
    app.add_route("/auth/openapi.json", OpenApi())
    passkeys = PasskeySessions(pool, tokens, origins, post)
    app.add_route("/auth/passkey-sessions", passkeys)
    app.add_route("/auth/passkey-sessions/options", passkeys, suffix="options")
    app.add_route("/auth/prelogin", Prelogin(pool))
    app.add_route("/auth/recovery", Recoveries(pool, post, recovery_delay_s))
    app.add_route("/auth/recovery/finish", RecoveryFinish(pool, post, tokens, origins))
    app.add_route("/auth/recovery/keys", RecoveryKeys(pool))
    app.add_route("/auth/sessions", Sessions(pool, tokens, origins, post))
    app.add_route("/auth/sessions/current", CurrentSession(pool))
    app.add_route("/auth/sessions/current/proof", Proofs(pool, origins))
    app.add_route("/auth/sessions/refresh", Refreshes(pool, tokens, origins))
    steps = SecondSteps(pool, tokens, origins, post)
    app.add_route("/auth/sessions/passkey", steps, suffix="passkey")
    app.add_route("/auth/sessions/totp", steps, suffix="code")
    return app
