"""What a person does, from the first visit on, in a real browser and across both clients."""

from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from machines.stack import Stack
from tests.cli.keyarc import Keyarc
from tests.web.person import PASSWORD, Person

LONG_MS = 30_000


@pytest.fixture
def person(page: Page, stack: Stack) -> Person:
    """Someone who has just signed up and has an empty vault ``Work``."""
    someone = Person(page, f"{uuid4().hex}@example.com")
    someone.sign_up(stack.url)
    someone.create_vault("Work")
    return someone


def test_a_secret_is_there_after_the_page_was_closed_and_unlocked(person: Person) -> None:
    person.add_secret(Name="STRIPE_KEY", Folder="billing", Field_1="key", Value_1="sk_test_4242")

    person.page.reload()
    expect(person.page.get_by_text("STRIPE_KEY")).to_have_count(0)
    person.unlock()

    person.open_secret("STRIPE_KEY")
    expect(person.page.get_by_text("sk_test_4242")).to_have_count(0)
    person.press("Reveal")
    expect(person.page.get_by_text("sk_test_4242")).to_be_visible()


def test_a_wrong_password_opens_nothing_and_says_so(person: Person) -> None:
    person.page.reload()

    person.unlock("not the password at all")

    expect(person.page.get_by_text("That is not the password")).to_be_visible(timeout=LONG_MS)
    person.unlock()
    expect(person.page.get_by_role("heading", name="Work")).to_be_visible(timeout=LONG_MS)


def test_a_deleted_secret_comes_back_by_undo(person: Person) -> None:
    person.add_secret(Name="TOKEN", Value_1="t0ken")

    person.press("Delete")
    listed = person.page.get_by_role("list", name="Secrets").get_by_text("TOKEN", exact=True)
    expect(listed).to_have_count(0)
    person.press("Undo")

    expect(listed).to_be_visible()
    person.open_secret("TOKEN")
    person.press("Reveal")
    expect(person.page.get_by_text("t0ken")).to_be_visible()


def test_the_command_line_imports_what_the_page_then_shows(
    person: Person, stack: Stack, tmp_path: Path
) -> None:
    keyarc = Keyarc(tmp_path / "home", stack.url, person.email, PASSWORD)
    keyarc.variables["KEYARC_ACCOUNT_KEY"] = person.account_key
    file = tmp_path / ".env"
    file.write_text('API_URL=https://example.com\nMOTTO="two words"\n')

    keyarc("login")
    keyarc("import", str(file), "--vault", "Work", "--yes")
    person.page.reload()
    person.unlock()

    person.open_secret("MOTTO")
    person.press("Reveal")
    expect(person.page.get_by_text("two words")).to_be_visible()


def test_the_command_line_reads_what_the_page_kept(
    person: Person, stack: Stack, tmp_path: Path
) -> None:
    person.add_secret(Name="FROM_THE_PAGE", Value_1="kept in the browser")
    keyarc = Keyarc(tmp_path / "home", stack.url, person.email, PASSWORD)
    keyarc.variables["KEYARC_ACCOUNT_KEY"] = person.account_key

    keyarc("login")

    assert keyarc("get", "Work/FROM_THE_PAGE").out == "kept in the browser"
    ran = keyarc("run", "--vault", "Work", "--", "sh", "-c", 'printf %s "$FROM_THE_PAGE"')
    assert ran.out == "kept in the browser"


def test_another_browser_logs_in_with_the_account_key(
    person: Person, stack: Stack, browser: Browser
) -> None:
    """M15: a browser that knows nothing yet says how far the vault has come, and by whom."""
    person.add_secret(Name="SHARED_BY_ME", Value_1="with myself")
    with browser.new_context() as context:
        elsewhere = Person(context.new_page(), person.email, person.account_key)

        elsewhere.log_in(stack.url)

        elsewhere.open_secret("SHARED_BY_ME")
        elsewhere.press("Reveal")
        expect(elsewhere.page.get_by_text("with myself")).to_be_visible()
        expect(elsewhere.page.get_by_text("Change 2, by you")).to_be_visible()


def test_whoever_types_at_once_keeps_the_focus_while_the_page_wakes_up(
    page: Page, stack: Stack
) -> None:
    page.goto(stack.url)

    page.get_by_label("E-mail").focus()
    with page.expect_worker():
        page.keyboard.type("me@example.com")
    page.wait_for_timeout(500)
    page.keyboard.type(".org")

    expect(page.get_by_label("E-mail")).to_have_value("me@example.com.org")


def test_what_is_typed_outlives_the_secret_that_is_deleted_elsewhere(
    person: Person, stack: Stack, tmp_path: Path
) -> None:
    person.add_secret(Name="TOKEN", Value_1="t0ken")
    keyarc = Keyarc(tmp_path / "home", stack.url, person.email, PASSWORD)
    keyarc.variables["KEYARC_ACCOUNT_KEY"] = person.account_key
    keyarc("login")
    person.page.get_by_role("link", name="Edit").click()
    person.page.get_by_label("Notes").fill("half a thought")

    keyarc("rm", "Work/TOKEN")
    person.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    listed = person.page.get_by_role("list", name="Secrets").get_by_text("TOKEN", exact=True)
    expect(listed).to_have_count(0)

    expect(person.page.get_by_label("Notes")).to_have_value("half a thought")
    person.press("Save")
    expect(person.page.get_by_role("alert")).to_be_in_viewport()
    expect(person.page.get_by_label("Notes")).to_have_value("half a thought")
