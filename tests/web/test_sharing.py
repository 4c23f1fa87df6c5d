"""A vault shared between browsers: by a link, by words, and taken away again."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from machines.stack import Stack
from tests.web.person import PASSWORD, Person
from tests.web.screens import Screens

LONG_MS = 30_000


class Seen:
    """Everything that a page asked for."""

    def __init__(self, page: Page) -> None:
        self.texts: list[str] = []
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        body = request.post_data_buffer or b""
        headers = " ".join(f"{name}: {text}" for name, text in request.headers.items())
        self.texts += [request.url, headers, body.decode(errors="replace")]

    def has(self, text: str) -> bool:
        return any(text in one for one in self.texts)


def someone(page: Page) -> Person:
    return Person(page, f"{uuid4().hex[:12]}@example.com")


@pytest.fixture
def owner(page: Page, stack: Stack) -> Person:
    """Someone with a vault ``Team`` that has two secrets, who looks at its members."""
    person = someone(page)
    person.sign_up(stack.url)
    person.create_vault("Team")
    person.add_secret(Name="API_KEY", Value_1="sk-shared")
    person.add_secret(Name="TOKEN", Value_1="t0ken")
    page.get_by_role("link", name="Members").click()
    return person


@pytest.fixture
def other(browser: Browser) -> Iterator[Person]:
    """Someone at another browser, which knows nothing yet."""
    with browser.new_context() as context:
        yield someone(context.new_page())


def invite(owner: Person) -> str:
    """Make a link for a member, copy it by hand and put it away."""
    owner.press("Make a link")
    shown = owner.page.get_by_label("Link", exact=True)
    expect(shown).to_be_visible(timeout=LONG_MS)
    link = shown.inner_text()
    owner.press("I have it")
    return link


def accept(guest: Person, link: str, screens: Screens) -> None:
    """Open a link at a browser that knows nobody, make an account, and join."""
    page = guest.page
    page.goto(link)
    expect(page.get_by_role("heading", name="You are invited to a vault")).to_be_visible()
    assert page.url == link.partition("#")[0]
    screens.look("invited")
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("E-mail").fill(guest.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    guest.press("Sign up")
    guest.read_kit()
    guest.keep_kit("Create account")
    expect(page.get_by_role("button", name="Join the vault")).to_be_visible(timeout=LONG_MS)
    screens.look("invitation")
    guest.press("Join the vault")
    expect(page.get_by_role("heading", name="Team")).to_be_visible(timeout=LONG_MS)


def change_value(person: Person, value: str) -> None:
    """Save another value of the secret that is open."""
    person.page.get_by_role("link", name="Edit").click()
    person.page.get_by_label("Value 1").fill(value)
    person.press("Save")
    expect(person.page.get_by_role("link", name="Edit")).to_be_visible(timeout=LONG_MS)


def look_for_changes(person: Person) -> None:
    person.page.get_by_role("button", name="Look for changes").click()


def test_whoever_has_the_link_joins_reads_and_is_taken_out_again(
    owner: Person, other: Person
) -> None:
    """M35, M39: the link's secret meets no server, and a removed member reads nothing new."""
    asked = [Seen(owner.page), Seen(other.page)]
    guests, keepers = Screens(other.page), Screens(owner.page)
    link = invite(owner)
    secret = link.partition("#")[2]

    accept(other, link, guests)
    other.open_secret("API_KEY")
    other.press("Reveal")
    expect(other.page.get_by_text("sk-shared")).to_be_visible()
    change_value(other, "sk-by-the-guest")

    look_for_changes(owner)
    guest = owner.page.get_by_role("list", name="Members").get_by_role("article").nth(1)
    expect(guest.get_by_text("known by link")).to_be_visible(timeout=LONG_MS)
    guest.get_by_role("button", name="Remove").click()
    guest.get_by_role("button", name="Remove, and change the key").click()
    leavers = owner.page.get_by_role("list", name="Leavers")
    expect(leavers.get_by_text("0 of 2 replaced")).to_be_visible(timeout=LONG_MS)
    keepers.look("leavers")
    leavers.get_by_role("link", name="API_KEY").click()
    change_value(owner, "sk-replaced")
    owner.page.get_by_role("link", name="Members").click()
    expect(leavers.get_by_text("1 of 2 replaced")).to_be_visible(timeout=LONG_MS)

    look_for_changes(other)
    expect(other.page.get_by_text("You are no longer in “Team”")).to_be_visible(timeout=LONG_MS)
    expect(other.page.get_by_role("heading", name="Create your first vault")).to_be_visible()
    other.page.reload()
    other.unlock()
    expect(other.page.get_by_role("heading", name="Create your first vault")).to_be_visible()
    been = other.page.evaluate("navigation.entries().map(({url}) => url).join(' ')")
    assert [secret in been, *(seen.has(secret) for seen in asked)] == [False] * 3
    assert [guests.faults, keepers.faults] == [[], []]


def test_whoever_is_added_by_words_takes_the_vault_in_after_a_yes(
    owner: Person, other: Person, stack: Stack
) -> None:
    other.sign_up(stack.url)
    other.create_vault("Own")
    screens = Screens(owner.page)
    guests = Screens(other.page)
    theirs = other.page.get_by_role("list", name="Your words")
    other.page.get_by_role("link", name="Members").click()
    other.page.get_by_text("Your words").click()
    expect(theirs).to_be_visible(timeout=LONG_MS)

    owner.page.get_by_label("Their e-mail").fill(other.email)
    owner.press("Look up")
    words = owner.page.get_by_role("list", name=f"Words of {other.email}")
    expect(words).to_be_visible(timeout=LONG_MS)
    assert words.inner_text() == theirs.inner_text()
    screens.look("words")
    owner.press("The words are the same: add them")
    expect(owner.page.get_by_text("words compared")).to_be_visible(timeout=LONG_MS)
    owner.page.get_by_text("Your words").click()
    mine = owner.page.get_by_role("list", name="Your words")
    expect(mine).to_be_visible(timeout=LONG_MS)

    other.page.reload()
    other.unlock()
    other.press("Look at it")
    shown = other.page.get_by_role("list", name="Words of whoever added you")
    expect(shown).to_be_visible(timeout=LONG_MS)
    assert shown.inner_text() == mine.inner_text()
    guests.look("waiting")
    other.press("The words are the same: take it in")
    expect(other.page.get_by_role("heading", name="Team")).to_be_visible(timeout=LONG_MS)
    other.open_secret("TOKEN")
    other.press("Reveal")
    expect(other.page.get_by_text("t0ken")).to_be_visible()
    assert [screens.faults, guests.faults] == [[], []]
