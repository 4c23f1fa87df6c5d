"""Other people, by their address."""

from collections.abc import Mapping
from typing import ClassVar

from falcon import Request, Response

from handlers.account import people_sql as sql
from handlers.account import proofs
from shared import audit, db, limits, problems, schemas
from shared.audit import Action
from shared.operations import Operation
from shared.schemas import Schema, ValidationError


class Query(Schema):
    """Whom to look for."""

    email = schemas.Email(required=True)


class Person(Schema):
    """What the directory says of someone: a hint, and never by itself a recipient."""

    user_id = schemas.Id()
    idcert = schemas.Bytes()


QUERY = Query()
PERSON = Person()


class People:
    """``/api/account/people``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_get": Operation(response=PERSON, query={"email": "the whole address"}),
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response) -> None:
        try:
            query = QUERY.load(req.params)
        except ValidationError as ex:
            raise problems.Invalid(ex.messages_dict) from ex
        limits.take(self._pool, (limits.PEOPLE_PERSON, req.context.actor.user_id))
        with self._pool.connection() as conn:
            proofs.hold(conn, req.context.actor)
            person = sql.find(conn, query["email"])
            audit.record(conn, req, Action.PERSON_LOOKED_UP, None, person.user_id)
        resp.media = PERSON.dump(person)
