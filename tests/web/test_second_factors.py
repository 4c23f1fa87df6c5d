"""Second factors, passkeys and sessions on the page; Chromium's virtual authenticator touches."""

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pyotp
import pytest
from playwright.sync_api import Browser, CDPSession, Page, Request, Route, expect

from machines.stack import Stack
from tests.web.person import PASSWORD, Person
from tests.web.screens import Screens

LONG_MS = 30_000
STEP_S = 30


@pytest.fixture
def person(page: Page, stack: Stack) -> Person:
    """Someone who has just signed up and has an empty vault ``Work``."""
    someone = Person(page, f"{uuid4().hex}@example.com")
    someone.sign_up(stack.url)
    someone.create_vault("Work")
    return someone


@pytest.fixture
def sent(page: Page) -> list[Request]:
    """Every request of the page with a body, from now on."""
    requests: list[Request] = []

    def note(request: Request) -> None:
        if request.post_data:
            requests.append(request)

    page.context.on("request", note)
    return requests


@pytest.fixture
def cdp(page: Page) -> Iterator[CDPSession]:
    """The developer's line to the page's browser, with WebAuthn made virtual."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    yield session
    session.detach()


def plug_in(cdp: CDPSession, *, prf: bool) -> None:
    """Give the browser an authenticator that is touched at once."""
    options: dict[str, Any] = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "hasPrf": prf,
        "automaticPresenceSimulation": True,
    }
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def visit(person: Person, section: str) -> None:
    person.page.evaluate("path => navigation.navigate(path)", f"/settings/{section}")
    expect(person.page.get_by_role("heading", level=1)).to_be_visible()


def prove(person: Person) -> None:
    dialog = person.page.get_by_role("dialog", name="Is it you?")
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Prove it").click()


def opened(person: Person) -> None:
    expect(person.page.get_by_role("button", name="Lock", exact=True)).to_be_visible(
        timeout=LONG_MS
    )


def test_an_app_and_then_a_backup_code_let_somebody_in(
    person: Person, stack: Stack, browser: Browser
) -> None:
    page, screens = person.page, Screens(person.page)
    visit(person, "second-factor")
    person.press("Set up an app")
    prove(person)
    secret = page.get_by_label("Secret", exact=True).inner_text().replace(" ", "")
    expect(page.get_by_role("img", name="Secret of the authenticator app")).to_be_visible()
    screens.look("secret of an app")
    app = pyotp.TOTP(secret)
    page.get_by_label("Code that the app shows").fill("000000")
    person.press("Turn on")
    expect(page.get_by_text("That code is not right")).to_be_visible()
    page.get_by_label("Code that the app shows").fill(app.at(time.time()))
    person.press("Turn on")
    listed = page.get_by_role("list", name="Backup codes").get_by_role("listitem")
    expect(listed).to_have_count(10)
    codes = listed.all_inner_texts()
    screens.look("backup codes")
    page.emulate_media(media="print")
    expect(page.get_by_text(codes[0])).to_be_visible()
    expect(page.get_by_role("button", name="Print")).not_to_be_visible()
    page.emulate_media(media="screen")
    person.press("I have kept them")
    expect(page.get_by_text(codes[0])).to_have_count(0)
    expect(page.get_by_text("10 of 10 are left.")).to_be_visible()

    for code in (app.at(time.time() + STEP_S), codes[0].lower().replace("-", " ")):
        with browser.new_context() as context:
            elsewhere = Person(context.new_page(), person.email, person.account_key)
            elsewhere.log_in(stack.url)
            expect(elsewhere.page.get_by_label("Code")).to_be_focused(timeout=LONG_MS)
            elsewhere.page.get_by_label("Code").fill(code)
            elsewhere.press("Go on")
            opened(elsewhere)
    visit(person, "sessions")
    visit(person, "second-factor")

    expect(page.get_by_text("9 of 10 are left.")).to_be_visible()
    assert (screens.seen, screens.faults) == (2, [])


def test_one_touch_unlocks_begins_another_session_and_logs_in(
    person: Person, stack: Stack, cdp: CDPSession, sent: list[Request]
) -> None:
    page = person.page
    plug_in(cdp, prf=True)
    visit(person, "passkeys")
    page.get_by_label("Name").fill("This laptop")
    person.press("Add a passkey")
    prove(person)
    listed = page.get_by_role("list", name="Passkeys")
    expect(listed.get_by_text("unlocks your vaults")).to_be_visible(timeout=LONG_MS)
    screens = Screens(page)
    screens.look("passkeys")
    person.press("I have kept them")

    person.press("Lock")
    screens.look("unlock with a passkey")
    person.press("Unlock with a passkey")
    opened(person)
    assert not [request for request in sent if request.url.endswith("/auth/passkey-sessions")]

    page.context.clear_cookies()
    page.reload()
    person.press("Unlock with a passkey")
    opened(person)

    person.press("Lock")
    person.press("Forget this browser")
    person.press("Forget")
    page.get_by_label("E-mail").focus()
    person.press("Use a passkey")
    opened(person)
    page.goto(stack.url)
    expect(page.get_by_label("Account key")).to_be_visible()
    page.get_by_label("Account key").fill(person.account_key)
    person.unlock()
    opened(person)

    signed = [
        json.loads(request.post_data or "{}")["credential"]
        for request in sent
        if "credential" in (request.post_data or "")
    ]
    assert len(signed) == 3
    assert [one["clientExtensionResults"] for one in signed] == [{}, {}, {}]
    assert (screens.seen, screens.faults) == (2, [])


def test_a_passkey_that_cannot_unlock_is_a_second_factor(person: Person, cdp: CDPSession) -> None:
    page = person.page
    plug_in(cdp, prf=False)
    visit(person, "passkeys")
    person.press("Add a passkey")
    prove(person)
    expect(page.get_by_text("second factor only")).to_be_visible(timeout=LONG_MS)
    person.press("Let it unlock")
    expect(page.get_by_text("This passkey cannot unlock")).to_be_visible()

    page.context.clear_cookies()
    page.reload()
    person.unlock()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible(timeout=LONG_MS)
    screens = Screens(page)
    screens.look("second step")
    person.press("Use a passkey")
    opened(person)

    visit(person, "passkeys")
    person.press("Remove Passkey")
    prove(person)
    person.page.get_by_role("dialog").get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("There is no passkey yet.")).to_be_visible()
    assert screens.faults == []


def test_every_other_session_ends_at_once(person: Person, stack: Stack, browser: Browser) -> None:
    with browser.new_context() as context:
        elsewhere = Person(context.new_page(), person.email, person.account_key)
        elsewhere.log_in(stack.url)
        opened(elsewhere)
        visit(person, "sessions")
        listed = person.page.get_by_role("list", name="Sessions").get_by_role("listitem")
        expect(listed).to_have_count(2)
        expect(listed.filter(has_text="this browser")).to_have_count(1)
        screens = Screens(person.page)
        screens.look("sessions")

        person.press("Log out all others")

        expect(listed).to_have_count(1)
        asked = "fetch('/api/account/profile', {headers: {'KeyArc-Client': 'web'}})"
        assert elsewhere.page.evaluate(f"{asked}.then((answer) => answer.status)") == 401
        assert person.page.evaluate(f"{asked}.then((answer) => answer.status)") == 200
        assert screens.faults == []


def test_a_form_waits_as_long_as_the_server_wants_and_goes_on_by_itself(
    person: Person, stack: Stack, browser: Browser
) -> None:
    limited = []

    def limit(route: Route) -> None:
        limited.append(route.request.url)
        if len(limited) > 1:
            return route.fallback()
        body = {"type": "/problems/too-many-requests", "title": "Too Many", "status": 429}
        return route.fulfill(status=429, headers={"Retry-After": "3"}, json=body)

    with browser.new_context() as context:
        elsewhere = Person(context.new_page(), person.email, person.account_key)
        context.route("**/auth/prelogin", limit)
        elsewhere.log_in(stack.url)
        expect(elsewhere.page.get_by_text("It goes on by itself in")).to_be_visible()
        opened(elsewhere)

        limited.clear()
        elsewhere.press("Lock")
        context.route("**/api/account/keyring", limit)
        elsewhere.unlock()
        expect(elsewhere.page.get_by_text("It goes on by itself in")).to_be_visible()
        opened(elsewhere)
