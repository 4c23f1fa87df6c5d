"""One-time links as a client posts them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from shared.keyarc.encoding import ObjectType, b64
from tests import vaults


def body(**changes: Any) -> dict[str, Any]:
    """Return a link of two reads and a day."""
    return {
        "link_id": str(uuid4()),
        "blob": b64(vaults.blob(ObjectType.ONE_TIME_LINK)),
        "reads": 2,
        "expires_at": within(timedelta(days=1)),
    } | changes


def within(time: timedelta) -> str:
    """Return the moment in *time*."""
    return (datetime.now(UTC) + time).isoformat()
