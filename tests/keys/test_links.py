"""One-time links as their maker sees them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from handlers.keys import links as links_module
from shared.db import Connection
from shared.keyarc.encoding import ObjectType, b64
from tests import links, vaults
from tests.clients import Client
from tests.rows import nothing_stored
from tests.vaults import Person

PATH = "/api/keys/links"


@pytest.fixture
def maker(conn: Connection) -> Person:
    return vaults.person(conn)


def test_a_link_is_made_listed_and_removed(conn: Connection, keys: Client, maker: Person) -> None:
    client, draft = keys.as_(maker), links.body()

    made = client.post(PATH, json=draft)
    listed = client.get(PATH).json
    removed = [client.delete(f"{PATH}/{draft['link_id']}").status_code for _ in range(2)]

    assert made.status_code == 201
    assert listed == {"items": [made.json], "next": None}
    assert {name: made.json[name] for name in ("link_id", "reads_left", "last_read_at")} == {
        "link_id": draft["link_id"],
        "reads_left": 2,
        "last_read_at": None,
    }
    assert datetime.fromisoformat(made.json["expires_at"]) == datetime.fromisoformat(
        draft["expires_at"]
    )
    assert removed == [204, 404]
    assert client.get(PATH).json["items"] == []
    told = conn.execute("SELECT action, vault_id FROM audit_log ORDER BY audit_id").fetchall()
    assert told == [("link.created", None), ("link.removed", None)]


WRONG: dict[str, dict[str, Any]] = {
    "no read": {"reads": 0},
    "too many reads": {"reads": 101},
    "a flag": {"reads": True},
    "a text": {"reads": "2"},
    "a fraction": {"reads": 1.0},
    "too long": {"expires_at": links.within(timedelta(days=31))},
    "over": {"expires_at": links.within(timedelta(seconds=-1))},
    "no zone": {"expires_at": "2999-01-01T00:00:00"},
    "another type": {"blob": b64(vaults.blob(ObjectType.SECRET_DETAILS))},
    "too large": {"blob": b64(vaults.blob(ObjectType.ONE_TIME_LINK, 65_536))},
    "no id": {"link_id": "7"},
    "an unknown key": {"later": 1},
}


@pytest.mark.parametrize("why", WRONG)
def test_a_link_of_another_shape_is_refused(
    conn: Connection, keys: Client, maker: Person, why: str
) -> None:
    with nothing_stored(conn):
        answer = keys.as_(maker).post(PATH, json=links.body(**WRONG[why]))

    assert (answer.status_code, answer.json["type"]) == (422, "/problems/invalid")


def test_a_link_is_its_makers_alone(
    conn: Connection, keys: Client, maker: Person, stranger: Person
) -> None:
    draft = links.body()
    keys.as_(maker).post(PATH, json=draft)
    client = keys.as_(stranger)

    with nothing_stored(conn):
        taken = client.post(PATH, json=links.body(link_id=draft["link_id"]))
        removed = client.delete(f"{PATH}/{draft['link_id']}")

    assert client.get(PATH).json["items"] == []
    assert (taken.status_code, taken.json["type"]) == (409, "/problems/link-exists")
    assert removed.status_code == 404


def test_nobody_keeps_more_links_than_anybody_needs(
    monkeypatch: pytest.MonkeyPatch, keys: Client, maker: Person
) -> None:
    monkeypatch.setattr(links_module, "MOST_LINKS", 2)
    client = keys.as_(maker)
    drafts = [links.body() for _ in range(3)]

    answers = [client.post(PATH, json=draft) for draft in drafts]
    client.delete(f"{PATH}/{drafts[0]['link_id']}")

    assert [answer.status_code for answer in answers] == [201, 201, 409]
    assert answers[2].json["type"] == "/problems/too-many-links"
    assert client.post(PATH, json=drafts[2]).status_code == 201


def test_what_is_over_is_listed_no_more(conn: Connection, keys: Client, maker: Person) -> None:
    client, draft = keys.as_(maker), links.body()
    client.post(PATH, json=draft)
    conn.execute("UPDATE links SET expires_at = now()")

    assert client.get(PATH).json["items"] == []
    assert client.delete(f"{PATH}/{draft['link_id']}").status_code == 404
