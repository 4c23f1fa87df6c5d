"""The page wakes the server while somebody is still typing."""

from uuid import uuid4

import pytest
from playwright.sync_api import Page, Request, expect

from machines.stack import Stack
from tests.web.person import PASSWORD, Person

CALLS = ["/api/warm", "/auth/health"]
AN_HOUR_MS = 3_600_000


@pytest.fixture
def calls(page: Page, stack: Stack) -> list[str]:
    """The warm calls that leave the page, from now on."""
    paths: list[str] = []

    def note(request: Request) -> None:
        path = request.url.removeprefix(stack.url)
        if path in CALLS:
            paths.append(path)

    page.on("request", note)
    return paths


def test_the_page_asks_for_both_sides_of_the_server_as_it_loads(
    page: Page, stack: Stack, calls: list[str]
) -> None:
    with page.expect_response("**/auth/health") as health, page.expect_response("**/api/warm"):
        page.goto(stack.url)
    page.get_by_label("E-mail").fill("someone@example.com")

    assert sorted(calls) == CALLS
    assert "cookie" not in health.value.request.all_headers()


def test_a_locked_page_asks_again_only_when_somebody_returns_to_type(
    page: Page, stack: Stack, calls: list[str]
) -> None:
    page.clock.install()
    someone = Person(page, f"{uuid4().hex}@example.com")
    someone.sign_up(stack.url)
    calls.clear()
    page.clock.fast_forward(AN_HOUR_MS)
    password = page.get_by_label("Password", exact=True)
    expect(password).to_be_visible()
    while_away = list(calls)

    with page.expect_response("**/api/warm"):
        password.press_sequentially(PASSWORD)

    assert while_away == []
    assert sorted(calls) == CALLS
