"""What was: versions, the trash, the log and a check of everything, as a person meets them."""

from uuid import uuid4

from playwright.sync_api import Page, expect

from machines.stack import Stack
from tests.web.person import Person
from tests.web.screens import Screens


def test_what_was_changed_and_deleted_comes_back_and_all_of_it_can_be_checked(
    page: Page, stack: Stack
) -> None:
    person = Person(page, f"{uuid4().hex}@example.com")
    person.sign_up(stack.url)
    person.create_vault("Work")
    screens = Screens(page)
    person.add_secret(Name="STRIPE_KEY", Value_1="sk_first")
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Value 1", exact=True).fill("sk_second")
    person.press("Save")
    expect(page.get_by_text("2, history")).to_be_visible()

    page.get_by_role("link", name="history", exact=True).click()
    person.press("Open version 1")
    person.press("Reveal values")
    expect(page.get_by_role("cell", name="sk_second")).to_be_visible()
    screens.look("history")
    person.press("Restore this version")
    expect(page.get_by_text("Version 3", exact=True)).to_be_visible()
    person.open_secret("STRIPE_KEY")
    person.press("Reveal")
    expect(page.get_by_text("sk_first")).to_be_visible()

    person.press("Delete")
    page.get_by_role("link", name="Trash", exact=True).click()
    expect(page.get_by_role("listitem", name="STRIPE_KEY")).to_be_visible()
    screens.look("trash")
    person.press("Restore")
    expect(page.get_by_text("Nothing was deleted from this vault.")).not_to_be_visible()
    person.open_secret("STRIPE_KEY")

    look_back(page, person, screens)
    assert screens.faults == []


def look_back(page: Page, person: Person, screens: Screens) -> None:
    """Read the log, check everything, and see the vault as it was."""
    page.get_by_role("link", name="Log", exact=True).click()
    entries = page.get_by_role("list", name="Log", exact=True)
    expect(entries).to_contain_text("You restored STRIPE_KEY")
    expect(entries).to_contain_text("You read STRIPE_KEY")
    person.press("Check everything")
    expect(page.get_by_text("6 changes from the first one on")).to_be_visible()
    screens.look("log, checked")
    page.get_by_role("link", name="change 2", exact=True).click()
    then = page.get_by_role("list", name="Secrets then")
    expect(then).to_contain_text("STRIPE_KEY")
    screens.look("as it was")


def test_a_log_that_the_server_changed_is_told_in_words_and_nothing_is_opened(
    page: Page, stack: Stack
) -> None:
    """M29: after an alarm nothing more is asked about that vault."""
    person = Person(page, f"{uuid4().hex}@example.com")
    person.sign_up(stack.url)
    person.create_vault("Work")
    person.add_secret(Name="STRIPE_KEY", Value_1="sk_first")
    page.get_by_role("button", name="Reveal").wait_for()
    look = page.get_by_role("button", name="Look for changes")
    expect(look).not_to_have_attribute("aria-busy", "true")
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.context.route(
        "**/audit?*", lambda route: route.fulfill(json={"items": [], "next": None, "head": None})
    )

    look.click()

    expect(page.get_by_text("rows were changed or are missing")).to_be_visible()
    asked.clear()
    person.press("Try again")
    expect(page.get_by_text("rows were changed or are missing")).to_be_visible()
    assert [url for url in asked if "/api/keys/" in url] == []
