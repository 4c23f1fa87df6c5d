"""What an installation says of itself."""

import pytest

from handlers.auth import routes
from shared import browsers, mail
from shared.db import Connection
from tests import mail_relay
from tests.clients import JWT_SECRET, Client
from tests.databases import OneTransaction

ORIGINS = "http://localhost:8080,http://127.0.0.1:8080"


@pytest.mark.parametrize("has_mail", [True, False])
@pytest.mark.parametrize(("host", "named"), [("localhost:8080", True), ("127.0.0.1:8080", False)])
def test_it_tells_whether_there_is_mail_how_long_recoveries_wait_and_whether_passkeys_work(
    conn: Connection, has_mail: bool, host: str, named: bool
) -> None:
    """A passkey belongs to a name: an address cannot have one."""
    pool = OneTransaction(conn, "keyarc_auth")
    post = mail.Post(mail_relay.NOWHERE if has_mail else None)
    app = routes.create_app(pool, (JWT_SECRET,), browsers.Origins(ORIGINS), post, 1800)

    answer = Client(app).get("/auth/about", headers={"Host": host})

    assert answer.json == {"mail": has_mail, "recovery_delay_seconds": 1800, "passkeys": named}
