"""The second factors of one's own account. Deeds that take a fresh proof say so: proofs.py."""

import re
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import quote, urlencode

from .answers import field, items, number, text
from .encoding import Broken, b64, parse_u64, unb64
from .errors import Conflict, Failure, NotFound, WrongCode
from .http import Answer, refuse
from .moments import moment, moment_or_none
from .opened import Opened

FACTORS = "/api/account/second-factors"
TOTP = "/api/account/totp"
BACKUP_CODES = "/api/account/backup-codes"
PASSKEYS = "/api/account/passkeys"
ISSUER: Final = "KeyArc"
_SECRET: Final = re.compile(r"[A-Z2-7]{16,128}")
_BACKUP_CODE: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}")
_BACKUP_CODES: Final = 10


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey; *unlocks* tells whether it opens the account too. Times are RFC 3339."""

    credential_id: str
    name: str
    created_at: str
    last_used_at: str | None
    unlocks: bool

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read one."""
        unlock = field(media, "unlock")
        if unlock is not None:
            parse_u64(field(unlock, "keyset"))
        return cls(
            credential_id=b64(unb64(field(media, "credential_id"))),
            name=text(media, "name"),
            created_at=moment(media, "created_at"),
            last_used_at=moment_or_none(media, "last_used_at"),
            unlocks=unlock is not None,
        )


@dataclass(frozen=True, slots=True)
class Factors:
    """What an account asks for beside the password; *backup_codes* are still unused."""

    totp: bool
    backup_codes: int
    passkeys: list[Passkey]

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read the answer of ``GET /api/account/second-factors``."""
        totp = field(media, "totp")
        if not isinstance(totp, bool):
            raise Broken
        return cls(totp, number(media, "backup_codes"), items(media, "passkeys", Passkey.of))


def factors(opened: Opened) -> Factors:
    """Give every second factor."""
    return Factors.of(opened.connection.get(FACTORS))


def begin_totp(opened: Opened) -> str:
    """Have the server make an app's secret (base32); a proof is used up, nothing is asked yet."""
    answer = opened.connection.ask("POST", TOTP)
    if answer.problem == "second-factor-exists":
        raise Conflict("there is an authenticator app already: remove it first")
    secret = text(_expect(answer, 201), "secret")
    if not _SECRET.fullmatch(secret):
        raise Broken
    return secret


def totp_uri(secret: str, email: str) -> str:
    """Give what an app scans; made here, so that no address of the server's is ever scanned."""
    label = quote(f"{ISSUER}:{email}", safe="@")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': ISSUER})}"


def finish_totp(opened: Opened, code: str) -> list[str]:
    """Prove that the app works. With the first second factor come the backup codes, else none."""
    answer = opened.connection.ask("PUT", TOTP, {"code": code})
    if answer.problem == "wrong-code":
        raise WrongCode("this code is wrong: check the clock of the app's device")
    return _backup_codes(_expect(answer, 200))


def remove_totp(opened: Opened) -> None:
    """Ask no app's code any more; takes a proof."""
    _expect(opened.connection.ask("DELETE", TOTP), 204)


def make_backup_codes(opened: Opened) -> list[str]:
    """Replace the backup codes by new ones; takes a proof."""
    try:
        answer = opened.connection.ask("POST", BACKUP_CODES)
    except NotFound as ex:
        raise NotFound("backup codes come with a second factor: set one up first") from ex
    return _backup_codes(_expect(answer, 201))


def find_passkey(known: Factors, name: str) -> Passkey:
    """Give the passkey of that id or, if only one has it, that name."""
    found = [one for one in known.passkeys if one.credential_id == name]
    found = found or [one for one in known.passkeys if one.name == name]
    if not found:
        raise NotFound(f"there is no passkey {name}")
    if len(found) > 1:
        ids = ", ".join(one.credential_id for one in found)
        raise Conflict(f"{name} means several passkeys: give one of the ids {ids}")
    return found[0]


def remove_passkey(opened: Opened, passkey: Passkey) -> None:
    """Forget a passkey; takes a proof."""
    _expect(opened.connection.ask("DELETE", f"{PASSKEYS}/{passkey.credential_id}"), 204)


def _expect(answer: Answer, status: int) -> Any:
    if answer.problem == "proof-needed":
        raise Failure("the proof of who asks was used up or is too old: try again")
    if answer.status != status:
        raise refuse(answer)
    return answer.media


def _backup_codes(media: Any) -> list[str]:
    found = items(media, "backup_codes", _backup_code)
    if len(found) not in {0, _BACKUP_CODES}:
        raise Broken
    return found


def _backup_code(media: Any) -> str:
    if not isinstance(media, str) or not _BACKUP_CODE.fullmatch(media):
        raise Broken
    return media
