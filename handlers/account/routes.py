"""The routes of the account service."""

from falcon import App, Request, Response

from handlers.account.audit_log import AuditLog
from handlers.account.backup_codes import BackupCodes
from handlers.account.data import OwnData
from handlers.account.device_requests import DeviceRequest, DeviceRequests
from handlers.account.email import Emails
from handlers.account.invitations import OneInvitation, VaultInvitations
from handlers.account.keyring import Keyrings
from handlers.account.keys import Keys
from handlers.account.machine_tokens import MachineTokens, OneMachineToken
from handlers.account.members import Members
from handlers.account.passkeys import OnePasskey, Passkeys
from handlers.account.password import Passwords
from handlers.account.people import People
from handlers.account.profile import Profiles
from handlers.account.recovery import Recovery
from handlers.account.removal import Removal
from handlers.account.rosters import RosterCommits
from handlers.account.second_factors import SecondFactors
from handlers.account.sessions import OneSession, SessionList
from handlers.account.shares import Shares
from handlers.account.totp import Totp
from handlers.account.vaults import OneVault, Vaults
from shared import access_tokens, caller, db, mail, service

PREFIX = "/api/account"
VAULT = PREFIX + "/vaults/{vault_id:uuid}"


def create_app(
    pool: db.Pool, verifier: access_tokens.ContextVerifier, post: mail.Post | None = None
) -> App[Request, Response]:
    """Return the app; *verifier* checks the gateway's word on who asks, *post* is its mail."""
    post = post or mail.Post()
    app = service.new_app(
        "account", PREFIX, middleware=[caller.FromContext(verifier)], ready=pool.ready
    )
    app.add_route(f"{PREFIX}/audit", AuditLog(pool))
    app.add_route(f"{PREFIX}/backup-codes", BackupCodes(pool, post))
    app.add_route(f"{PREFIX}/data", OwnData(pool))
    app.add_route(f"{PREFIX}/device-requests", DeviceRequests(pool))
    app.add_route(f"{PREFIX}/device-requests/{{request_id:uuid}}", DeviceRequest(pool))
    app.add_route(f"{PREFIX}/email", Emails(pool, post))
    app.add_route(f"{PREFIX}/keyring", Keyrings(pool))
    app.add_route(f"{PREFIX}/keys", Keys(pool, post))
    app.add_route(f"{PREFIX}/machine-tokens", MachineTokens(pool, post))
    app.add_route(f"{PREFIX}/machine-tokens/{{machine_id:uuid}}", OneMachineToken(pool))
    passkeys, passkey = Passkeys(pool, post), OnePasskey(pool, post)
    app.add_route(f"{PREFIX}/passkeys", passkeys)
    app.add_route(f"{PREFIX}/passkeys/options", passkeys, suffix="options")
    app.add_route(f"{PREFIX}/passkeys/{{credential_id}}", passkey)
    app.add_route(f"{PREFIX}/passkeys/{{credential_id}}/unlock", passkey, suffix="unlock")
    app.add_route(f"{PREFIX}/password", Passwords(pool, post))
    app.add_route(f"{PREFIX}/people", People(pool))
    app.add_route(f"{PREFIX}/profile", Profiles(pool))
    app.add_route(f"{PREFIX}/recovery", Recovery(pool, post))
    app.add_route(f"{PREFIX}/second-factors", SecondFactors(pool))
    app.add_route(f"{PREFIX}/sessions", SessionList(pool))
    app.add_route(f"{PREFIX}/sessions/{{session_id:uuid}}", OneSession(pool))
    app.add_route(f"{PREFIX}/totp", Totp(pool, post))
    _add_vaults(app, pool)
    return app


def _add_vaults(app: App[Request, Response], pool: db.Pool) -> None:
    """Add the routes of vaults and of who shares them."""
    invitation = OneInvitation(pool)
    app.add_route(f"{PREFIX}/invitations/{{invite_id:uuid}}", invitation)
    app.add_route(f"{PREFIX}/invitations/{{invite_id:uuid}}/commits", invitation, suffix="commits")
    app.add_route(f"{PREFIX}/shares", Shares(pool))
    app.add_route(f"{PREFIX}/vaults", Vaults(pool))
    app.add_route(VAULT, OneVault(pool))
    app.add_route(f"{VAULT}/commits", RosterCommits(pool))
    app.add_route(f"{VAULT}/invitations", VaultInvitations(pool))
    app.add_route(f"{VAULT}/members", Members(pool))
    app.add_route(f"{VAULT}/removal", Removal(pool))
