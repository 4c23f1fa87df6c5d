"""Whom the server names for an address: a hint, that counts for nothing by itself."""

from urllib.parse import quote

from .answers import field, raw
from .client import Client
from .encoding import Broken, parse_id
from .errors import Failure, NotFound
from .identity import IdCert, parse_idcert
from .memories import Known
from .noticed import learn

OTHERS_KEYS = (
    "the server shows other keys for {} than those that were verified here: nothing was sent."
    " Ask them whether they made new keys, and compare the seven words with them"
)


class OtherKeys(Failure):
    """The server shows other keys for an address than those that were verified for it."""

    def __init__(self, email: str, idcert: IdCert) -> None:
        super().__init__(OTHERS_KEYS.format(email))
        self.idcert = idcert


def look_up(client: Client, email: str) -> tuple[IdCert, Known | None]:
    """Give the keys that the server names for an address, and whose they are, if that is known.

    Keys of somebody unknown count for nothing until their words were compared, and so do those of
    somebody who is known by another address: the server might have swapped the two. Whoever is
    known by none is who the server says, with an empty address. `OtherKeys` where somebody else,
    or with other keys, is known by the address.
    """
    keyring = client.opened.keyring.keyring
    wanted = email.strip().lower()
    try:
        found = client.opened.connection.get(f"/api/account/people?email={quote(wanted)}")
    except NotFound as ex:
        raise NotFound(f"nobody has an account as {wanted}: invite them by link") from ex
    idcert = parse_idcert(raw(found, "idcert"))
    if idcert.user_id != parse_id(field(found, "user_id")):
        raise Broken
    by_email = [one for one in keyring.people.values() if one.email.lower() == wanted]
    known = keyring.people.get(idcert.user_id)
    if len(by_email) > 1:  # who calls themselves by another's address is neither
        return idcert, None
    if by_email and known != by_email[0]:
        raise OtherKeys(wanted, idcert)
    if known is None or known.email.lower() not in {"", wanted}:
        return idcert, None
    try:
        learn(keyring, (), idcert, "link", "")
    except Broken:
        raise OtherKeys(wanted, idcert) from None
    return idcert, keyring.people[idcert.user_id]
