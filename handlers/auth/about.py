"""What clients need to know of this installation before anybody is signed in."""

from typing import ClassVar

from falcon import Request, Response

from shared import networks
from shared.operations import Operation
from shared.schemas import Schema, fields


class Installation(Schema):
    """What it can do; without mail the product works, and clients say what is missing."""

    mail = fields.Boolean()
    recovery_delay_seconds = fields.Integer()
    passkeys = fields.Boolean()


INSTALLATION = Installation()


class About:
    """``/auth/about``."""

    public = True
    operations: ClassVar = {"on_get": Operation(response=INSTALLATION)}

    def __init__(self, *, has_mail: bool, recovery_delay_s: int) -> None:
        self._mail = has_mail
        self._recovery_delay_s = recovery_delay_s

    def on_get(self, req: Request, resp: Response) -> None:
        """Tell what depends on how it is set up."""
        resp.media = INSTALLATION.dump(
            {
                "mail": self._mail,
                "recovery_delay_seconds": self._recovery_delay_s,
                "passkeys": not networks.is_address(req.host),  # they belong to a name
            }
        )
