"""What the page of another site can do to somebody who is logged in: nothing."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from machines.stack import Stack
from tests.web.person import Person

# Each way in which a page may ask another site; all that it learns is whether it was answered.
ASK = """
    async ([url, how]) => {
        try {
            const answer = await fetch(url, {credentials: 'include', ...how})
            return answer.type === 'opaque' ? 'opaque' : `${answer.status}`
        } catch { return 'refused' }
    }
"""
FORM = """
    ([url, body]) => {
        const form = document.createElement('form')
        Object.assign(form, {action: url, method: 'post', enctype: 'text/plain', target: 'hidden'})
        const field = document.createElement('input')
        Object.assign(field, {name: body, value: ''})
        form.append(field)
        document.body.append(form)
        form.submit()
    }
"""
FRAME = """
    (url) => new Promise((tell) => {
        const frame = document.createElement('iframe')
        Object.assign(frame, {name: 'hidden', src: url, onload: () => tell(true)})
        document.body.append(frame)
    })
"""
ALIVE = """
    fetch('/api/account/profile', {headers: {'KeyArc-Client': 'web'}}).then((a) => a.status)
"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_: object) -> None:
        """Keep the request to itself."""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[int]:
    """The port of another site's server."""
    (tmp_path / "index.html").write_text("<!doctype html><title>elsewhere</title>")
    handler = partial(Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def person(page: Page, stack: Stack) -> Person:
    """Someone who is logged in."""
    someone = Person(page, f"{uuid4().hex}@example.com")
    someone.sign_up(stack.url)
    return someone


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_other_page_acts_for_somebody_who_is_logged_in(
    person: Person, stack: Stack, elsewhere: int, host: str
) -> None:
    """S11: neither another site, nor another origin of the same one, whose cookies are sent."""
    marked = {"KeyArc-Client": "web", "Content-Type": "application/json"}
    deeds: list[tuple[str, dict[str, Any]]] = [
        ("/api/account/sessions", {"method": "DELETE", "headers": marked}),
        ("/auth/sessions/current", {"method": "DELETE", "headers": marked}),
        ("/api/account/profile", {"headers": marked}),
        ("/auth/sessions/refresh", {"method": "POST", "mode": "no-cors", "body": "{}"}),
        ("/api/account/totp", {"method": "POST", "mode": "no-cors", "body": "{}"}),
        ("/api/account/profile", {"mode": "no-cors"}),
    ]
    stranger = person.page.context.new_page()
    stranger.goto(f"http://{host}:{elsewhere}/")

    answers = [stranger.evaluate(ASK, [stack.url + path, how]) for path, how in deeds]
    stranger.evaluate(FORM, [f"{stack.url}/auth/sessions/refresh", "{}"])
    stranger.wait_for_load_state("networkidle")

    assert answers[:3] == ["refused"] * 3
    assert set(answers[3:]) <= {"refused", "opaque"}
    assert person.page.evaluate(ALIVE) == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_other_page_shows_the_page_inside_itself_or_holds_its_window(
    person: Person, stack: Stack, elsewhere: int, host: str
) -> None:
    """S11: a click is never meant for something else, and no window can be steered."""
    stranger = person.page.context.new_page()
    stranger.goto(f"http://{host}:{elsewhere}/")

    stranger.evaluate(FRAME, stack.url)
    with stranger.context.expect_page() as opening:
        stranger.evaluate("(url) => void (window.held = open(url))", stack.url)
    expect(opening.value.get_by_role("heading", name="Unlock")).to_be_visible()

    [frame] = stranger.frames[1:]
    assert frame.url.startswith("chrome-error://")
    assert stranger.evaluate("held.closed") is True
    assert opening.value.evaluate("opener") is None
