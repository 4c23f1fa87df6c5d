"""The page holds its tokens as cookies that no script reads and no other site sends."""

from datetime import UTC, datetime
from typing import Any

import pytest
from falcon.testing import Result

from shared.browsers import ACCESS_COOKIE, REFRESH_COOKIE
from shared.db import Connection
from tests import factories
from tests.clients import ORIGIN, Client
from tests.factories import FROM_PAGE

STRANGE: list[dict[str, str | None]] = [
    {"KeyArc-Client": None},
    {"Origin": "https://elsewhere.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
]


def test_the_page_gets_its_tokens_as_cookies_only(auth: Client) -> None:
    login = factories.logged_in(auth, page=True)

    assert not {"access_token", "refresh_token"} & login.json.keys()
    cookies = login.cookies
    assert cookies.keys() == {ACCESS_COOKIE, REFRESH_COOKIE}
    for cookie in cookies.values():
        assert cookie.secure
        assert cookie.http_only
        assert (cookie.same_site, cookie.path) == ("Strict", "/")
        assert not cookie.domain
    assert cookies[ACCESS_COOKIE].max_age == 600
    assert cookies[REFRESH_COOKIE].max_age == 2 * 3600


def test_the_page_renews_its_cookies(auth: Client) -> None:
    login = factories.logged_in(auth, page=True)

    response = _refresh(auth, login)

    assert (response.status_code, response.json) == (200, {"expires_in": 600})
    renewed, old = response.cookies, login.cookies
    assert renewed[REFRESH_COOKIE].value != old[REFRESH_COOKIE].value


def test_a_session_of_the_page_ends_after_12_hours_whatever_it_does(
    auth: Client, conn: Connection
) -> None:
    login = last = factories.logged_in(auth, page=True)

    for _ in range(8):
        factories.aged(conn, login.json["session_id"], 1.5 * 3600 - 7.5)
        last = _refresh(auth, last)
    factories.aged(conn, login.json["session_id"], 61)
    late = _refresh(auth, last)

    assert last.cookies[REFRESH_COOKIE].max_age == 60
    assert (late.status_code, late.json["type"]) == (401, "/problems/session-ended")


def test_a_session_of_the_page_ends_2_hours_after_its_last_use(
    auth: Client, conn: Connection
) -> None:
    login = factories.logged_in(auth, page=True)

    factories.aged(conn, login.json["session_id"], 2 * 3600 + 1)
    late = _refresh(auth, login)

    assert (late.status_code, late.json["type"]) == (401, "/problems/session-ended")


def test_logging_out_takes_the_cookies_away(auth: Client) -> None:
    login = factories.logged_in(auth, page=True)

    response = auth.delete(
        "/auth/sessions/current", headers=FROM_PAGE | {"Cookie": _cookie_header(login)}
    )

    assert response.status_code == 204
    for name, cookie in response.cookies.items():
        assert name.startswith("__Host-")
        assert (cookie.value, cookie.expires) == ("", datetime(1970, 1, 1, tzinfo=UTC))
        assert (cookie.secure, cookie.path, cookie.same_site) == (True, "/", "Strict")


@pytest.mark.parametrize("strange", STRANGE)
def test_cookies_count_only_for_the_page_itself(
    auth: Client, conn: Connection, strange: dict[str, str | None]
) -> None:
    login = factories.logged_in(auth, page=True)
    headers = _without(FROM_PAGE | strange) | {"Cookie": _cookie_header(login)}

    refreshed = auth.post("/auth/sessions/refresh", json={}, headers=headers)
    ended = auth.delete("/auth/sessions/current", headers=headers)

    assert refreshed.status_code in {401, 422}
    assert ended.status_code == 401
    assert conn.execute("SELECT count(*) FROM live_sessions").fetchone() == (1,)


@pytest.mark.parametrize("strange", STRANGE[1:])
def test_no_other_site_logs_the_page_in(auth: Client, strange: dict[str, str | None]) -> None:
    person = factories.signed_up(auth)

    response = auth.post("/auth/sessions", json=person.login, headers=_without(FROM_PAGE | strange))

    assert response.status_code == 401
    assert "Set-Cookie" not in response.headers


def test_a_cookie_is_no_token_for_clients_and_no_token_a_cookie(auth: Client) -> None:
    page, client = factories.logged_in(auth, page=True), factories.logged_in(auth)
    cookie = page.cookies[REFRESH_COOKIE].value
    token = client.json["refresh_token"]

    as_client = auth.post("/auth/sessions/refresh", json={"refresh_token": cookie})
    as_page = _refresh_with(auth, f"{REFRESH_COOKIE}={token}")
    in_both = auth.post(
        "/auth/sessions/refresh",
        json={"refresh_token": token},
        headers=FROM_PAGE | {"Cookie": f"{REFRESH_COOKIE}={cookie}"},
    )

    assert as_client.json["type"] == "/problems/session-ended"
    assert as_page.json["type"] == "/problems/session-ended"
    assert list(in_both.json["errors"]) == ["refresh_token"]


@pytest.mark.parametrize("cookie", ["", "x=y", REFRESH_COOKIE + "=", REFRESH_COOKIE + "=AAAA"])
def test_a_page_without_its_cookie_has_to_log_in(auth: Client, cookie: str) -> None:
    response = _refresh_with(auth, cookie)

    assert (response.status_code, response.json["type"]) == (401, "/problems/session-ended")


def test_the_page_may_be_served_from_every_public_origin_only(auth: Client) -> None:
    host = ORIGIN.removeprefix("https://")

    assert auth.get("/auth/openapi.json", headers={"Host": host.upper()}).status_code == 200
    assert auth.get("/auth/openapi.json", headers={"Host": "elsewhere.example"}).status_code == 400
    assert auth.get("/auth/health", headers={"Host": "10.0.0.1:8080"}).status_code == 200


def _refresh(auth: Client, login: Result) -> Result:
    return _refresh_with(auth, _cookie_header(login))


def _refresh_with(auth: Client, cookie: str) -> Result:
    return auth.post("/auth/sessions/refresh", json={}, headers=FROM_PAGE | {"Cookie": cookie})


def _cookie_header(response: Result) -> str:
    return "; ".join(f"{name}={one.value}" for name, one in response.cookies.items())


def _without(headers: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if value is not None}
