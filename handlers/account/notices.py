"""Letters about what was done to an account, to its person."""

from handlers.account import notices_sql as sql
from shared import letters, networks
from shared.caller import Actor
from shared.db import Connection
from shared.letters import Change
from shared.mail import Post


def tell(conn: Connection, post: Post, actor: Actor, change: Change) -> None:
    """Write that *change* was made by the session that asks."""
    if post.enabled:
        to = sql.recipient(conn, actor.session_id)
        network = networks.of(actor.address)
        post.send(conn, to.email, letters.changed(change, to.device, network, post.origin))
