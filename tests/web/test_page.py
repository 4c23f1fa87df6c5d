"""How the page looks and is worked: every screen, width and colour; keys, locking, clipboard."""

from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from machines.stack import Stack
from tests.web.person import PASSWORD, Person
from tests.web.screens import Screens

MINUTE_MS = 60_000


@pytest.fixture
def person(page: Page, stack: Stack) -> Person:
    """Someone who has just signed up and has an empty vault ``Work``."""
    someone = Person(page, f"{uuid4().hex}@example.com")
    someone.sign_up(stack.url)
    someone.create_vault("Work")
    return someone


def test_no_screen_before_the_vaults_keeps_anybody_out(page: Page, stack: Stack) -> None:
    screens = Screens(page)

    page.goto(stack.url)
    screens.look("log in")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Type your password.")).to_be_visible()
    screens.look("log in, with faults")
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("E-mail").fill("someone@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    screens.look("sign up")
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("button", name="I have kept both codes").wait_for()
    screens.look("kit")
    page.get_by_role("button", name="I have kept both codes").click()
    page.get_by_role("button", name="Create account").click()
    screens.look("proof, with faults")

    assert screens.seen == 5
    assert screens.faults == []


def test_no_screen_of_the_vaults_keeps_anybody_out(person: Person) -> None:
    page = person.page
    screens = Screens(page)

    screens.look("empty vault")
    person.add_secret(Name="STRIPE_KEY", Folder="billing", Expires="2026-12-01", Value_1="sk_1")
    person.press("Reveal")
    screens.look("secret")
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Value 1").wait_for()
    screens.look("form")
    page.get_by_role("link", name="Cancel").click()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").wait_for()
    screens.look("palette")
    page.keyboard.press("Escape")
    person.press("New vault")
    page.get_by_label("Vault name").wait_for()
    screens.look("new vault")
    page.keyboard.press("Escape")
    person.press("Lock")
    page.get_by_role("heading", name="Unlock").wait_for()
    screens.look("unlock")

    assert screens.seen == 6
    assert screens.faults == []


def test_the_keyboard_reaches_every_secret(person: Person) -> None:
    for name in ("ALPHA", "BETA", "GAMMA"):
        person.add_secret(Name=name, Value_1="value")
    page = person.page

    page.keyboard.press("Escape")
    expect(page.get_by_text("Pick a secret")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("a")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="BETA")).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("gam")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="GAMMA")).to_be_visible()
    page.keyboard.press("Control+l")
    expect(page.get_by_role("heading", name="Unlock")).to_be_visible()


def test_edits_are_not_lost_without_a_question(person: Person) -> None:
    person.add_secret(Name="ALPHA", Value_1="value")
    page = person.page

    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Notes").fill("half a thought")
    page.get_by_role("link", name="ALPHA").click()
    person.press("Keep editing")

    expect(page.get_by_label("Notes")).to_have_value("half a thought")
    page.get_by_role("link", name="Cancel").click()
    person.press("Discard")
    expect(page.get_by_role("button", name="Reveal")).to_be_visible()


def test_the_page_locks_itself_after_fifteen_idle_minutes(page: Page, stack: Stack) -> None:
    page.clock.install()
    someone = Person(page, f"{uuid4().hex}@example.com")
    someone.sign_up(stack.url)
    someone.create_vault("Work")
    someone.add_secret(Name="ALPHA", Value_1="value")

    page.clock.fast_forward(14 * MINUTE_MS)
    expect(page.get_by_role("heading", name="ALPHA")).to_be_visible()
    page.clock.fast_forward(2 * MINUTE_MS)

    expect(page.get_by_text("Locked after 15 idle minutes.")).to_be_visible()
    expect(page.get_by_text("ALPHA")).to_have_count(0)


def test_a_copied_value_leaves_the_clipboard_after_thirty_seconds(page: Page, stack: Stack) -> None:
    page.context.grant_permissions(["clipboard-write"])
    page.clock.install()
    someone = Person(page, f"{uuid4().hex}@example.com")
    someone.sign_up(stack.url)
    someone.create_vault("Work")
    someone.add_secret(Name="ALPHA", Value_1="to be pasted once")
    search = page.get_by_label("Search")

    someone.press("Copy")
    expect(page.get_by_text("Cleared in 30 s.")).to_be_visible()
    search.press("Control+v")
    expect(search).to_have_value("to be pasted once")
    search.fill("")
    page.clock.run_for(31_000)
    expect(page.get_by_text("Cleared in")).to_have_count(0)
    search.press("Control+v")

    expect(search).to_have_value("")


def test_only_the_kit_is_for_paper(person: Person) -> None:
    page = person.page
    page.get_by_role("button", name=person.email).click()
    person.press("Emergency Kit")
    person.press("Show kit")
    page.get_by_label("Password").fill(PASSWORD)
    person.press("Prove it")
    page.get_by_label("Account key").wait_for(timeout=30_000)

    page.emulate_media(media="print")

    expect(page.get_by_role("article", name="Emergency Kit")).to_contain_text(person.email)
    expect(page.get_by_label("Account key")).to_be_visible()
    expect(page.get_by_role("button", name="Print")).not_to_be_visible()


def test_the_theme_is_all_that_is_stored_in_the_clear(person: Person) -> None:
    page = person.page
    page.get_by_role("button", name=person.email).click()
    page.get_by_text("dark", exact=True).click()

    assert page.evaluate("({...localStorage})") == {"theme": "dark"}
    assert page.evaluate("sessionStorage.length") == 0
    assert page.evaluate("document.cookie") == ""
