"""The certificates behind the hashes that stand in rosters, from wherever they can be had.

A roster holds the hash of each member's certificate, so it does not matter who hands one in.
"""

from collections.abc import Iterable

from .answers import ListedVault, items
from .identity import IdCert, parse_idcert
from .opened import Opened

VAULTS = "/api/account/vaults"


class Certificates:
    """Finds certificates by their hash: one's own, known people's, and those of listed vaults."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._listed: dict[bytes, IdCert] = {}

    def add(self, raws: Iterable[bytes]) -> None:
        """Take in what a list of vaults brought."""
        for raw in raws:
            idcert = parse_idcert(raw)
            self._listed[idcert.hash] = idcert

    def find(self, idcert_hash: bytes) -> IdCert | None:
        """Give the certificate of a hash; the server is asked where it is not known here."""
        for idcert in (self._opened.keys.idcert, *self._known()):
            if idcert.hash == idcert_hash:
                return idcert
        if idcert_hash not in self._listed:
            listed = items(self._opened.connection.get(VAULTS), "items", ListedVault.of)
            self.add(raw for one in listed for raw in one.idcerts)
        return self._listed.get(idcert_hash)

    def _known(self) -> Iterable[IdCert]:
        return (known.idcert for known in self._opened.keyring.keyring.people.values())
