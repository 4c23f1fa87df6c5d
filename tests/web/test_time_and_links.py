"""What is due, in all vaults and as a calendar file, and a value by a link without an account."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from machines.stack import Stack
from tests.web.person import Person
from tests.web.screens import Screens

LONG_MS = 30_000


@pytest.fixture
def person(page: Page, stack: Stack) -> Person:
    """Someone with a vault ``Work`` that has nothing in it."""
    someone = Person(page, f"{uuid4().hex[:12]}@example.com")
    someone.sign_up(stack.url)
    someone.create_vault("Work")
    return someone


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Page]:
    """The page of somebody without an account."""
    with browser.new_context() as context:
        yield context.new_page()


def day(ahead: int) -> str:
    return f"{(datetime.now(UTC) + timedelta(days=ahead)):%Y-%m-%d}"


def test_what_is_due_is_told_by_week_and_leaves_as_a_calendar(person: Person) -> None:
    page, screens = person.page, Screens(person.page)
    days: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/reminders") and request.method == "PUT":
            days.append(request.post_data or "")

    page.on("request", note)
    page.get_by_role("link", name="What is due").click()
    expect(page.get_by_role("heading", name="Nothing is due")).to_be_visible(timeout=LONG_MS)

    page.get_by_role("link", name="Work").click()
    person.press("Add secret", first=True)
    page.get_by_label("Expires").fill(day(20))
    page.get_by_label("Remind (days before)").fill("14")
    expect(page.get_by_text("The server learns this day")).to_be_visible()
    screens.look("dates")
    page.get_by_label("Name", exact=True).fill("CERT")
    person.press("Save")
    expect(page.get_by_role("term").filter(has_text="Reminder")).to_be_visible(timeout=LONG_MS)
    person.add_secret(Name="KEY", Value_1="k", **{"Replace every (days)": "90"})
    page.get_by_role("link", name="What is due").click()
    page.get_by_role("button", name="1 secret").last.click()
    expect(page.get_by_role("list", name="Later").get_by_text("KEY")).to_be_visible()
    expect(page.get_by_text("CERT")).to_have_count(0)
    page.get_by_role("button", name="1 secret").last.click()
    expect(page.get_by_role("list", name="Within 30 days").get_by_text("CERT")).to_be_visible()
    screens.look("what is due")
    with page.expect_download() as download:
        person.press("Calendar file (.ics)")

    text = Path(download.value.path()).read_text()
    assert text.count("BEGIN:VEVENT") == 2
    assert "SUMMARY:Work/CERT expires" in text
    assert [f'"day":"{day(6)}"' in told for told in days] == [True]
    page.goto(page.url.replace("/due", "/settings/reminders"))
    person.unlock()
    page.get_by_label("Write to me").uncheck()
    expect(page.get_by_text("You get no letters")).to_be_visible(timeout=LONG_MS)
    screens.look("reminders")
    assert screens.faults == []


def test_whoever_has_a_one_time_link_reads_it_without_an_account_until_it_is_burnt(
    person: Person, stranger: Page
) -> None:
    person.add_secret(Name="API_KEY", Value_1="sk-once")
    mine, theirs = Screens(person.page), Screens(stranger)
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(f"{request.method} {request.url} {request.headers} {request.post_data or ''}")

    stranger.on("request", note)
    person.press("Share once")
    mine.look("share once")
    person.press("Make a link")
    shown = person.page.get_by_label("Link", exact=True)
    expect(shown).to_be_visible(timeout=LONG_MS)
    link = shown.inner_text()
    mine.look("link")
    person.press("I have it")

    stranger.goto(link)
    only = stranger.get_by_role("button", name="Read it now, for the only time")
    expect(only).to_be_visible(timeout=LONG_MS)
    assert stranger.url == link.partition("#")[0]
    theirs.look("offered")
    stranger.reload()
    expect(stranger.get_by_role("heading", name="This link is not whole")).to_be_visible()
    stranger.goto("about:blank")
    stranger.goto(link)
    only.click()
    expect(stranger.get_by_text("the link is burnt")).to_be_visible(timeout=LONG_MS)
    stranger.get_by_role("button", name="Reveal").click()
    expect(stranger.get_by_text("sk-once")).to_be_visible()
    theirs.look("burnt")
    assert [one for one in asked if link.partition("#")[2] in one or "Workspace" in one] == []
    assert sum(one.startswith("POST") and "/auth/links/" in one for one in asked) == 1

    stranger.goto("about:blank")
    stranger.goto(link)
    expect(stranger.get_by_role("heading", name="opens nothing any more")).to_be_visible()
    person.page.goto(link.partition("/once")[0] + "/settings/one-time-links")
    person.unlock()
    links = person.page.get_by_role("list", name="One-time links").get_by_role("listitem")
    expect(links.get_by_text("Burnt")).to_be_visible(timeout=LONG_MS)
    mine.look("one-time links")
    links.get_by_role("button", name="Remove").click()
    expect(links).to_have_count(0, timeout=LONG_MS)
    assert [mine.faults, theirs.faults] == [[], []]
