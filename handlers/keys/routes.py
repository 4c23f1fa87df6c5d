"""The routes of the keys service."""

from falcon import App, Request, Response

from handlers.keys.audit_rows import AuditRows
from handlers.keys.commits import Commits
from handlers.keys.links import Links
from handlers.keys.reminders import Expiring, Reminders
from handlers.keys.secrets import Reading, Secrets
from handlers.keys.uses import Uses
from handlers.keys.versions import Overviews, Versions
from shared import access_tokens, caller, db, service

PREFIX = "/api/keys"
VAULT = PREFIX + "/vaults/{vault_id:uuid}"
SECRET = VAULT + "/secrets/{secret_id:uuid}"
VERSION = SECRET + "/versions/{version:int(min=1, max=9223372036854775807)}"


def create_app(pool: db.Pool, verifier: access_tokens.ContextVerifier) -> App[Request, Response]:
    """Return the app; *verifier* checks the gateway's word on who asks."""
    app = service.new_app(
        "keys", PREFIX, middleware=[caller.FromContext(verifier)], ready=pool.ready
    )
    secrets = Secrets(pool)
    versions = Versions(pool)
    app.add_route(f"{VAULT}/audit", AuditRows(pool))
    links = Links(pool)
    app.add_route(f"{PREFIX}/links", links)
    app.add_route(f"{PREFIX}/links/{{link_id:uuid}}", links, suffix="item")
    app.add_route(f"{VAULT}/commits", Commits(pool))
    app.add_route(f"{VAULT}/expiring", Expiring(pool))
    reminders = Reminders(pool)
    app.add_route(f"{VAULT}/reminders", reminders)
    app.add_route(f"{VAULT}/reminders/{{secret_id:uuid}}", reminders, suffix="item")
    app.add_route(f"{VAULT}/secrets", secrets)
    app.add_route(f"{VAULT}/secrets/read", Reading(pool))
    app.add_route(SECRET, secrets, suffix="item")
    app.add_route(f"{SECRET}/versions", versions)
    app.add_route(VERSION, versions, suffix="item")
    app.add_route(f"{VAULT}/uses", Uses(pool))
    app.add_route(f"{VAULT}/versions/overviews", Overviews(pool))
    return app
