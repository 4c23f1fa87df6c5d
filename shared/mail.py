"""Letters to people: written in the transaction of the deed, and sent after it by a `Postman`."""

from collections.abc import Callable

from shared import mail_sql as sql
from shared.db import Connection, Pool
from shared.letters import Letter
from shared.postman import Postman
from shared.relays import Settings


class Post:
    """What services write letters with; without *settings* there is no mail, and nothing is done.

    An SMTP server, however slow or broken, delays or breaks no request, and its time tells nobody
    whether there was a letter.
    """

    def __init__(
        self, settings: Settings | None = None, announce: Callable[[int], None] = lambda _: None
    ) -> None:
        """*announce* is told the number of each mail before its transaction is done."""
        self.enabled = settings is not None
        self._origin = settings.origin if settings else ""
        self._announce = announce

    @property
    def origin(self) -> str:
        """Where the links of letters lead, such as ``https://keyarc.io``."""
        return self._origin

    def send(self, conn: Connection, recipient: str | None, letter: Letter) -> None:
        """Leave *letter* to be sent once the transaction is done.

        To nobody where there is no recipient: it costs what a letter to somebody costs.
        """
        if self.enabled:
            self._announce(sql.add(conn, recipient, letter.subject, letter.body))


def open_post(pool: Pool, settings: Settings | None) -> Post:
    """Return the post of a service whose letters go out by themselves."""
    return Post(settings, Postman(pool, settings).announce) if settings else Post()
